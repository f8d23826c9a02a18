"""`wire/_sip.message`: octets of a packet to one row.

Invariant: for any octets it returns 0 or 1, adds as many rows, and raises
nothing. Every span of the row lies inside the message, the message inside the
range; head and body add up. What stands around the range changes nothing, nor
does a second call. A packet cut short is read, or refused, the same way.
"""

from __future__ import annotations

from collections.abc import Iterable

from fuzz.harness import hold
from fuzz.messages import samples
from fuzz.rows import GUARDS, Desk
from ringfence.wire._sip import message

TOKENS = (
    b"SIP/2.0", b"INVITE ", b"SUBSCRIBE", b"\r\n", b"\r\n\r\n", b"\n ", b"Via:", b"From: ",
    b"To:", b"Call-ID:", b"CSeq: 1 ", b"Contact:", b"User-Agent:", b"Server:", b"Content-Length: ",
    b"Content-Type:", b"Max-Forwards:", b"Expires:", b"Authorization:", b"Proxy-Authorization:",
    b"WWW-Authenticate:", b"Proxy-Authenticate:", b"4294967296", b"99999999999", b"2147483647",
    b"\nl:", b"\nv:", b"\nf:", b"\nt:", b"\ni:", b"\nm:", b"\nc:", b" sip:",
)  # fmt: skip

_DESK = Desk()


def quick(octets: bytes) -> object:
    """One row or none, inside its packet."""
    start, end = _DESK.lay(octets)
    _DESK.batch.source_port = 5060
    found = message(_DESK.batch, start, end)
    hold(found in (0, 1) and _DESK.batch.n == found, "rows and result disagree")
    if not found:
        return None
    _DESK.check_row(0, start, end)
    return _DESK.row(0)


def check(octets: bytes) -> object:
    """The same, whatever stands around it; and every cut of it is read or refused."""
    seen = quick(octets)
    for port in (5060, 9):
        for guard in GUARDS:
            start, end = _DESK.lay(octets, guard)
            _DESK.batch.source_port = port
            again = _DESK.row(0) if message(_DESK.batch, start, end) else None
            hold(port == 9 or again == seen, "it reads what is not its own")
    for size in _cuts(len(octets)):
        quick(octets[:size])
    return seen


def _cuts(size: int) -> Iterable[int]:
    return range(size) if size < 12 else range(size % 97, size, 97)


def seeds() -> list[bytes]:
    """Messages of each shape."""
    return samples()
