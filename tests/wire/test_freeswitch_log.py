"""FreeSWITCH's log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ringfence.model.clock import nanoseconds
from ringfence.model.event import CHALLENGED, NO_ACCOUNT, NOT_ALLOWED, REFUSED, Event
from ringfence.wire import freeswitch_log
from ringfence.wire.freeswitch_log import FreeswitchLog
from ringfence.wire.log_time import LogClock

ATTACKER, VICTIM = "203.0.113.66", "198.51.100.1"
STAMP = "2026-11-23 09:34:16.044000"
NOW = nanoseconds("2026-11-26T12:00:00.000000Z")


def line(text: str, prefix: str = f"{STAMP} 96.80% [WARNING] sofia_reg.c:3223 ") -> bytes:
    return f"{prefix}{text}".encode()


def auth(word: str = "failure", user: str = "101@pbx.example", method: str = "REGISTER") -> bytes:
    return line(
        f"SIP auth {word} ({method}) on sofia profile 'internal' for [{user}] from ip {ATTACKER}"
    )


def one(octets: bytes) -> Event:
    reading = FreeswitchLog(LogClock(NOW)).read_line(octets)
    assert isinstance(reading, Event), reading
    return reading


def test_a_failure_is_read() -> None:
    assert one(auth(method="INVITE")) == Event(
        REFUSED, "freeswitch.log", ATTACKER, time_ns=nanoseconds("2026-11-23T09:34:16.044000Z"),
        method="INVITE", account="101",
    )  # fmt: skip


def test_the_first_challenge_is_no_failure() -> None:
    """fail2ban's stock mode counts it, and blocks who dials a few times."""
    assert one(auth("challenge")).kind == CHALLENGED


@pytest.mark.parametrize(("text", "kind", "account"), [
    (f"Can't find user [2501@192.0.2.10] from {ATTACKER}", NO_ACCOUNT, "2501"),
    (f"IP {ATTACKER} Rejected by register acl", NOT_ALLOWED, ""),
    (f'IP {ATTACKER} Rejected by register acl "domains"', NOT_ALLOWED, ""),
])  # fmt: skip
def test_other_refusals(text: str, kind: str, account: str) -> None:
    event = one(line(text))
    assert (event.kind, event.source, event.account) == (kind, ATTACKER, account)


def test_an_acl_that_only_asks_for_a_password_refuses_nobody() -> None:
    text = f'IP {ATTACKER} Rejected by acl "domains". Falling back to Digest auth.'
    assert FreeswitchLog().read_line(line(text)) is None


@pytest.mark.parametrize("prefix", [
    f"{STAMP} [WARNING] sofia_reg.c:1533 ",
    "11-23 09:34:16.044000 [WARN] [SOFIA] [sofia_reg.c:4130] ",
    f"2026-11-23T09:34:16.044000 pbx freeswitch[122921]: {STAMP} [WARNING] sofia_reg.c:2889 ",
    f"2026-11-23 09:34:16.044 pbx freeswitch[1]: {STAMP} 82.43% [WARNING] sofia_reg.c:2889 ",
    f"3c2f8f6e-23b7-4f0c-9a40-0123456789ab {STAMP} [WARNING] sofia_reg.c:2889 ",
])  # fmt: skip
def test_prefixes(prefix: str) -> None:
    event = one(line(f"Can't find user [1@x] from {ATTACKER}", prefix))
    assert (event.source, event.time_ns) == (ATTACKER, nanoseconds("2026-11-23T09:34:16.044000Z"))


@pytest.mark.parametrize("user", [
    f"x] from ip {VICTIM}", f"x@y] from ip {VICTIM}\r", "'", "[]", f"] from {VICTIM} [", "\xff",
])  # fmt: skip
def test_a_name_that_holds_an_address_moves_nothing(user: str) -> None:
    assert one(auth(user=user)).source == ATTACKER
    assert one(line(f"Can't find user [{user}] from {ATTACKER}")).source == ATTACKER


def test_a_user_that_does_not_exist_is_told_twice_and_counts_once() -> None:
    twice = [line(f"Can't find user [101@pbx.example] from {ATTACKER}"), auth()]
    assert [event.kind for event in FreeswitchLog(LogClock(NOW)).read(twice * 3)] == [
        NO_ACCOUNT
    ] * 3


def test_another_s_refusal_right_behind_counts_for_himself() -> None:
    lines = [line(f"Can't find user [101@pbx.example] from {VICTIM}"), auth()]
    assert len(FreeswitchLog(LogClock(NOW)).read(lines)) == 2


def test_a_new_format_is_told() -> None:
    text = "SIP auth failure (REGISTER) by 203.0.113.66"
    assert FreeswitchLog().read_line(line(text)) == freeswitch_log.NOT_AS_USUAL
    bad = line("Can't find user [1@x] from pbx.example")
    assert FreeswitchLog().read_line(bad) == freeswitch_log.NO_ADDRESS


def test_the_dialplan_may_print_what_it_likes() -> None:
    text = f"Can't find user [1@x] from {VICTIM}"
    other = line(text, f"{STAMP} [WARNING] mod_dptools.c:1866 ")
    assert FreeswitchLog().read_line(other) is None


def test_every_sample_of_fail2ban_names_the_attacker(shared_data: Path) -> None:
    wanted: dict[str, object] = {}
    seen = 0
    for octets in (shared_data / "pbx-logs/fail2ban__freeswitch.log").read_bytes().splitlines():
        if b"# failJSON: " in octets:
            wanted = json.loads(octets.partition(b"failJSON: ")[2])
        elif octets and not octets.startswith(b"#") and wanted:
            reading = FreeswitchLog(LogClock(NOW)).read_line(octets)
            assert (isinstance(reading, Event) and reading.source) == wanted.get("host", False)
            wanted = {}
            seen += 1
    assert seen > 9
