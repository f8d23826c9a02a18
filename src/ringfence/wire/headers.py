"""A head cut into headers (RFC 3261 7.3), so that joining them gives it back.

How it works: a line that starts with a blank continues the header before it; an
empty line ends the head. Rules: lenient as receivers are (bare LF, blanks before
the colon, lines that are no header); what is odd is noted, and nothing is lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ringfence.model.message import Header, header_key
from ringfence.wire.anomaly import NONE, Anomaly
from ringfence.wire.grammar import BLANKS, is_token, unfold

# More headers than this, or a longer head, are noted, and still read; the same
# numbers stand in the kernel.
MAX_HEADERS = 256
MAX_HEAD = 32768

_LF: Final = 10
_BARE_NUL = re.compile(rb"(?<!\\)\x00")


@dataclass(frozen=True, slots=True)
class Head:
    """The headers, the empty line after them (b"" when there is none), where the body starts."""

    headers: tuple[Header, ...]
    empty_line: bytes
    end: int
    anomalies: Anomaly


def split_head(octets: bytes, start: int) -> Head:
    """Headers of octets[start:], up to and with the empty line."""
    headers: list[Header] = []
    notes = NONE
    at = start
    while at < len(octets):
        first_end = _line_end(octets, at)
        if octets[at:first_end] in (b"\r\n", b"\n"):
            notes |= _notes_on_size(len(headers), first_end - start)
            notes |= _bare_lf(octets, first_end)
            return Head(tuple(headers), octets[at:first_end], first_end, notes)
        end = first_end
        while octets[end : end + 1] in (b" ", b"\t"):
            end = _line_end(octets, end)
        header, more = _decode_header(octets[at:end], first_end - at, at)
        headers.append(header)
        notes |= more
        at = end
    notes |= _notes_on_size(len(headers), at - start) | Anomaly.HEAD_NOT_ENDED
    return Head(tuple(headers), b"", len(octets), notes)


def notes_on_octets(head: bytes) -> Anomaly:
    """What its octets alone tell: NUL, other text than UTF-8 (RFC 3261 7, 25.1)."""
    notes = NONE
    if b"\0" in head and _BARE_NUL.search(head):
        notes |= Anomaly.NUL_IN_HEAD
    if not head.isascii():
        try:
            head.decode()
        except UnicodeDecodeError:
            notes |= Anomaly.HEAD_NOT_UTF8
    return notes


def _decode_header(octets: bytes, first_end: int, offset: int) -> tuple[Header, Anomaly]:
    """One header from its lines; the name must stand in the first."""
    notes = _bare_lf(octets, len(octets))
    colon = octets.find(b":", 0, first_end)
    if colon < 0:
        value = unfold(octets)
        return Header(b"", b"", value, octets, offset), notes | Anomaly.LINE_WITHOUT_COLON
    if octets.count(b"\n") > octets.count(b"\r\n"):
        notes |= Anomaly.BARE_LF
    name = octets[:colon].strip(BLANKS)
    if not is_token(name):
        notes |= Anomaly.NAME_INVALID
    return Header(name, header_key(name), unfold(octets[colon + 1 :]), octets, offset), notes


def _line_end(octets: bytes, at: int) -> int:
    """Offset behind the LF of the line at `at`, or the end."""
    return octets.find(b"\n", at) + 1 or len(octets)


def _bare_lf(octets: bytes, line_end: int) -> Anomaly:
    """BARE_LF when the line that ends here ends in LF without CR."""
    if line_end and octets[line_end - 1] == _LF and octets[line_end - 2 : line_end - 1] != b"\r":
        return Anomaly.BARE_LF
    return NONE


def _notes_on_size(headers: int, octets: int) -> Anomaly:
    notes = NONE
    if headers > MAX_HEADERS:
        notes |= Anomaly.TOO_MANY_HEADERS
    if octets > MAX_HEAD:
        notes |= Anomaly.HEAD_TOO_LONG
    return notes
