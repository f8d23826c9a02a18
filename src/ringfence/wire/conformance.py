"""What RFC 3261 asks of a message as a whole: headers that must be there, values in range."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.body import notes_on_accept, notes_on_type
from ringfence.wire.grammar import decode_number, is_token, is_within, split_list
from ringfence.wire.via import has_cookie

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

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
_END_OF_SECONDS = re.compile(rb"[ \t;(]")
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
    notes = NONE
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
    return NONE


def notes_on_cseq(cseq: CSeq | None, method: bytes) -> Anomaly:
    """`method` is that of the request line, b"" in a response."""
    if cseq is None:
        return NONE
    notes = NONE
    if cseq.number is None or not is_token(cseq.method):
        notes |= Anomaly.CSEQ_INVALID
    elif cseq.number > MAX_SEQUENCE:
        notes |= Anomaly.CSEQ_TOO_LARGE
    if method and cseq.method and cseq.method != method:
        notes |= Anomaly.CSEQ_METHOD_MISMATCH
    return notes


def notes_on_vias(vias: Sequence[Via], transport: bytes | None) -> Anomaly:
    """The top Via against RFC 3261 8.1.1.7 and the transport that carried a request."""
    if not vias:
        return NONE
    notes = NONE if has_cookie(vias[0]) else Anomaly.BRANCH_WITHOUT_COOKIE
    if transport is not None and vias[0].transport.upper() != transport.upper():
        notes |= Anomaly.VIA_TRANSPORT_DIFFERS
    return notes


def notes_on_contacts(contacts: Sequence[NameAddr]) -> Anomaly:
    """Whether each contact's expires is a number of seconds (20.10)."""
    claimed = (contact.params.get(b"expires") for contact in contacts)
    if all(is_within(decode_number(seconds), MAX_SECONDS) for seconds in claimed if seconds):
        return NONE
    return Anomaly.EXPIRES_INVALID


def notes_on_lengths(headers: Iterable[Header]) -> Anomaly:
    """Content-Length headers: numbers, and all the same."""
    lengths = {decode_number(h.value) for h in headers if h.key == b"content-length"}
    notes = Anomaly.LENGTHS_DISAGREE if len(lengths) > 1 else NONE
    return notes | Anomaly.LENGTH_INVALID if None in lengths else notes


def notes_on_header(header: Header) -> Anomaly:
    """What one header's value tells by itself."""
    check = _CHECKS.get(header.key)
    return check(header.value) if check is not None else NONE


def notes_on_body(content_type: bytes | None, body: bytes) -> Anomaly:
    """A body needs a type (20.15)."""
    return notes_on_type(content_type) if body else NONE


def _notes_on_max_forwards(value: bytes) -> Anomaly:
    return _in_range(value, MAX_HOPS, Anomaly.MAX_FORWARDS_INVALID)


def _notes_on_expires(value: bytes) -> Anomaly:
    return _in_range(value, MAX_SECONDS, Anomaly.EXPIRES_INVALID)


def _notes_on_retry_after(value: bytes) -> Anomaly:
    """Seconds, then perhaps a comment and parameters (20.33)."""
    seconds = _END_OF_SECONDS.split(value, maxsplit=1)[0]
    return _in_range(seconds, MAX_SECONDS, Anomaly.RETRY_AFTER_INVALID)


def _notes_on_warning(value: bytes) -> Anomaly:
    code = value.partition(b" ")[0]
    is_sound = len(code) == WARN_CODE_DIGITS and code.isdigit()
    return NONE if is_sound else Anomaly.WARNING_INVALID


def _notes_on_date(value: bytes) -> Anomaly:
    return NONE if _DATE.fullmatch(value) else Anomaly.DATE_INVALID


def _notes_on_require(value: bytes) -> Anomaly:
    tags, notes = split_list(value)
    is_known = all(tag.lower() in OPTION_TAGS for tag in tags)
    return notes if is_known else notes | Anomaly.EXTENSION_UNKNOWN


def _in_range(digits: bytes, limit: int, anomaly: Anomaly) -> Anomaly:
    return NONE if is_within(decode_number(digits), limit) else anomaly


_CHECKS: Final[dict[bytes, Callable[[bytes], Anomaly]]] = {
    b"accept": notes_on_accept,
    b"date": _notes_on_date,
    b"expires": _notes_on_expires,
    b"max-forwards": _notes_on_max_forwards,
    b"proxy-require": _notes_on_require,
    b"require": _notes_on_require,
    b"retry-after": _notes_on_retry_after,
    b"warning": _notes_on_warning,
}
