"""Who is named to a provider: never a trunk, a user, ourselves, or somebody who may be forged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from ringfence.model.incident import InTrouble
from ringfence.reports.letters.drop import LASTS, MAX_PORTS, list_drops, networks_of, public
from ringfence.reports.letters.flowspec import DISCARD, SLOW
from ringfence.respond import plan
from tests.reports.letters.upstream_scene import (
    FORGED,
    GUESSER,
    PBX,
    STREAMS,
    SUSPECTS,
    THIEF,
    brief,
    incident,
    stream,
    suspect,
)


def named(**changes: object) -> list[str]:
    return [str(source) for source in list_drops(brief(**changes)).sources]


def test_the_proven_first_then_the_busy() -> None:
    assert named() == [THIEF, GUESSER, FORGED]


def test_a_forged_address_is_slowed_never_dropped() -> None:
    rates = {str(rule.source.network_address): rule.rate for rule in list_drops(brief()).rules}
    assert rates == {THIEF: DISCARD, GUESSER: DISCARD, FORGED: SLOW}


def test_a_mere_suspect_is_left_out_and_told() -> None:
    wanted = list_drops(brief())
    assert "192.0.2.200" not in named()
    assert any("192.0.2.200" in remark for remark in wanted.remarks)


def test_a_trunk_that_the_block_lists_spare_is_spared() -> None:
    assert THIEF not in named(spared=((THIEF, "a trunk"),))


def test_a_user_in_trouble_is_spared() -> None:
    user = InTrouble(THIEF, "240", "wrong PIN", "", "bad_pin", "type it again")
    assert THIEF not in named(incident=replace(incident(*SUSPECTS), in_trouble=[user]))


@pytest.mark.parametrize(
    "address", [PBX, "10.0.0.7", "100.64.0.1", "127.0.0.1", "224.0.0.1", "fe80::1", "a; reboot"]
)
def test_what_no_provider_can_drop_is_left_out(address: str) -> None:
    wanted = list_drops(brief(suspect(address)))
    assert wanted.drops == ()
    assert "not asked to be dropped" in wanted.remarks[0]


def test_ports_of_a_source_are_one_rule() -> None:
    drop = list_drops(brief()).drops[0]
    assert (drop.to, drop.messages) == ("UDP 5060, 5080", 2091)


def test_a_scan_of_all_ports_names_the_busiest_few() -> None:
    scan = tuple(stream(THIEF, destination_port=port, messages=port) for port in range(5000, 5100))
    (drop,) = list_drops(brief(SUSPECTS[0], streams=scan)).drops
    assert len(drop.ports) == MAX_PORTS
    assert drop.ports[0] == 5099


def test_without_streams_it_is_sip_over_udp() -> None:
    (drop,) = list_drops(brief(SUSPECTS[0], streams=())).drops
    assert (drop.destination, drop.to) == (ip_address(PBX), "UDP 5060")


def test_a_private_server_behind_nat_is_our_one_public_address() -> None:
    (drop,) = list_drops(
        brief(SUSPECTS[0], streams=(stream(THIEF, "10.0.0.2"),), incident=incident(SUSPECTS[0]))
    ).drops
    assert drop.destination == ip_address(PBX)


def test_only_a_private_server_makes_no_rule() -> None:
    night = incident(SUSPECTS[0], defended=("10.0.0.2",))
    wanted = list_drops(brief(incident=night, streams=(stream(THIEF, "10.0.0.2"),)))
    assert wanted.drops[0].destination is None
    assert wanted.rules == []
    assert "brackets" in wanted.remarks[-1]


def test_an_address_that_is_not_ours_is_in_no_rule() -> None:
    streams = (*STREAMS, stream(THIEF, "203.0.113.200"))
    assert {str(rule.destination) for rule in list_drops(brief(streams=streams)).rules} == {
        PBX,
        "2001:db8:2::22",
    }


def test_it_lasts_as_long_as_a_block_list() -> None:
    assert LASTS == plan.LASTS
    assert list_drops(brief()).until == datetime(2026, 1, 9, 0, 30, tzinfo=UTC)


def test_networks_are_counted() -> None:
    many = [suspect(f"198.51.100.{n}") for n in range(5)] + [suspect("192.0.2.1")]
    networks = networks_of(list_drops(brief(*many, streams=())).drops)
    assert [(str(network), len(drops)) for network, drops in networks] == [
        ("198.51.100.0/24", 5),
        ("192.0.2.0/24", 1),
    ]


def test_documentation_counts_as_public() -> None:
    assert public(ip_address("192.0.2.1"))
    assert not public(ip_address("192.168.0.1"))
