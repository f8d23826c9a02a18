"""A wire between two namespaces."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.respond.block.wire import Wire


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Up for one test, and gone after it whatever happens."""
    with Wire() as wire:
        yield wire
