"""`wire/message.parse_message`: one message in full.

Invariant: any octets end in a Message or WireError with an offset inside; a
Message written out again is the input, octet for octet; each header's octets
stand where its offset says; every anomaly is one of the closed set. What it reads
of a message that the kernel takes, too, agrees with the kernel's row.
"""

from __future__ import annotations

from fuzz.harness import hold
from fuzz.messages import samples
from fuzz.rows import Desk
from ringfence.model.message import Message
from ringfence.wire import _columns as columns
from ringfence.wire._sip import message
from ringfence.wire.anomaly import Anomaly
from ringfence.wire.errors import WireError
from ringfence.wire.message import parse_message

from fuzz.decoders import parts, sip  # isort: skip

TOKENS = (
    *sip.TOKENS,
    *parts.TOKENS,
    b"Content-Type: multipart/mixed;boundary=a",
    b"--a",
    b"Warning: ",
)

_ALL = sum(Anomaly)
# Those that both find by the same rule; of the others the kernel tells the plain cases.
_SHARED = (
    Anomaly.NO_CALL_ID | Anomaly.NO_CSEQ | Anomaly.NO_FROM | Anomaly.NO_TO | Anomaly.NO_VIA
    | Anomaly.NO_MAX_FORWARDS | Anomaly.REPEATED_SINGLE_HEADER | Anomaly.STATUS_OUT_OF_RANGE
    | Anomaly.JUNK_BEFORE_START
)  # fmt: skip
_DESK = Desk()


def quick(octets: bytes) -> object:
    """Parse it, write it out."""
    return _read(octets)


def check(octets: bytes) -> object:
    """The same, and beside the kernel's row."""
    read = _read(octets)
    start, end = _DESK.lay(octets)
    _DESK.batch.source_port = 5060
    if (
        message(_DESK.batch, start, end)
        and isinstance(read, Message)
        and end - start == len(octets)
    ):
        _compare(read, start)
    return read


def _read(octets: bytes) -> object:
    try:
        read = parse_message(octets)
    except WireError as error:
        hold(0 <= error.offset <= len(octets), "an offset outside the octets")
        return str(error)
    hold(read.to_bytes() == octets, "written out it is another message")
    for header in read.headers_in_order:
        place = slice(header.offset, header.offset + len(header.octets))
        hold(octets[place] == header.octets, "a header is not where it says")
    hold(read.anomalies.value & ~_ALL == 0, "an anomaly out of the set")
    hold(read.is_request == bool(read.method), "neither request nor response, or both")
    return read


def _compare(read: Message, start: int) -> None:
    slots = _DESK.slots
    hold(read.is_request == bool(slots[columns.METHOD]), "request for one, response for the other")
    if read.is_request and slots[columns.METHOD] != columns.M_OTHER:
        hold(read.method.decode() == columns.METHODS[slots[columns.METHOD]], "another method")
    differ = (read.anomalies.value ^ _DESK.wide[columns.ANOMALIES]) & _SHARED.value
    hold(not differ, f"another {Anomaly(differ)!r}")
    hold(len(read.junk) == slots[columns.TEXT] - start, "another start")
    hold(len(read.head) == slots[columns.HEAD_LENGTH], "another head")
    # The kernel leaves a CR at the end of a value that the full parse takes off.
    at, size = slots[columns.CALL_ID], slots[columns.CALL_ID + 1]
    call_id = bytes(_DESK.octets[at : at + size])
    if b"\n" not in call_id and size:
        hold(call_id.strip(b"\r") == read.call_id, "another Call-ID")


def seeds() -> list[bytes]:
    """Messages of each shape, and bodies in parts."""
    multipart = (
        b'INVITE sip:a SIP/2.0\r\nContent-Type: multipart/mixed; boundary="a"\r\n'
        b"Accept: application/sdp, text/*;q=1\r\nRequire: 100rel\r\n"
        b"Date: Mon, 23 Nov 2026 12:00:00 GMT\r\n"
        b'Retry-After: 5 (busy);duration=9\r\nWarning: 399 a "b"\r\nRoute: <sip:b;lr>\r\n\r\n'
        b"--a\r\nContent-Type: text/plain\r\n\r\nhi\r\n--a\r\nContent-Type: application/sdp\r\n\r\n"
        b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n--a--\r\n"
    )
    return [*samples(), *parts.seeds(), multipart]
