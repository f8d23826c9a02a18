"""What captures show of a server without asking it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from ipaddress import ip_address, ip_network

import pytest

from ringfence.audit import watching as module
from ringfence.audit.networks import Address
from ringfence.audit.seen import Seen, Server, weigh
from ringfence.audit.watching import Watching
from ringfence.wire.decoder import Decoder
from ringfence.wire.table import MessageTable
from tests.conversations.script import read_scene
from tests.wire_cases.reading import tables

PBX = ip_address("192.0.2.10")
EVE = ip_address("203.0.113.66")
PARTIES = """
pbx   192.0.2.10 agent="Asterisk PBX 16.30.0"
desk  10.0.0.20 agent="Yealink SIP-T46S"
phone 198.51.100.7 agent="Yealink SIP-T46S"
eve   203.0.113.66 agent=friendly-scanner

at 10:00
"""


def played(text: str) -> Iterator[MessageTable]:
    yield from tables(Decoder(64), read_scene(PARTIES + text).capture())


def watched(text: str, own: str = "", accused: tuple[Address, ...] = ()) -> Seen:
    watching = Watching([ip_network(own)] if own else [])
    for table in played(text):
        watching.take(table)
    return watching.seen([PBX], accused)


def server(text: str) -> Server:
    (found,) = watched(text).servers
    return found


def rules(seen: Seen) -> set[str]:
    return {weakness.rule for weakness in weigh(seen, (), date(2026, 10, 5))}


REGISTERS = "phone REGISTER 201 > 401 auth 200\n"
SWEEP_TOLD = "eve REGISTER {100..110} every=0.1 > 404\neve REGISTER 201 > 401\n"
SWEEP_UNTOLD = "eve REGISTER {100..110} every=0.1 > 401\n"


def test_a_server_tells_its_version_and_its_algorithm() -> None:
    found = server(REGISTERS)
    assert found.headers == ("Asterisk PBX 16.30.0",)
    assert found.algorithms == ("MD5",)
    seen = Seen((found,), {}, 1)
    assert {"server-outdated", "server-header-tells", "digest-md5"} <= rules(seen)


def test_a_phone_behind_the_server_is_not_the_server() -> None:
    """A proxy hands on what the called phone says of itself."""
    text = (
        'pbx2 192.0.2.10 agent="Yealink SIP-T46S 66.86"\nphone INVITE 202 to=pbx2 > 180 200 bye=5\n'
    )
    assert server(text + REGISTERS).headers == ("Asterisk PBX 16.30.0",)
    assert server(text).headers == ()


def test_who_only_answers_options_is_named_by_them() -> None:
    assert server("eve OPTIONS 1 > 200\n").headers == ("Asterisk PBX 16.30.0",)


def test_a_sweep_that_was_told_who_is_there_is_seen() -> None:
    found = server(REGISTERS + SWEEP_TOLD)
    assert "REGISTER: 11 users not there" in found.differs
    assert "tells-unknown-users" in rules(Seen((found,)))


def test_a_sweep_that_was_told_nothing_is_not() -> None:
    assert server(REGISTERS + SWEEP_UNTOLD).differs == ""


def test_a_wrong_number_of_a_user_is_no_difference() -> None:
    """His call was challenged like any other; who is not there he learns with his password."""
    assert (
        server(REGISTERS + "phone INVITE 999 > 407 auth 404\nphone INVITE 202 > 407\n").differs
        == ""
    )


def test_two_askers_are_not_compared() -> None:
    """A provider whose wrong number is refused, and a phone that is asked for its password."""
    assert server("eve INVITE 999 > 404\nphone INVITE 202 > 407\n").differs == ""


def test_a_strangers_call_that_went_through_is_seen() -> None:
    found = server(REGISTERS + "eve INVITE 00441234567 > 180 200 bye=5\n")
    assert found.guests == (EVE,)
    assert "guests-may-call" in rules(Seen((found,)))


@pytest.mark.parametrize(
    "call",
    [
        "phone INVITE 202 > 407 auth 180 200 bye=5\n",  # he proved himself
        "desk INVITE 202 > 180 200 bye=5\n",  # from inside
        "eve INVITE 00441234567 > 403\n",
        "pbx OPTIONS 1 to=eve > 200\neve INVITE 202 > 180 200 bye=5\n",  # a carrier of the owner's
    ],
)
def test_a_call_that_may_go_through_is_not(call: str) -> None:
    assert server(REGISTERS + call).guests == ()


def test_a_carrier_that_the_owner_names_is_no_stranger() -> None:
    watching = Watching()
    for table in played("eve INVITE 202 > 180 200 bye=5\n"):
        watching.take(table)
    assert watching.seen([PBX], known=[EVE]).servers[0].guests == ()


def test_a_login_from_outside_in_clear_is_seen() -> None:
    assert server(REGISTERS).clear == ("201",)
    assert server("desk REGISTER 202 > 401 auth 200\n").clear == ()
    assert watched(REGISTERS, own="198.51.100.0/24").servers[0].clear == ()


def test_who_came_from_outside_is_known() -> None:
    seen = watched(
        REGISTERS + "desk REGISTER 202 > 401 auth 200\nphone REGISTER 203 > 401 auth 403\n"
    )
    assert seen.outside == {"201": date(2026, 10, 5)}
    assert seen.days == 1


def test_what_an_attacker_registered_is_no_need() -> None:
    text = "eve REGISTER 201 > 401 auth 200\n"
    assert set(watched(text).outside) == {"201"}
    assert watched(text, accused=(EVE,)).outside == {}


def test_other_servers_are_not_ours() -> None:
    text = (
        'other 192.0.2.99 agent="Asterisk PBX 13.1"\nphone REGISTER 201 to=other > 401 auth 200\n'
    )
    assert watched(text).servers == ()


# ---- floods ----------------------------------------------------------------------------------


def test_invented_servers_do_not_push_out_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SERVERS", 8)
    others = "".join(f"x{n} 203.0.113.{n}\neve OPTIONS 1 to=x{n} > 200\n" for n in range(100, 140))
    seen = watched(REGISTERS * 3 + others + REGISTERS)
    assert seen.servers[0].headers == ("Asterisk PBX 16.30.0",)


def test_a_flood_leaves_the_tables_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_USERS", 5)
    monkeypatch.setattr(module, "MAX_CALLS", 5)
    watching = Watching()
    for table in played("eve REGISTER {1000..1400} every=0.01 > 401 auth 401\n" + REGISTERS):
        watching.take(table)
    kept = watching._servers[module._key(PBX)]
    assert max(len(users) for told in kept.users.values() for users in told) <= 5
    assert len(watching._proven) <= 5
    assert watching.seen([PBX]).outside == {"201": date(2026, 10, 5)}


def test_who_is_pushed_out_by_a_flood_is_summed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ASKERS", 4)
    crowd = "".join(f"x{n} 203.0.113.{n}\nx{n} REGISTER 7 > 401\n" for n in range(100, 140))
    assert "11 users not there" in server(SWEEP_TOLD + crowd).differs
