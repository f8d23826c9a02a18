r"""`wire/asterisk_events.py`: any octets from a manager interface, and any name in one event.

Invariant: any octets are events, reasons or nothing, and raise nothing; the same
messages whole and octet by octet; what is kept is bounded. Whatever stands in the
name of a security event but `\n\r`, nobody but its sender is accused.
"""

from __future__ import annotations

from fuzz.harness import hold, pieces
from fuzz.said import SENDER, hold_counts, hold_event
from ringfence.wire.asterisk_events import MAX_MESSAGE, AsteriskEvents, Messages
from ringfence.wire.log_time import LogClock

TOKENS = (
    b"\r\n", b"\r\n\r\n", b"Event: InvalidPassword", b"Privilege: security,all", b"EventTV: 1-1",
    b"Severity: Error", b"Service: SIP", b"EventVersion: 1", b"AccountID: x", b"SessionID: y",
    b"LocalAddress: IPV4/UDP/192.0.2.10/5060", b"RemoteAddress: IPV4/UDP/198.51.100.1/5060",
    b"Response: Success", b"Challenge: 12345", b"UsingPassword: 1", b"Asterisk Call Manager/11",
)  # fmt: skip

_EVENT = (
    b"Event: InvalidAccountID\r\nPrivilege: security,all\r\nEventTV: 2026-11-23T09:34:16.044+0000"
    b"\r\nSeverity: Error\r\nService: PJSIP\r\nEventVersion: 1\r\nAccountID: %s\r\nSessionID: a"
    b"\r\nLocalAddress: IPV4/UDP/192.0.2.10/5060\r\nRemoteAddress: IPV4/UDP/"
    + SENDER.encode()
    + b"/5071\r\n\r\n"
)
# PJSIP cuts a name that exists nowhere at 36 octets.
_LONGEST_NAME = 36


def check(octets: bytes) -> object:
    """As the interface, whole and in pieces; then as a name."""
    messages = Messages()
    whole = messages.feed(octets)
    hold(len(messages._rest) <= MAX_MESSAGE, "more kept than the bound")  # noqa: SLF001
    one_by_one = Messages()
    found = [message for piece in pieces(octets) for message in one_by_one.feed(piece)]
    hold(found == whole or messages.too_long or one_by_one.too_long, "pieces change messages")
    reader = AsteriskEvents(LogClock(10**18))
    events = reader.read_messages(whole)
    for event in events:
        hold_event(event)
    hold_counts(reader.heard, events)
    named = AsteriskEvents().read_messages(Messages().feed(_EVENT % octets[:_LONGEST_NAME]))
    hold({event.source for event in named} <= {SENDER}, "an innocent is accused")
    return (events, reader.heard)


def quick(octets: bytes) -> object:
    """Read once."""
    return AsteriskEvents().read_messages(Messages().feed(octets))


def seeds() -> list[bytes]:
    """An event, an answer, names that hold keys and messages."""
    event = _EVENT % b"101"
    return [
        event,
        b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nChallenge: 1\r\n\r\n" + event,
        event.replace(b"101", b"x\r\nRemoteAddress: IPV4/UDP/1.1.1.1/5"),
        event.replace(b"101", b"x\r\n\r\ny"),
        event.replace(b"InvalidAccountID", b"SuccessfulAuth").replace(
            b"\r\n\r\n", b"\r\nUsingPassword: 1\r\n\r\n"
        ),
        b"RemoteAddress: IPV4/UDP/1.1.1.1/5",
    ]
