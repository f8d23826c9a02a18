"""A wire between two namespaces: the phone system is in the inner one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringfence.remote.gate import Gate
from tests.remote.closings import gate_of
from tests.respond.block.wire import Wire


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Up for one test, and gone after it whatever happens."""
    with Wire() as wire:
        yield wire


@pytest.fixture
def gate(wire: Wire) -> Gate:
    return gate_of(wire)
