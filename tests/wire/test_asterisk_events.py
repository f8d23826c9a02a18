"""Asterisk's manager interface: its security events, and names that hold messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.model.event import ACCEPTED, NO_ACCOUNT, REFUSED, Event
from ringfence.wire.asterisk_events import (
    MAX_MESSAGE,
    TWICE,
    AsteriskEvents,
    Messages,
)
from ringfence.wire.asterisk_log import BROKEN, SPLIT

ATTACKER, VICTIM = "203.0.113.66", "198.51.100.1"


def event(
    name: str = "ChallengeResponseFailed",
    account: str = "101",
    remote: str = ATTACKER,
    more: str = "Challenge: 1795/abc\r\nResponse: 4394\r\nExpectedResponse: 5555\r\n",
) -> bytes:
    """One event as Asterisk 22 sends it."""
    return (
        f"Event: {name}\r\nPrivilege: security,all\r\nEventTV: 2026-11-23T09:34:16.044+0000\r\n"
        f"Severity: Error\r\nService: PJSIP\r\nEventVersion: 1\r\nAccountID: {account}\r\n"
        f"SessionID: e6a0\r\nLocalAddress: IPV4/UDP/192.0.2.10/5060\r\n"
        f"RemoteAddress: IPV4/UDP/{remote}/5071\r\n{more}\r\n"
    ).encode()


def read(octets: bytes) -> list[Event]:
    return AsteriskEvents().read_messages(Messages().feed(octets))


def test_an_event_is_read_and_its_digest_is_not() -> None:
    (found,) = read(event())
    assert (found.kind, found.source, found.port, found.account, found.call_id) == (
        REFUSED, ATTACKER, 5071, "101", "e6a0",
    )  # fmt: skip
    assert found.claimed_nonce == "1795/abc"
    assert "4394" not in repr(found)


def test_messages_come_whole_however_they_arrive() -> None:
    octets = b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nMessage: x\r\n\r\n" + event()
    messages = Messages()
    found = [message for octet in octets for message in messages.feed(bytes([octet]))]
    assert found == Messages().feed(octets)
    assert [message[0] for message in found] == [
        (b"Response", b"Success"), (b"Event", b"ChallengeResponseFailed"),
    ]  # fmt: skip


def test_other_events_are_not_ours() -> None:
    assert read(b"Event: Newchannel\r\nPrivilege: call,all\r\nChannel: x\r\n\r\n") == []
    assert read(event("SuccessfulAuth", more="UsingPassword: 0\r\n")) == []
    assert [e.kind for e in read(event("SuccessfulAuth", more="UsingPassword: 1\r\n"))] == [
        ACCEPTED
    ]


def test_a_time_stamp_before_changes_nothing() -> None:
    stamped = event().replace(b"EventTV", b"Timestamp: 1.0\r\nSequenceNumber: 4\r\nEventTV", 1)
    assert read(stamped) == read(event())


@pytest.mark.parametrize("account", [
    f"x\r\nRemoteAddress: IPV4/UDP/{VICTIM}/5",
    f"x\r\nSessionID: y\r\nLocalAddress: IPV4/UDP/::1/1\r\nRemoteAddress: IPV4/UDP/{VICTIM}/5",
])  # fmt: skip
def test_a_name_that_brings_keys_along_is_refused(account: str) -> None:
    events = AsteriskEvents()
    assert events.read_messages(Messages().feed(event("InvalidAccountID", account))) == []
    assert events.heard.not_understood[0][0] in (TWICE, BROKEN)


def test_a_name_that_ends_the_message_accuses_nobody() -> None:
    name = (
        f"x\r\nSessionID: y\r\nLocalAddress: IPV4/UDP/192.0.2.10/1\r\n"
        f"RemoteAddress: IPV4/UDP/{VICTIM}/5060\r\n\r\nz"
    )
    events = AsteriskEvents()
    assert events.read_messages(Messages().feed(event("InvalidAccountID", name))) == []
    assert (SPLIT, 1) in events.heard.not_understood


def test_a_name_with_a_line_break_does_not_blind_us_for_what_follows() -> None:
    name = "x\r\n\r\ny"
    found = read(event("InvalidAccountID", name) + event("InvalidAccountID", "9999"))
    assert [(e.kind, e.account) for e in found] == [(NO_ACCOUNT, "9999")]


def test_a_message_without_end_does_not_fill_the_memory() -> None:
    messages = Messages()
    for _ in range(50):
        assert messages.feed(b"x" * MAX_MESSAGE) == []
    assert len(messages._rest) <= 2 * MAX_MESSAGE
    assert messages.too_long


def test_a_real_asterisk_under_attack(shared_data: Path) -> None:
    octets = (shared_data / "pbx-logs/asterisk.ami.txt").read_bytes()
    events = AsteriskEvents()
    found = events.read_messages(Messages().feed(octets))
    assert events.heard.not_understood == ()
    assert sum(e.kind == REFUSED for e in found) == 1016
    assert {e.source for e in found} >= {"10.77.0.66"}
