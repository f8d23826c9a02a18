"""`wire/asterisk_log.py`: any lines, and a record of Asterisk's with any name in it.

Invariant: any octets are events, reasons or nothing, and raise nothing; counts are
straight. Whatever stands in the name or the Call-ID of one security event, line
breaks too, nobody but its sender is accused (unless the name holds the number of
Asterisk's thread, which no stranger knows); without line breaks, he is.
"""

from __future__ import annotations

from fuzz.harness import hold
from fuzz.said import SENDER, VICTIM, hold_counts, hold_event
from ringfence.model.event import Event
from ringfence.wire.asterisk_log import MAX_RECORD, AsteriskLog
from ringfence.wire.log_lines import LogLines
from ringfence.wire.log_time import LogClock

TOKENS = (
    b'",SessionID="', b'",LocalAddress="IPV4/UDP/192.0.2.10/5060"',
    b',RemoteAddress="IPV4/UDP/198.51.100.1/5060"', b',AccountID="', b'SecurityEvent="',
    b"[2026-11-23 09:34:16] SECURITY[4711] res_security_log.c: ", b"\n", b"%0a",
    b"[2026-11-23 09:34:16] NOTICE[1] chan_sip.c: ", b"' failed for '198.51.100.1:5060'",
    b" - Wrong password", b"Registration from '", b"Call from '' (198.51.100.1:1) to extension '",
    b"' rejected because extension not found in context 'x'.", b',Challenge="', b"\\",
    (b'SecurityEvent="InvalidPassword",EventTV="1-1",Severity="Error",Service="SIP",'
     b'EventVersion="1",AccountID="'), b"InvalidAccountID", b"last message repeated 9 times",
)  # fmt: skip

_THREAD = b"73205080"
_HEAD = (
    b"[2026-11-23 09:34:16] SECURITY[" + _THREAD + b'] res_security_log.c: SecurityEvent="%s",'
    b'EventTV="2026-11-23T09:34:16.044+0000",Severity="Error",Service="SIP",EventVersion="1",'
    b'AccountID="'
)
_TAIL = (
    b'",LocalAddress="IPV4/UDP/192.0.2.10/5060",RemoteAddress="IPV4/UDP/'
    + SENDER.encode()
    + b'/5071"'
)


def check(octets: bytes) -> object:
    """As a log; then as a name, and as a Call-ID, of one who is known."""
    reader = AsteriskLog(LogClock(10**18))
    lines = LogLines()
    events = reader.read(lines.feed(octets) + lines.end())
    for event in events:
        hold_event(event)
    hold_counts(reader.heard, events)
    if _THREAD not in octets and len(octets) < MAX_RECORD - 1000:
        _hold_record(_HEAD % b"InvalidAccountID" + octets + b'",SessionID="a' + _TAIL, octets)
        _hold_record(_HEAD % b"InvalidPassword" + b'101",SessionID="' + octets + _TAIL, octets)
    return (events, reader.heard)


def quick(octets: bytes) -> object:
    """As a log."""
    return AsteriskLog().read(octets.split(b"\n"))


def seeds() -> list[bytes]:
    """Lines of each kind, and names that hold lines."""
    line = (
        _HEAD % b"InvalidAccountID"
        + b'x",SessionID="y'
        + _TAIL.replace(SENDER.encode(), VICTIM.encode())
    )
    notice = (
        b"[2026-11-23 09:34:16] NOTICE[1] chan_sip.c: Registration from '<sip:1@x>' failed for "
        b"'198.51.100.1:5060' - Wrong password"
    )
    other = line.replace(_THREAD, b"4711")
    return [
        line,
        notice,
        b"x\n" + other + b"\ny",
        b"x\n" + notice + b"\ny",
        other.partition(b"AccountID")[2] + b"\n" + other.partition(b'x"')[0] + b'"',
        b"Nov 23 09:34:16 pbx asterisk[1]: " + notice[22:],
        (
            b"[2026-11-23 09:34:16] NOTICE[1] res_pjsip/pjsip_distributor.c: Request 'INVITE' from "
            b"'<sip:1@x>' failed for '198.51.100.1:1' (callid: x) - No matching endpoint found"
        ),
        (
            b"[Nov 23 09:34:16] NOTICE[1][C-00000001] chan_sip.c: Call from '' (198.51.100.1:1) to "
            b"extension '900' rejected because extension not found in context 'default'."
        ),
        b'[Nov 23 09:34:16] WARNING[1] Ext. s: "Rejecting unknown SIP connection from ::1"',
        (
            b'x",SessionID="y",LocalAddress="IPV4/UDP/192.0.2.10/5060",'
            b'RemoteAddress="IPV4/UDP/198.51.100.1/5060"\nz'
        ),
    ]


def _hold_record(record: bytes, octets: bytes) -> None:
    events: list[Event] = AsteriskLog().read(record.split(b"\n"))
    hold({event.source for event in events} <= {SENDER}, "an innocent is accused")
    if b"\n" not in octets:
        hold(len(events) == 1, "who sent it is not")
