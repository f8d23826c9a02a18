"""Addresses inside: free here, rare elsewhere, not given again at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from random import Random

import pytest

from ringfence.model.remote import RemoteError
from ringfence.remote.addresses import (
    check_free,
    choose_lan,
    choose_network,
    choose_network6,
    is_inside,
    is_over,
    next_addresses,
)
from tests.model.test_remote import PEER, TUNNEL

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_network_meets_no_route_of_this_machine() -> None:
    draw = Random(1).randrange  # noqa: S311  seeded on purpose
    taken = ["default", "10.64.0.0/10", "10.128.0.0/10", "192.168.1.0/24", "192.0.2.7", "odd"]
    for _ in range(100):
        found = IPv4Network(choose_network(taken, draw))
        assert found.prefixlen == 24
        assert found.subnet_of(IPv4Network("10.192.0.0/10"))


def test_a_machine_with_all_of_ten_says_so() -> None:
    with pytest.raises(RemoteError, match="--network"):
        choose_network(["10.0.0.0/8"], Random(1).randrange)  # noqa: S311  seeded on purpose


def test_networks_of_ipv6_are_local_and_drawn() -> None:
    found = {choose_network6(Random(seed).randrange) for seed in range(20)}  # noqa: S311  seeded on purpose
    assert len(found) == 20
    assert all(IPv6Network(one).subnet_of(IPv6Network("fd00::/8")) for one in found)


def test_phones_get_no_network_that_is_taken() -> None:
    taken = [f"192.168.{n}.0/24" for n in range(256) if n != 77]
    assert choose_lan(taken[:77] + taken[77:], Random(1).randrange) == "192.168.77.0/24"  # noqa: S311  seeded on purpose
    with pytest.raises(RemoteError, match="--lan"):
        choose_lan(["192.168.0.0/16"], Random(1).randrange)  # noqa: S311  seeded on purpose


@pytest.mark.parametrize("wanted", ["10.0.0.0/16", "10.0.5.1/24", "nonsense", "fd00::/64"])
def test_a_network_that_is_taken_or_none_is_refused(wanted: str) -> None:
    with pytest.raises(RemoteError):
        check_free(wanted, ["10.0.5.0/24"])
    check_free("10.1.0.0/24", ["10.0.5.0/24"])


def test_addresses_go_up_and_those_of_the_revoked_rest() -> None:
    gone = replace(PEER, revoked=NOW.isoformat())
    assert next_addresses(TUNNEL, [], NOW)[0] == "10.87.12.2"
    assert next_addresses(TUNNEL, [gone], NOW)[0] == "10.87.12.3"
    assert next_addresses(TUNNEL, [gone], NOW + timedelta(days=31))[0] == "10.87.12.2"
    assert not is_over(PEER, NOW + timedelta(days=3650))


def test_a_full_network_says_what_to_do() -> None:
    everybody = [replace(PEER, address=f"10.87.12.{n}") for n in range(2, 255)]
    with pytest.raises(RemoteError, match="revoke whom you do not need"):
        next_addresses(TUNNEL, everybody, NOW)


def test_inside() -> None:
    assert is_inside("10.87.12.9", TUNNEL.network)
    assert is_inside("fd12:3456:789a::9", TUNNEL.network6)
    assert not is_inside("fd12::9", TUNNEL.network)
    assert not is_inside("odd", TUNNEL.network)
