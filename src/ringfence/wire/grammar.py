"""The basic rules that all headers share (RFC 3261 25.1): tokens, numbers, lists, parameters.

How it works: each function takes octets of one unfolded value and returns what
they say together with the anomalies met on the way; nothing here raises.
Rules: each octet is looked at a bounded number of times, whatever it is; what is
not closed reaches to the end; more parts than MAX_PARTS are not looked at.
"""

from __future__ import annotations

import re
from typing import Final

from ringfence.model.message import Parameters
from ringfence.wire.anomaly import NONE, Anomaly

# Values in one header, parameters of one value: the most that a real message
# showed is some 40 (Accept, a=, Via through many proxies), RFC 4475 has 34.
MAX_PARTS = 128
# Decimal digits before arithmetic: 2**64 has 20, and Python's int() is slow on
# many. A number of more digits is read as the largest.
MAX_DIGITS = 20
LARGEST = 10**MAX_DIGITS - 1

BLANKS: Final = b" \t"
_FOLD = re.compile(rb"\r?\n[ \t]+")
_TOKEN: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" + b"-.!%*_+`'~"
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
# The rest of a quoted string; possessive, so a missing end costs one pass.
_REST_OF_QUOTED = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_STOPS: Final = {
    b",": re.compile(rb'[",<]'),
    b";": re.compile(rb'[";]'),
}


def unfold(octets: bytes) -> bytes:
    """The value in one line, without blanks around it (RFC 3261 7.3.1)."""
    if b"\n" in octets:
        octets = _FOLD.sub(b" ", octets.rstrip(b"\r\n"))
    return octets.strip(b" \t\r\n")


def is_token(octets: bytes) -> bool:
    return bool(octets) and not octets.translate(None, _TOKEN)


def decode_number(digits: bytes) -> int | None:
    """The number these decimal digits write, at most LARGEST; None: not only digits."""
    if not digits.isdigit():
        return None
    significant = digits.lstrip(b"0")
    return int(significant or b"0") if len(significant) <= MAX_DIGITS else LARGEST


def is_within(number: int | None, limit: int) -> bool:
    """Whether it is a number from 0 to `limit`."""
    return number is not None and number <= limit


def quoted_end(octets: bytes, after_quote: int) -> int:
    """Offset behind the quote that ends a quoted string; -1 when none does."""
    rest = _REST_OF_QUOTED.match(octets, after_quote)
    return rest.end() if rest else -1


def unquote(octets: bytes) -> bytes:
    """Contents of a quoted string, its backslashes resolved; anything else as it is."""
    if len(octets) < 2 or octets[:1] != b'"' or octets[-1:] != b'"':
        return octets
    inner = octets[1:-1]
    return _ESCAPED.sub(rb"\1", inner) if b"\\" in inner else inner


def split_values(octets: bytes, separator: bytes) -> tuple[list[bytes], Anomaly]:
    """Parts between "," or ";", outside of quotes (and, for ",", of <...>); blanks around gone."""
    stops = _STOPS[separator]
    parts: list[bytes] = []
    start = at = 0
    while stop := stops.search(octets, at):
        at = stop.end()
        if stop.group() == separator:
            parts.append(octets[start : stop.start()].strip(BLANKS))
            start = at
            if len(parts) == MAX_PARTS:
                return parts, Anomaly.TOO_MANY_PARTS
            continue
        quoted = stop.group() == b'"'
        at = quoted_end(octets, at) if quoted else octets.find(b">", at) + 1
        if at <= 0:
            parts.append(octets[start:].strip(BLANKS))
            return parts, Anomaly.QUOTE_NOT_CLOSED if quoted else Anomaly.ADDRESS_INVALID
    parts.append(octets[start:].strip(BLANKS))
    return parts, NONE


def split_list(octets: bytes) -> tuple[list[bytes], Anomaly]:
    """Values of a header that may hold several, without the empty ones (RFC 3261 7.3.1)."""
    if not octets:
        return [], NONE
    values, notes = split_values(octets, b",")
    sound = [value for value in values if value.strip(b"; \t")]
    if len(sound) < len(values):
        notes |= Anomaly.SEPARATOR_EXTRA
    return sound, notes


def decode_parameters(parts: list[bytes]) -> tuple[Parameters, Anomaly]:
    """Each part as name [= value]; empty ones and those without a name are left out."""
    notes = NONE
    items: list[tuple[bytes, bytes | None]] = []
    names: set[bytes] = set()
    for part in parts:
        spelled, equals, spelled_value = part.partition(b"=")
        name = spelled.strip(BLANKS)
        if not name:
            notes |= Anomaly.SEPARATOR_EXTRA
            continue
        if (key := name.lower()) in names:
            notes |= Anomaly.PARAMETER_REPEATED
        names.add(key)
        items.append((name, unquote(spelled_value.strip(BLANKS)) if equals else None))
    return Parameters(tuple(items)), notes


def split_parameters(octets: bytes) -> tuple[bytes, Parameters, Anomaly]:
    """What stands before the first ";", and the parameters behind it."""
    parts, notes = split_values(octets, b";")
    params, more = decode_parameters(parts[1:])
    return parts[0], params, notes | more
