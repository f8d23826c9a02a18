"""`wire/freeswitch_log.py`: any lines, and lines of FreeSWITCH's with any user in them.

Invariant: any octets are events, reasons or nothing, and raise nothing; counts are
straight; whatever user stands in a line, its sender is accused, and nobody else.
"""

from __future__ import annotations

from fuzz.harness import hold
from fuzz.said import SENDER, hold_counts, hold_event
from ringfence.model.event import Event
from ringfence.wire.freeswitch_log import FreeswitchLog
from ringfence.wire.log_time import LogClock

TOKENS = (
    b"] from ip 198.51.100.1", b"] from 198.51.100.1", b"[1@x]", b"SIP auth failure (REGISTER) ",
    b"on sofia profile 'x' for ", b"Can't find user ", b"sofia_reg.c:1 ", b"[WARNING] ",
    b"2026-11-23 09:34:16.044000 ", b"96.80% ", b"\n", b"\r",
    b'IP 198.51.100.1 Rejected by acl "x"',
    b"Nov 23 09:34:16 pbx freeswitch[1]: ",
)  # fmt: skip

_PREFIX = b"2026-11-23 09:34:16.044000 96.80%% [WARNING] sofia_reg.c:3223 "
_AUTH = _PREFIX + b"SIP auth failure (REGISTER) on sofia profile 'internal' for [%s@x] from ip "
_NO_USER = _PREFIX + b"Can't find user [%s@x] from "


def check(octets: bytes) -> object:
    """As a log; then as a user."""
    reader = FreeswitchLog(LogClock(10**18))
    events = reader.read(octets.split(b"\n"))
    for event in events:
        hold_event(event)
    hold_counts(reader.heard, events)
    if b"\n" not in octets:
        for line in (_AUTH, _NO_USER):
            reading = FreeswitchLog().read_line(line % octets + SENDER.encode())
            hold(isinstance(reading, Event) and reading.source == SENDER, "not its sender's")
    return (events, reader.heard)


def quick(octets: bytes) -> object:
    """Read once."""
    return FreeswitchLog().read(octets.split(b"\n"))


def seeds() -> list[bytes]:
    """Lines of each kind, and users that hold addresses."""
    return [
        _AUTH % b"101" + b"198.51.100.1",
        _NO_USER % b"101" + b"198.51.100.1\n" + _AUTH % b"101" + b"198.51.100.1",
        _PREFIX % () + b"IP 198.51.100.1 Rejected by register acl",
        b"Nov 23 09:34:16 pbx freeswitch[1]: " + _NO_USER % b"1" + b"::1",
        b"101@x] from ip 198.51.100.1",
    ]
