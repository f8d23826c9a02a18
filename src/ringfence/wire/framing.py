"""Where a SIP message starts and ends in a stream of octets (RFC 3261 7.1, 18.3).

A start line is taken as senders really write it: any version, several spaces,
trailing blanks (RFC 4475). Where the reader has lost its place a line must look
more like one, because it may stand in the middle of anything.
"""

from __future__ import annotations

import re

# Methods known to IANA: only these may follow junk on the same line.
METHODS = (
    b"ACK",
    b"BYE",
    b"CANCEL",
    b"INFO",
    b"INVITE",
    b"MESSAGE",
    b"NOTIFY",
    b"OPTIONS",
    b"PRACK",
    b"PUBLISH",
    b"REFER",
    b"REGISTER",
    b"SUBSCRIBE",
    b"UPDATE",
)
_LONGEST_FIRST = sorted(METHODS, key=len, reverse=True)  # PRACK ends like ACK
# A Content-Length with more digits is a lie, whatever it says.
MAX_LENGTH_DIGITS = 9
# The longest header name that is looked at when a start line is doubted.
MAX_NAME = 64

_TOKEN = rb"[A-Za-z0-9\-.!%*_+`'~]"
_METHOD = re.compile(_TOKEN + rb"{1,64}[ \t]")
_VERSION = re.compile(rb"SIP/\d{1,9}\.\d{1,9}", re.IGNORECASE)
_STATUS = re.compile(rb"SIP/\d{1,9}\.\d{1,9}[ \t]+\d{3}", re.IGNORECASE)
_GLUED_STATUS = re.compile(rb"SIP/2\.0 [1-6]\d\d[ \r\n]")
_BEGINNING = re.compile(
    rb"SIP/\d\.\d |" + _TOKEN + rb"{1,64} {1,8}<?(?:sips?|tel|urn|im|pres):", re.IGNORECASE
)
_NAME = re.compile(_TOKEN + rb"{1,%d}[ \t]*:" % MAX_NAME)
_NAME_BEGUN = re.compile(_TOKEN + rb"{0,%d}[ \t]*" % MAX_NAME)
_LENGTH = re.compile(rb"\n(?:content-length|l)[ \t]*:[ \t]*(?:\r?\n[ \t]+)?(\d+)", re.IGNORECASE)


def is_start_line(line: bytes | bytearray) -> bool:
    """Whether a whole line, found where a message may start, is a SIP start line."""
    if _STATUS.match(line):
        return True
    method = _METHOD.match(line)
    if method is None:
        return False
    line = line.rstrip(b" \t\r\n")
    version_at = _version_at(line)
    return version_at > 0 and bool(line[method.end() : version_at].strip())


def may_become_start_line(begun: bytes | bytearray) -> bool:
    """Whether an unfinished line begins so much like a start line that it may be very long."""
    return _BEGINNING.match(begun) is not None


def find_start(line: bytes | bytearray) -> int:
    """Where in a line, found anywhere, a start line begins; -1: nowhere.

    What stands before it on the line is the end of something else, such as a body
    longer than its Content-Length.
    """
    if b"SIP/" not in line and b"sip/" not in line:
        return -1
    if status := _GLUED_STATUS.search(line):
        return status.start()
    at = _find_request(line.rstrip(b" \t\r\n"))
    return 0 if at < 0 and is_start_line(line) else at


def _find_request(line: bytes | bytearray) -> int:
    fields = line.rsplit(b" ", 2)
    if len(fields) < 3 or _version_at(line) < 0:
        return -1
    for method in _LONGEST_FIRST:
        if fields[0].endswith(method):
            return len(fields[0]) - len(method)
    return -1


def _version_at(line: bytes | bytearray) -> int:
    """Where the version that ends a request line starts; -1: there is none."""
    at = max(line.rfind(b" ", -32), line.rfind(b"\t", -32)) + 1
    return at if at and _VERSION.fullmatch(line, at) else -1


def is_header_line(octets: bytes | bytearray, at: int) -> bool | None:
    """Whether a header line starts at `at`; None: need more."""
    end = at + MAX_NAME + 8
    if _NAME.match(octets, at, end):
        return True
    begun = _NAME_BEGUN.match(octets, at, end)
    if begun is not None and begun.end() == len(octets) < end:
        return None
    return False


def content_length(head: bytes | bytearray) -> int | None:
    """What the first Content-Length (or `l`) of a head says; None: it says nothing usable."""
    if said := _LENGTH.search(head):
        digits = said[1].lstrip(b"0") or b"0"
        return int(digits) if len(digits) <= MAX_LENGTH_DIGITS else 10**MAX_LENGTH_DIGITS
    return None
