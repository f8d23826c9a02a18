"""What RFC 3261 asks of a message as a whole: headers that must be there, values in range."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from ringfence.wire.anomaly import Anomaly
from ringfence.wire.body import notes_on_accept, notes_on_type
from ringfence.wire.grammar import decode_number, is_within, split_list
from ringfence.wire.via import has_cookie

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ringfence.model.message import CSeq, Header, NameAddr, Via

MAX_SEQUENCE = 2**31 - 1  # 8.1.1.5: less than 2**31
MAX_HOPS = 255  # 20.22
MAX_SECONDS = 2**32 - 1  # 20.19, 20.33
WARN_CODE_DIGITS = 3  # 20.43

# Headers that may stand once, of which a second matters; the kernel looks at the same.
SINGLE: Final = (
    b"from",
    b"to",
    b"call-id",
    b"cseq",
    b"max-forwards",
    b"expires",
    b"content-length",
    b"content-type",
)

_ALWAYS: Final = {
    b"call-id": Anomaly.NO_CALL_ID,
    b"cseq": Anomaly.NO_CSEQ,
    b"from": Anomaly.NO_FROM,
    b"to": Anomaly.NO_TO,
    b"via": Anomaly.NO_VIA,
}
_DATE = re.compile(
    rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3]\d "
    rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} [0-2]\d:[0-5]\d:[0-6]\d GMT"
)
# Option tags that IANA registers ("SIP Parameters: Option Tags").
OPTION_TAGS: Final = frozenset(
    b"""
    100rel 199 answermode early-session eventlist explicitsub from-change geolocation-http
    geolocation-sip gin gruu histinfo ice join multiple-refer norefersub nosub outbound path
    policy precondition pref privacy recipient-list-invite recipient-list-message
    recipient-list-subscribe record-aware replaces resource-priority sdp-anat sec-agree siprec
    tdialog timer trickle-ice uui
    """.split()
)


def notes_on_presence(counts: Counter[bytes], method: bytes, status: int | None) -> Anomaly:
    """Headers that are missing, or stand too often, by how often each key stands there."""
    notes = Anomaly(0)
    for key, missing in _ALWAYS.items():
        if not counts[key]:
            notes |= missing
    if status is None and not counts[b"max-forwards"]:
        notes |= Anomaly.NO_MAX_FORWARDS
    if any(counts[key] > 1 for key in SINGLE):
        notes |= Anomaly.REPEATED_SINGLE_HEADER
    accepts = status is None or 200 <= status < 300
    if method == b"INVITE" and accepts and not counts[b"contact"]:
        notes |= Anomaly.NO_CONTACT
    return notes


def notes_on_tags(from_: NameAddr | None, to: NameAddr | None, status: int | None) -> Anomaly:
    """From has a tag, and To of what an end point answered."""
    is_final = status is not None and status > 100
    if (from_ is not None and not from_.tag) or (is_final and to is not None and not to.tag):
        return Anomaly.NO_TAG
    return Anomaly(0)


def notes_on_cseq(cseq: CSeq | None, method: bytes) -> Anomaly:
    """`method` is that of the request line, b"" in a response."""
    if cseq is None:
        return Anomaly(0)
    notes = Anomaly(0)
    if cseq.number is None or not cseq.method:
        notes |= Anomaly.CSEQ_INVALID
    elif cseq.number > MAX_SEQUENCE:
        notes |= Anomaly.CSEQ_TOO_LARGE
    if method and cseq.method and cseq.method != method:
        notes |= Anomaly.CSEQ_METHOD_MISMATCH
    return notes


def notes_on_vias(vias: tuple[Via, ...], transport: bytes | None) -> Anomaly:
    """The top Via against RFC 3261 8.1.1.7 and the transport that carried a request."""
    if not vias:
        return Anomaly(0)
    notes = Anomaly(0) if has_cookie(vias[0]) else Anomaly.BRANCH_WITHOUT_COOKIE
    if transport is not None and vias[0].transport.upper() != transport.upper():
        notes |= Anomaly.VIA_TRANSPORT_DIFFERS
    return notes


def notes_on_contacts(contacts: tuple[NameAddr, ...]) -> Anomaly:
    """expires of each contact is a number of seconds (20.10)."""
    claimed = (contact.params.get(b"expires") for contact in contacts)
    if all(is_within(decode_number(seconds), MAX_SECONDS) for seconds in claimed if seconds):
        return Anomaly(0)
    return Anomaly.EXPIRES_INVALID


def notes_on_lengths(headers: Iterable[Header]) -> Anomaly:
    """Content-Length headers: numbers, and all the same."""
    lengths = {decode_number(h.value) for h in headers if h.key == b"content-length"}
    notes = Anomaly.LENGTHS_DISAGREE if len(lengths) > 1 else Anomaly(0)
    return notes | Anomaly.LENGTH_INVALID if None in lengths else notes


def notes_on_header(header: Header, *, is_request: bool) -> Anomaly:
    """What one header's value tells by itself."""
    value = header.value
    match header.key:
        case b"max-forwards":
            return _in_range(value, MAX_HOPS, Anomaly.MAX_FORWARDS_INVALID)
        case b"expires":
            return _in_range(value, MAX_SECONDS, Anomaly.EXPIRES_INVALID)
        case b"retry-after":
            seconds = re.split(rb"[ \t;(]", value, maxsplit=1)[0]
            return _in_range(seconds, MAX_SECONDS, Anomaly.RETRY_AFTER_INVALID)
        case b"warning":
            code = value.partition(b" ")[0]
            sound = len(code) == WARN_CODE_DIGITS and code.isdigit()
            return Anomaly(0) if sound else Anomaly.WARNING_INVALID
        case b"date":
            return Anomaly(0) if _DATE.fullmatch(value) else Anomaly.DATE_INVALID
        case b"require" | b"proxy-require":
            tags, notes = split_list(value)
            known = all(tag.lower() in OPTION_TAGS for tag in tags)
            return notes if known else notes | Anomaly.EXTENSION_UNKNOWN
        case b"accept" if is_request:
            return notes_on_accept(value)
    return Anomaly(0)


def notes_on_body(content_type: bytes | None, body: bytes) -> Anomaly:
    """A body needs a type (20.15)."""
    return notes_on_type(content_type) if body else Anomaly(0)


def _in_range(digits: bytes, limit: int, anomaly: Anomaly) -> Anomaly:
    return Anomaly(0) if is_within(decode_number(digits), limit) else anomaly
