"""`wire/threecx_events.py`: any octets as an entry of 3CX's event log.

Invariant: any octets are an event, a reason or nothing, and raise nothing. Whatever
text stands among the values of an entry, nobody is accused but the address that 3CX
put there.
"""

from __future__ import annotations

from fuzz.harness import hold
from fuzz.said import SENDER, hold_event
from ringfence.model.event import Event
from ringfence.wire.threecx_events import ThreecxEvents

TOKENS = (
    b'"Message":', b'"Params":[', b'"Id":1', b"blocked", b"Authentication failed", b"198.51.100.1",
    b'"TimeGenerated":"2026-11-23T09:34:16Z"', b"{", b"}", b"[", b"]", b'"', b",", b"::1", b"null",
    b":5060", b"removed from", b"1e400", b"\\u0000", b"\\ud800",
)  # fmt: skip


def check(octets: bytes) -> object:
    """As JSON; then as a value beside the real address."""
    reading = ThreecxEvents().read_line(octets)
    if isinstance(reading, Event):
        hold_event(reading)
    text = octets.decode("utf-8", "replace")
    entry = {
        "Id": 1,
        "Message": f"Authentication failed for {text} from {SENDER}",
        "Params": [text, SENDER],
    }
    for event in ThreecxEvents().read_entries([entry]):
        hold_event(event)
        hold(event.source == SENDER, "an innocent is accused")
    return reading


def seeds() -> list[bytes]:
    """Entries of each kind, and values that look like addresses."""
    return [
        (
            b'{"Id":1,"Message":"IP 198.51.100.1 has been blacklisted","Params":["198.51.100.1"],'
            b'"TimeGenerated":"2026-11-23T09:34:16.044Z"}'
        ),
        b'{"Id":2,"Message":"Authentication failed for 101 from ::1","Params":["101","::1"]}',
        b'{"Id":3,"Message":"The IP 198.51.100.1 has been blocked"}',
        b"198.51.100.1",
        b"[]",
    ]
