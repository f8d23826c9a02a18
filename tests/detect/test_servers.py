"""Which servers are ours: whoever the others ask, not whom we ask."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from ringfence.detect.servers import SERVER_SHARE, Served, find_ours
from tests.conversations.script import FOLDER, read_scene
from tests.conversations.trial import watch_packets

PBX, PROXY, TRUNK, EVE = "192.0.2.10", "192.0.2.5", "198.51.100.30", "203.0.113.66"


def ours(**asked: tuple[int, int, int]) -> list[str]:
    """Our servers among these: requests to each, by how many clients, and its own."""
    places = {"pbx": PBX, "proxy": PROXY, "trunk": TRUNK, "eve": EVE}
    servers = {ip_address(places[name]): Served(*counts) for name, counts in asked.items()}
    return [str(address) for address in find_ours(servers)]


def test_nobody_was_asked() -> None:
    assert find_ours({}) == ()


def test_the_only_one_asked_is_ours() -> None:
    assert ours(pbx=(1, 1, 0)) == [PBX]


@pytest.mark.parametrize(
    ("pbx", "proxy", "found"),
    [
        ((100, 2, 10), (300, 40, 200), [PROXY, PBX]),
        ((300, 2, 10), (300, 40, 300), [PROXY, PBX]),
        ((400, 9, 10), (300, 40, 600), [PBX, PROXY]),  # a proxy that forks
        ((300, 9, 10), (10, 2, 10), [PBX]),  # next to never asked
    ],
)
def test_proxy_and_the_server_behind_are_both_ours(
    pbx: tuple[int, int, int], proxy: tuple[int, int, int], found: list[str]
) -> None:
    assert ours(pbx=pbx, proxy=proxy) == found


def test_trunk_that_only_our_server_asks_is_not_ours() -> None:
    assert ours(pbx=(500, 30, 90), trunk=(80, 1, 20)) == [PBX]


def test_attacker_whom_we_ping_is_not_ours() -> None:
    assert ours(pbx=(9_000, 4, 600), eve=(600, 1, 8_000)) == [PBX]


def test_attacker_whom_several_ping_still_asks_more_than_he_is_asked() -> None:
    assert ours(pbx=(9_000, 4, 300), proxy=(4_000, 3, 300), eve=(600, 2, 8_000)) == [PBX, PROXY]


@pytest.mark.parametrize(("requests", "is_ours"), [(49, False), (50, True)])
def test_share_of_the_busiest(requests: int, is_ours: bool) -> None:
    assert (PROXY in ours(pbx=(50 * SERVER_SHARE, 9, 0), proxy=(requests, 2, 0))) is is_ours


def test_answers_alone_show_a_server() -> None:
    """A capture of what our server sends: it asks its phones, and answers many more."""
    servers = {
        ip_address(PBX): Served(0, 0, 40, answers=400),
        ip_address(EVE): Served(20, 1, 0),
        ip_address(TRUNK): Served(20, 1, 0),
    }
    assert find_ours(servers) == (ip_address(PBX),)


def test_proxy_that_only_an_attacker_asks_is_ours() -> None:
    servers = {
        ip_address(PROXY): Served(300, 1, 300, strangers=1),
        ip_address(PBX): Served(300, 1, 0),
        ip_address(TRUNK): Served(280, 1, 300),
    }
    assert set(find_ours(servers)) == {ip_address(PROXY), ip_address(PBX)}


def test_order_is_by_requests_then_address() -> None:
    assert ours(pbx=(90, 5, 0), trunk=(90, 5, 0), proxy=(90, 5, 0)) == [PROXY, PBX, TRUNK]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("attacks/prefix_hunting", {"pbx"}),
        ("innocents/proxy_pair", {"proxy", "pbx"}),
        ("innocents/registered_and_pinged", {"pbx"}),
        ("innocents/trunk_options", {"pbx"}),
        ("innocents/answers_only", {"pbx"}),
        ("innocents/questions_only", {"pbx"}),
        ("attacks/seen_on_both_sides_of_a_proxy", {"proxy", "pbx"}),
        ("attacks/toll_through_pbx_and_carrier", {"pbx"}),
    ],
)
def test_servers_of_a_conversation(name: str, expected: set[str]) -> None:
    scene = read_scene((FOLDER / f"{name}.txt").read_text())
    found = set(find_ours(watch_packets(scene.packets).sources().servers))
    assert found == {scene.parties[party].address for party in expected}


def test_phone_that_both_our_servers_call_is_not_ours() -> None:
    assert ours(pbx=(300, 9, 90), proxy=(280, 9, 90), trunk=(40, 2, 30)) == [PBX, PROXY]
