"""One SIP message read in full, octet for octet (RFC 3261 7): `parse_message`.

How it works: cut into start line, headers, body; then each header that has a
meaning here is decoded, and everything odd is collected in one set of anomalies.
Rules: the first of repeated single headers counts; only a missing start line is
an error; each octet is looked at a bounded number of times.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ringfence.model.message import CSeq, Digest, Message, NameAddr, Via
from ringfence.wire import conformance
from ringfence.wire.address import decode_address, decode_addresses
from ringfence.wire.anomaly import Anomaly
from ringfence.wire.body import find_sdp, media_type
from ringfence.wire.digest import CHALLENGES, CREDENTIALS, decode_digest
from ringfence.wire.errors import WireError
from ringfence.wire.grammar import MAX_PARTS, decode_number, is_token
from ringfence.wire.headers import Head, notes_on_octets, split_head
from ringfence.wire.sdp import decode_sdp
from ringfence.wire.start_line import MAX_START_LINE, StartLine, decode_start_line
from ringfence.wire.via import decode_vias

if TYPE_CHECKING:
    from ringfence.model.session import SessionDescription

# Keep-alives and junk before a start line are skipped this far; as in the kernel.
MAX_JUNK = 64

_LIMIT_OF_BLANKS: Final = 32


@dataclass(slots=True)
class _Fields:
    """Decoded headers, while they are collected."""

    notes: Anomaly
    first: dict[bytes, bytes]  # value of the first header of each key
    from_: NameAddr | None = None
    to: NameAddr | None = None
    cseq: CSeq | None = None
    vias: tuple[Via, ...] = ()
    contacts: tuple[NameAddr, ...] = ()
    credentials: tuple[Digest, ...] = ()
    challenges: tuple[Digest, ...] = ()


def parse_message(octets: bytes, *, transport: bytes | None = None) -> Message:
    """The message at the start of `octets`; WireError when no start line of SIP stands there.

    `transport` ("UDP", "WS") is how it came, when that is known.
    """
    junk = _junk(octets)
    line_end = octets.find(b"\n", junk, junk + MAX_START_LINE) + 1 or len(octets)
    start_line = octets[junk:line_end]
    start = decode_start_line(start_line, junk)
    head = split_head(octets, line_end)
    head_end = line_end + sum(len(h.octets) for h in head.headers) + len(head.empty_line)
    fields = _decode_headers(head, start, transport)
    length = decode_number(fields.first.get(b"content-length", b""))
    body_end = len(octets) if length is None else min(head_end + length, len(octets))
    body = octets[head_end:body_end]
    sdp = _decode_body(fields, body)
    fields.notes |= start.anomalies | notes_on_octets(octets[junk:head_end])
    fields.notes |= _notes_on_cut(octets, start_line, junk)
    if length is not None and head_end + length > len(octets):
        fields.notes |= Anomaly.LENGTH_BEYOND_PACKET
    if body_end < len(octets):
        fields.notes |= Anomaly.OCTETS_AFTER_BODY
    first = fields.first
    content_type = first.get(b"content-type")
    return Message(
        junk=octets[:junk],
        start_line=start_line,
        headers_in_order=head.headers,
        empty_line=head.empty_line,
        body=body,
        surplus=octets[body_end:],
        anomalies=fields.notes,
        version=start.version,
        method=start.method,
        request_uri=start.request_uri,
        status=start.status,
        reason=start.reason,
        from_=fields.from_,
        to=fields.to,
        call_id=first.get(b"call-id"),
        cseq=fields.cseq,
        vias=fields.vias,
        contacts=fields.contacts,
        max_forwards=decode_number(first.get(b"max-forwards", b"")),
        expires=decode_number(first.get(b"expires", b"")),
        user_agent=first.get(b"user-agent", first.get(b"server")),
        credentials=fields.credentials,
        challenges=fields.challenges,
        content_length=length,
        content_type=media_type(content_type) if content_type is not None else None,
        sdp=sdp,
    )


def _junk(octets: bytes) -> int:
    """How many octets before the start line are blanks, line ends or control octets."""
    for at, octet in enumerate(octets[:MAX_JUNK]):
        if octet > _LIMIT_OF_BLANKS:
            return at
    raise WireError("nothing but blanks", offset=0)


def _notes_on_cut(octets: bytes, start_line: bytes, junk: int) -> Anomaly:
    notes = Anomaly.JUNK_BEFORE_START if junk else Anomaly(0)
    if start_line[-1:] != b"\n":
        notes |= Anomaly.HEAD_NOT_ENDED
    elif start_line[-2:-1] != b"\r":
        notes |= Anomaly.BARE_LF
    return notes


def _decode_headers(head: Head, start: StartLine, transport: bytes | None) -> _Fields:
    is_request = start.status is None
    fields = _Fields(head.anomalies, {})
    for header in head.headers:
        fields.first.setdefault(header.key, header.value)
        fields.notes |= conformance.notes_on_header(header, is_request=is_request)
        _decode_list(fields, header.key, header.value)
    _decode_single(fields)
    counts = Counter(header.key for header in head.headers)
    method = fields.cseq.method if fields.cseq is not None and not is_request else start.method
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
    for key in (b"from", b"to"):
        if (value := fields.first.get(key)) is not None:
            address, notes = decode_address(value)
            fields.notes |= notes
            if key == b"from":
                fields.from_ = address
            else:
                fields.to = address
    if (value := fields.first.get(b"cseq")) is not None:
        fields.cseq = decode_cseq(value)


def _decode_list(fields: _Fields, key: bytes, value: bytes) -> None:
    """Headers of which several count, up to MAX_PARTS values of each."""
    if key == b"via":
        vias, notes = decode_vias(value)
        fields.vias, more = _joined(fields.vias, vias)
    elif key == b"contact":
        contacts, notes = decode_addresses(value)
        fields.contacts, more = _joined(fields.contacts, contacts)
    elif key in CREDENTIALS:
        digest, notes = decode_digest(key, value)
        fields.credentials, more = _joined(fields.credentials, (digest,))
    elif key in CHALLENGES:
        digest, notes = decode_digest(key, value)
        fields.challenges, more = _joined(fields.challenges, (digest,))
    else:
        return
    fields.notes |= notes | more


def _joined[T]  # placeholder
