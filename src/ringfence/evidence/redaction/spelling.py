"""Octets under redaction: where folds are, where values end, and what masks look like.

Everything here keeps the length: what is replaced is replaced by as many octets.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from typing import Final

from ringfence.wire.grammar import quoted_end

_FOLD = re.compile(rb"\r?\n[ \t]+")
_BLANKS: Final = b" \t\r\n\0"
_VISIBLE = re.compile(rb"[^ \t\r\n]+")
_STOPS: Final = {
    b",": re.compile(rb'[",<]'),
    b";": re.compile(rb'[";]'),
}
_LAST: Final = {b",": re.compile(rb","), b";": re.compile(rb";")}
# Values of one header, parameters of one value; what follows is masked as a whole.
MAX_PARTS = 256


def mask(octets: bytes) -> bytes:
    """Masks everything but the blanks around it."""
    core = octets.strip(_BLANKS)
    if not core:
        return octets
    at = octets.index(core)
    return octets[:at] + b"x" * len(core) + octets[at + len(core) :]


def around(octets: bytes, rule: Callable[[bytes], bytes]) -> bytes:
    """The rule on what stands between the blanks around it."""
    core = octets.strip(_BLANKS)
    if not core:
        return octets
    at = octets.index(core)
    return octets[:at] + rule(core) + octets[at + len(core) :]


def unfolded(octets: bytes, rule: Callable[[bytes], bytes]) -> bytes:
    """The rule on octets whose folds look like blanks; the folds are put back."""
    if b"\n" not in octets:
        return rule(octets)
    folds = [(m.start(), m.end()) for m in _FOLD.finditer(octets)]
    flat = bytearray(octets)
    for start, end in folds:
        flat[start:end] = b" " * (end - start)
    made = bytearray(rule(bytes(flat)))
    for start, end in folds:
        made[start:end] = octets[start:end]
    return bytes(made)


def split(octets: bytes, separator: bytes) -> Iterator[bytes]:
    """Parts and separators in turn, as spelled; as `grammar.split_values` cuts them."""
    stops = _STOPS[separator]
    start = at = parts = 0
    while parts < MAX_PARTS and (stop := stops.search(octets, at)):
        at = stop.end()
        if stop.group() == separator:
            yield octets[start : stop.start()]
            yield separator
            start = at
            parts += 1
            continue
        if stop.group() == b'"':
            end = quoted_end(octets, at)
            if end < 0:
                break
            at = end
        else:
            at = octets.find(b">", at) + 1 or len(octets)
    yield octets[start:]


def each(octets: bytes, separator: bytes, rule: Callable[[bytes], bytes]) -> bytes:
    """The rule on each part between separators; behind the last that counts all is masked."""
    made = []
    for at, part in enumerate(split(octets, separator)):
        if at & 1:
            made.append(part)
        else:
            made.append(rule(part) if at < 2 * MAX_PARTS else mask(part))
    return b"".join(made)


def in_quotes(octets: bytes, rule: Callable[[bytes], bytes]) -> bytes:
    """The rule on what stands in quotes, or on all where there are none."""
    if octets[:1] != b'"':
        return rule(octets)
    if len(octets) > 1 and octets[-1:] == b'"':
        return b'"' + rule(octets[1:-1]) + b'"'
    return b'"' + rule(octets[1:])


def escaped(text: bytes, length: int) -> bytes:
    """`text` spelled with %hh until it is so long; x where that cannot be."""
    missing = length - len(text)
    if missing % 2 or missing < 0 or missing > 2 * len(text):
        return b"x" * length
    count = missing // 2
    return b"".join(b"%%%02x" % octet for octet in text[:count]) + text[count:]


def hides_text(token: bytes) -> bool:
    """Whether this is text in hexadecimal or base64: a random token reads like that once in 10⁴."""
    if len(token) < 8:
        return False
    try:
        if len(token) % 2 == 0 and not token.isdigit() and _is_text(bytes.fromhex(token.decode())):
            return True
    except ValueError:
        pass
    if len(token) < 12 or token.isdigit():
        return False
    body = token.rstrip(b"=")
    try:
        plain = base64.b64decode(body + b"=" * (-len(body) % 4), b"-_" if b"-" in body else None)
    except (binascii.Error, ValueError):
        return False
    return _is_text(plain)


def _is_text(octets: bytes) -> bool:
    return len(octets) >= 4 and all(32 <= octet < 127 for octet in octets)
