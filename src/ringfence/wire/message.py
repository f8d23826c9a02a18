"""One SIP message read in full, octet for octet (RFC 3261 7): `parse_message`.

How it works: cut into start line, headers, body; then each header that has a
meaning here is decoded, and everything odd is collected in one set of anomalies.
Rules: the first of repeated single headers counts; only a missing start line is
an error; each octet is looked at a bounded number of times.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from ringfence.model.message import CSeq, Message
from ringfence.wire import conformance
from ringfence.wire.address import decode_address, decode_addresses
from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.body import SDP, find_sdp, media_type
from ringfence.wire.digest import CHALLENGES, CREDENTIALS, decode_digests
from ringfence.wire.errors import WireError
from ringfence.wire.grammar import MAX_PARTS, decode_number
from ringfence.wire.headers import Head, notes_on_octets, split_head
from ringfence.wire.sdp import decode_sdp
from ringfence.wire.start_line import MAX_START_LINE, StartLine, decode_start_line
from ringfence.wire.via import decode_vias

if TYPE_CHECKING:
    from collections.abc import Callable

    from ringfence.model.message import Digest, NameAddr, Via
    from ringfence.model.session import SessionDescription

# Keep-alives and junk before a start line are skipped this far; as in the kernel.
MAX_JUNK = 64

_BLANK: Final = 32

T = TypeVar("T")


@dataclass(slots=True)
class _Fields:
    """Decoded headers, while they are collected."""

    notes: Anomaly
    first: dict[bytes, bytes] = field(default_factory=dict)  # first value of each key
    from_: NameAddr | None = None
    to: NameAddr | None = None
    cseq: CSeq | None = None
    vias: list[Via] = field(default_factory=list)
    contacts: list[NameAddr] = field(default_factory=list)
    credentials: list[Digest] = field(default_factory=list)
    challenges: list[Digest] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Body:
    """What follows the head."""

    body: bytes
    surplus: bytes
    content_length: int | None
    content_type: bytes | None
    sdp: SessionDescription | None
    notes: Anomaly


def parse_message(octets: bytes, *, transport: bytes | None = None) -> Message:
    """The message at the start of `octets`; WireError when no start line of SIP stands there.

    `transport` ("UDP", "WS") is how it came, when that is known.
    """
    junk = _junk(octets)
    line_end = octets.find(b"\n", junk, junk + MAX_START_LINE) + 1 or len(octets)
    start_line = octets[junk:line_end]
    start = decode_start_line(start_line, junk)
    head = split_head(octets, line_end)
    fields = _decode_headers(head, start, transport)
    body = _decode_body(fields.first, octets[head.end :])
    fields.notes |= start.anomalies | body.notes | _notes_on_edges(start_line, junk)
    return Message(
        junk=octets[:junk],
        start_line=start_line,
        headers_in_order=head.headers,
        empty_line=head.empty_line,
        body=body.body,
        surplus=body.surplus,
        anomalies=fields.notes | notes_on_octets(octets[junk : head.end]),
        version=start.version,
        method=start.method,
        request_uri=start.request_uri,
        status=start.status,
        reason=start.reason,
        from_=fields.from_,
        to=fields.to,
        call_id=fields.first.get(b"call-id"),
        cseq=fields.cseq,
        vias=tuple(fields.vias),
        contacts=tuple(fields.contacts),
        max_forwards=decode_number(fields.first.get(b"max-forwards", b"")),
        expires=decode_number(fields.first.get(b"expires", b"")),
        user_agent=fields.first.get(b"user-agent", fields.first.get(b"server")),
        credentials=tuple(fields.credentials),
        challenges=tuple(fields.challenges),
        content_length=body.content_length,
        content_type=body.content_type,
        sdp=body.sdp,
    )


def decode_cseq(value: bytes) -> CSeq:
    """Number and method (RFC 3261 20.16); the number is None when it is none."""
    words = value.split(None, 1)
    number = decode_number(words[0]) if words else None
    return CSeq(number, words[1] if len(words) > 1 else b"")


def _junk(octets: bytes) -> int:
    """How many octets before the start line are blanks, line ends or control octets."""
    for at, octet in enumerate(octets[:MAX_JUNK]):
        if octet > _BLANK:
            return at
    raise WireError("no start line, only blanks", offset=0)


def _notes_on_edges(start_line: bytes, junk: int) -> Anomaly:
    """What stands before the start line, and how that ends."""
    notes = Anomaly.JUNK_BEFORE_START if junk else NONE
    if start_line[-1:] != b"\n":
        return notes | Anomaly.HEAD_NOT_ENDED
    return notes if start_line[-2:-1] == b"\r" else notes | Anomaly.BARE_LF


def _decode_headers(head: Head, start: StartLine, transport: bytes | None) -> _Fields:
    is_request = start.status is None
    fields = _Fields(head.anomalies)
    for header in head.headers:
        fields.first.setdefault(header.key, header.value)
        fields.notes |= conformance.notes_on_header(header)
        _decode_list(fields, header.key, header.value)
    _decode_single(fields)
    method = start.method if is_request or fields.cseq is None else fields.cseq.method
    counts = Counter(header.key for header in head.headers)
    fields.notes |= (
        conformance.notes_on_presence(counts, method, start.status)
        | conformance.notes_on_tags(fields.from_, fields.to, start.status)
        | conformance.notes_on_cseq(fields.cseq, start.method)
        | conformance.notes_on_vias(fields.vias, transport if is_request else None)
        | conformance.notes_on_contacts(fields.contacts)
        | conformance.notes_on_lengths(head.headers)
    )
    return fields


def _decode_single(fields: _Fields) -> None:
    """From, To and CSeq: the first of each."""
    if (value := fields.first.get(b"from")) is not None:
        fields.from_, notes = decode_address(value)
        fields.notes |= notes
    if (value := fields.first.get(b"to")) is not None:
        fields.to, notes = decode_address(value)
        fields.notes |= notes
    if (value := fields.first.get(b"cseq")) is not None:
        fields.cseq = decode_cseq(value)


def _decode_list(fields: _Fields, key: bytes, value: bytes) -> None:
    """Headers of which several count, up to MAX_PARTS values of each."""
    if key == b"via":
        fields.notes |= _collect(fields.vias, decode_vias, value)
    elif key == b"contact":
        fields.notes |= _collect(fields.contacts, decode_addresses, value)
    elif key in CREDENTIALS:
        fields.notes |= _collect(fields.credentials, partial(decode_digests, key), value)
    elif key in CHALLENGES:
        fields.notes |= _collect(fields.challenges, partial(decode_digests, key), value)


def _collect(
    found: list[T], decode: Callable[[bytes], tuple[tuple[T, ...], Anomaly]], value: bytes
) -> Anomaly:
    """Add the values of one more header, unless there are too many already."""
    if len(found) >= MAX_PARTS:
        return Anomaly.TOO_MANY_PARTS
    more, notes = decode(value)
    found += more[: MAX_PARTS - len(found)]
    return notes


def _decode_body(first: dict[bytes, bytes], rest: bytes) -> _Body:
    """Body and what is behind it, by Content-Length (RFC 3261 18.3); without one all is body."""
    length = decode_number(first.get(b"content-length", b""))
    body = rest[:length]
    surplus = rest[len(body) :]
    content_type = first.get(b"content-type")
    sdp, notes = _decode_sdp(content_type, body)
    notes |= conformance.notes_on_body(content_type, body)
    if length is not None and length > len(rest):
        notes |= Anomaly.LENGTH_BEYOND_PACKET
    if surplus:
        notes |= Anomaly.OCTETS_AFTER_BODY
    kind = media_type(content_type) if content_type is not None else None
    return _Body(body, surplus, length, kind, sdp, notes)


def _decode_sdp(
    content_type: bytes | None, body: bytes
) -> tuple[SessionDescription | None, Anomaly]:
    """The session description in a body; one without a type is known by its first line."""
    if content_type is None:
        content_type = SDP if body[:3] == b"v=0" else b""
    description = find_sdp(content_type, body) if body else None
    return decode_sdp(description) if description is not None else (None, NONE)
