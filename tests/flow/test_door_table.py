"""The two sets of a real nftables, in a namespace: what gets in, and for how long."""

# ruff: noqa: S104  addresses that must be refused

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from ringfence.flow.door_table import DoorTable, tunnel_peers
from ringfence.model.door import DoorError
from ringfence.respond.nft.program import Program
from tests.respond.block.wire import Wire, needs

pytestmark = needs("nft")
NOW = 1_800_000_000.0
RULES = """
add table inet ringfence_lockdown
add set inet ringfence_lockdown door4 { type ipv4_addr; flags timeout; size 4096; }
add set inet ringfence_lockdown door6 { type ipv6_addr; flags timeout; size 4096; }
add chain inet ringfence_lockdown input { type filter hook input priority -5; policy accept; }
add rule inet ringfence_lockdown input ip saddr @door4 udp dport 5060 accept
add rule inet ringfence_lockdown input ip6 saddr @door6 udp dport 5060 accept
add rule inet ringfence_lockdown input ip saddr 198.51.100.1 accept
add rule inet ringfence_lockdown input ip6 saddr 2001:db8:0:2::1 accept
add rule inet ringfence_lockdown input udp dport 5060 drop
"""
STRANGER, HOME, HOME6 = "203.0.113.66", "198.51.100.9", "2001:db8::66"


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


def program(wire: Wire) -> Program:
    return Program(("ip", "netns", "exec", f"{wire.prefix}in", "nft"))


@pytest.fixture
def table(wire: Wire) -> DoorTable:
    program(wire).load(RULES)
    return DoorTable(program(wire))


def test_only_the_address_of_the_door_gets_to_port_5060(wire: Wire, table: DoorTable) -> None:
    senders = [(STRANGER, 5060), (HOME, 5060), (HOME6, 5060)]
    assert wire.passing(senders) == []
    table.set({HOME: NOW + 60, HOME6: NOW + 60}, NOW)
    assert wire.passing(senders) == [(HOME, 5060), (HOME6, 5060)]
    table.set({HOME: 0.0}, NOW)
    assert wire.passing(senders) == [(HOME6, 5060)]


def test_the_kernel_ends_a_door_by_itself(wire: Wire, table: DoorTable) -> None:
    table.set({HOME: NOW + 1}, NOW)
    assert wire.passing([(HOME, 5060)]) == [(HOME, 5060)]
    end = time.monotonic() + 10
    while table.open_now() and time.monotonic() < end:
        pass
    assert wire.passing([(HOME, 5060)]) == []


def test_a_door_is_made_longer_and_shorter(table: DoorTable) -> None:
    for seconds in (60, 6000, 60):
        table.set({HOME: NOW + seconds}, NOW)
        found = table.open_now()
        assert found is not None
        assert seconds - 5 <= found[HOME] <= seconds


def test_what_is_not_open_can_be_closed(table: DoorTable) -> None:
    table.set({HOME: 0.0, HOME6: NOW - 5}, NOW)
    assert table.open_now() == {}


@pytest.mark.parametrize("text", ["198.51.100.0/24", "0.0.0.0", "10.0.0.1", "1.1.1.1 } }", "::/0"])
def test_nothing_but_a_single_address_gets_to_nft(table: DoorTable, text: str) -> None:
    with pytest.raises(DoorError):
        table.set({HOME: NOW + 60, text: NOW + 60}, NOW)
    assert table.open_now() == {}


def test_where_nothing_is_closed_there_is_no_door(wire: Wire) -> None:
    table = DoorTable(program(wire))
    assert table.open_now() is None
    with pytest.raises(DoorError, match="not closed"):
        table.set({HOME: NOW + 60}, NOW)


def test_who_the_guard_knows_is_read_from_its_own_table(wire: Wire) -> None:
    table = DoorTable(program(wire))
    assert table.registered() == []
    program(wire).load(
        "add table inet ringfence\n"
        "add set inet ringfence known4 { type ipv4_addr; flags timeout; }\n"
        "add set inet ringfence block4 { type ipv4_addr; flags timeout; }\n"
        "add element inet ringfence known4 { 10.9.0.2 timeout 1h }\n"
        "add element inet ringfence block4 { 203.0.113.66 timeout 1h }\n"
    )
    assert table.registered() == ["10.9.0.2"]


@pytest.mark.parametrize("name", ["", "--help", "wg0; reboot", "x" * 16])
def test_an_interface_is_no_option_and_no_command(name: str) -> None:
    with pytest.raises(DoorError, match="no name"):
        tunnel_peers(name)


def test_a_tunnel_that_is_not_there_is_said(wire: Wire) -> None:
    with pytest.raises(DoorError):
        tunnel_peers("wg9", ("ip", "netns", "exec", f"{wire.prefix}in"))
