"""A wire between two namespaces, and our tables in the inner one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringfence.respond.nft.firewall import Nftables
from ringfence.respond.nft.program import Program
from tests.respond.block.wire import Wire


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Up for one test, and gone after it whatever happens."""
    with Wire() as wire:
        yield wire


@pytest.fixture
def firewall(wire: Wire) -> Nftables:
    """The responder, for the firewall inside."""
    program = Program(("ip", "netns", "exec", f"{wire.prefix}in", "nft"))
    return Nftables(
        program, lambda device: not wire.attempt("ip", "link", "show", device).returncode
    )
