"""FreeSWITCH's event socket."""

from __future__ import annotations

import pytest

from ringfence.model.event import ACCEPTED, REFUSED, Event
from ringfence.wire.errors import WireError
from ringfence.wire.esl import MAX_HEAD, NO_ADDRESS, FreeswitchEvents, Packet, Packets

ATTACKER = "203.0.113.66"
FAILURE = (
    b"Event-Subclass: sofia%3A%3Aregister_failure\nEvent-Name: CUSTOM\n"
    b"Event-Date-Timestamp: 1795426456044000\nprofile-name: internal\nto-user: 101\n"
    b"to-host: pbx.example\nnetwork-ip: 203.0.113.66\nuser-agent: Phone%201.0\n"
    b"network-port: 5071\nregistration-type: REGISTER\n\n"
)


def packet(body: bytes, kind: bytes = b"text/event-plain") -> bytes:
    return b"Content-Length: %d\nContent-Type: %s\n\n%s" % (len(body), kind, body)


def one(body: bytes) -> object:
    return FreeswitchEvents().read_line(body)


def test_a_refusal_is_read() -> None:
    assert one(FAILURE) == Event(
        REFUSED, "freeswitch.events", ATTACKER, 5071, time_ns=1_795_426_456_044_000_000,
        method="REGISTER", account="101", claimed_user_agent="Phone 1.0",
    )  # fmt: skip


def test_a_registration_is_read() -> None:
    body = FAILURE.replace(b"register_failure", b"register").replace(b"to-user", b"from-user")
    event = one(body)
    assert isinstance(event, Event)
    assert (event.kind, event.account) == (ACCEPTED, "101")


def test_a_name_with_a_line_break_adds_no_header() -> None:
    body = FAILURE.replace(b"to-user: 101", b"to-user: x%0Anetwork-ip%3A%20198.51.100.1")
    event = one(body)
    assert isinstance(event, Event)
    assert event.source == ATTACKER
    assert event.account == "x\nnetwork-ip: 198.51.100.1"


def test_a_header_that_comes_twice_counts_once_the_first() -> None:
    event = one(FAILURE.replace(b"\n\n", b"\nnetwork-ip: 198.51.100.1\n\n"))
    assert isinstance(event, Event)
    assert event.source == ATTACKER


def test_other_events_are_not_ours() -> None:
    assert one(b"Event-Name: HEARTBEAT\n\n") is None
    assert one(FAILURE.replace(b"CUSTOM", b"MESSAGE")) is None
    assert one(FAILURE.replace(b"203.0.113.66", b"pbx.example")) == NO_ADDRESS


def test_packets_come_whole_however_they_arrive() -> None:
    octets = b"Content-Type: auth/request\n\n" + packet(FAILURE) + packet(b"x", b"text/other")
    packets = Packets()
    found = [one for octet in octets for one in packets.feed(bytes([octet]))]
    assert found == Packets().feed(octets)
    assert found == [
        Packet("auth/request", "", b""),
        Packet("text/event-plain", "", FAILURE),
        Packet("text/other", "", b"x"),
    ]


@pytest.mark.parametrize("octets", [
    b"Content-Length: x\n\n", b"Content-Length: -1\n\n", b"Content-Length: 99999999\n\n",
    b"Content-Length: \xb2\n\n", b"x" * (MAX_HEAD + 1),
])  # fmt: skip
def test_what_is_no_event_socket_is_given_up(octets: bytes) -> None:
    with pytest.raises(WireError):
        Packets().feed(octets)
