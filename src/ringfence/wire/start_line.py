"""Request lines and status lines (RFC 3261 7.1, 7.2), blanks forgiven.

How it works: a request line is read from both ends, the method in front and the
version behind; all between them is the request-URI, whatever it holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ringfence.model.message import Uri
from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.errors import WireError
from ringfence.wire.grammar import BLANKS, decode_number, is_token
from ringfence.wire.uri import decode_uri

# A line that has not ended by here is no start line: RFC 4475 asks for about 900
# octets. The same number stands in the kernel.
MAX_START_LINE = 8192
# Octets from the blank before the version to the end of the line.
MAX_VERSION = 16
MIN_STATUS, MAX_STATUS = 100, 699

VERSION: Final = b"SIP/2.0"
_STATUS = re.compile(rb"(?i:sip/)([^ ]*)( +)([0-9]+)(?: (.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class StartLine:
    """Method and URI of a request, or status and reason of a response."""

    version: bytes
    anomalies: Anomaly
    method: bytes = b""
    request_uri: Uri | None = None
    status: int | None = None
    reason: bytes = b""


def decode_start_line(line: bytes, offset: int) -> StartLine:
    """What the line, its end included, says; WireError when it is no start line of SIP."""
    if len(line) > MAX_START_LINE:
        raise WireError(f"a start line of {len(line)} octets", offset=offset)
    text = line.rstrip(b"\n").removesuffix(b"\r")
    if text[:4].lower() == b"sip/":
        return _decode_status_line(text, offset)
    return _decode_request_line(text, offset)


def _decode_status_line(text: bytes, offset: int) -> StartLine:
    """SIP-Version SP Status-Code SP Reason-Phrase."""
    parts = _STATUS.match(text)
    if parts is None:
        raise WireError("a status line without status", offset=offset)
    notes = NONE
    version = b"SIP/" + parts.group(1)
    if text[:7] != VERSION or len(version) != len(VERSION):
        notes |= Anomaly.VERSION_UNKNOWN
    if len(parts.group(2)) > 1:
        notes |= Anomaly.START_LINE_SPACING
    digits = parts.group(3)
    status = decode_number(digits)
    if status is None or len(digits) != 3 or not MIN_STATUS <= status <= MAX_STATUS:
        notes |= Anomaly.STATUS_OUT_OF_RANGE
    return StartLine(text[: len(version)], notes, status=status or 0, reason=parts.group(4) or b"")


def _decode_request_line(text: bytes, offset: int) -> StartLine:
    """Method SP Request-URI SP SIP-Version."""
    line = text.rstrip(BLANKS)
    blank = max(line.rfind(b" ", -MAX_VERSION), line.rfind(b"\t", -MAX_VERSION))
    version = line[blank + 1 :]
    if blank < 0 or version[:4].lower() != b"sip/":
        raise WireError("no SIP version at the end of the first line", offset=offset)
    words = line[:blank].split(None, 1)
    if len(words) != 2 or line[:1] in (b" ", b"\t"):
        raise WireError("a request line without method or request-URI", offset=offset)
    method, target = words[0], words[1].rstrip()
    notes = NONE if is_token(method) else Anomaly.NAME_INVALID
    if len(method) + len(target) + len(version) + 2 != len(text):
        notes |= Anomaly.START_LINE_SPACING
    if version != VERSION:
        notes |= Anomaly.VERSION_UNKNOWN
    uri, more = decode_request_uri(target)
    return StartLine(version, notes | more, method=method, request_uri=uri)


def decode_request_uri(target: bytes) -> tuple[Uri, Anomaly]:
    """The request-URI: no brackets, no blanks, no headers (RFC 3261 7.1, 19.1.1)."""
    notes = NONE
    if b" " in target or b"\t" in target:
        notes |= Anomaly.REQUEST_URI_WITH_BLANK
    if target[:1] == b"<":
        notes |= Anomaly.REQUEST_URI_IN_BRACKETS
        target = target[1:].removesuffix(b">")
    uri, more = decode_uri(target)
    if uri.headers:
        notes |= Anomaly.REQUEST_URI_HAS_HEADERS
    return uri, notes | more
