"""`wire/esl.py`: any octets from an event socket.

Invariant: any octets are packets, "need more" or WireError; the same packets whole
and octet by octet; any body is an event, a reason or nothing, and raises nothing; a
user, encoded as FreeSWITCH does, changes no other header.
"""

from __future__ import annotations

from fuzz.harness import hold, pieces
from fuzz.said import SENDER, hold_event
from ringfence.model.event import Event
from ringfence.wire.errors import WireError
from ringfence.wire.esl import MAX_BODY, FreeswitchEvents, Packet, Packets, read_headers

TOKENS = (
    b"\n\n", b"Content-Length: 10\n", b"Content-Type: text/event-plain\n", b"Reply-Text: +OK\n",
    b"Event-Name: CUSTOM\n", b"Event-Subclass: sofia%3A%3Aregister_failure\n", b"%0A",
    b"network-ip: 198.51.100.1\n", b"network-port: 5060\n", b"to-user: 1\n",
    b"Event-Date-Timestamp: 1795426456044000\n", b"registration-type: INVITE\n", b"%",
)  # fmt: skip

_EVENT = (
    b"Event-Name: CUSTOM\nEvent-Subclass: sofia%%3A%%3Aregister_failure\nto-user: %s\n"
    b"network-ip: 203.0.113.66\nnetwork-port: 5071\n\n"
)


def check(octets: bytes) -> object:
    """As the socket, whole and in pieces; then as a body, and as a user."""
    try:
        whole: list[Packet] = Packets().feed(octets)
    except WireError as error:
        hold(0 <= error.offset <= len(octets), "an offset outside")
        return str(error)
    one_by_one = Packets()
    found = [packet for piece in pieces(octets) for packet in one_by_one.feed(piece)]
    hold(found == whole, "pieces change packets")
    hold(all(len(packet.body) <= MAX_BODY for packet in whole), "a body beyond the bound")
    reading = FreeswitchEvents().read_line(octets)
    if isinstance(reading, Event):
        hold_event(reading)
    user = b"".join(b"%%%02X" % octet for octet in octets[:200])
    event = FreeswitchEvents().read_line(_EVENT % user)
    hold(isinstance(event, Event) and event.source == SENDER, "not its sender's")
    return (whole, reading)


def quick(octets: bytes) -> object:
    """As a body."""
    return (FreeswitchEvents().read_line(octets), read_headers(octets))


def seeds() -> list[bytes]:
    """The greeting, an answer, an event and its packet."""
    body = _EVENT % b"101"
    return [
        b"Content-Type: auth/request\n\n",
        b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n",
        b"Content-Length: %d\nContent-Type: text/event-plain\n\n%s" % (len(body), body),
        body,
    ]
