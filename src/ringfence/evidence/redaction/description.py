"""Session descriptions, redacted line by line: what is offered stays, where and by whom not."""

from __future__ import annotations

import re
from typing import Final

from ringfence.evidence.redaction.names import Names
from ringfence.evidence.redaction.spelling import mask
from ringfence.evidence.redaction.vocabulary import SDP_NAMES, SDP_PLAIN, SDP_TOKENS

_LINE = re.compile(rb"([A-Za-z])=([^\r\n]*)")
_WORD = re.compile(rb"[^ \t:/;=,]+")
_NUMBER = re.compile(rb"[0-9]{1,10}(?:\.[0-9]{1,3})?\Z|[0-9]{1,3}-[0-9]{1,3}\Z")
_CONNECTION = re.compile(rb"(IN[ \t]+IP[46][ \t]+)([^ \t/]+)((?:/[0-9]{1,10}){0,2}[ \t]*)\Z")
_ORIGIN = re.compile(rb"([^ \t]+)([ \t]+)([0-9]+)([ \t]+)([0-9]+)([ \t]+)(.*)\Z")
_RTCP = re.compile(rb"([0-9]{1,5}[ \t]*)(?:(IN.*))?\Z")
# Lines whose whole text is known to say nothing: version, empty name, times.
_HARMLESS: Final = {
    b"v": re.compile(rb"[0-9]{1,2}\Z"),
    b"s": re.compile(rb"[- ]\Z"),
    b"t": re.compile(rb"[0-9]{1,20}(?:[ \t]+[0-9]{1,20})?[ \t]*\Z"),
}
# Lines made of numbers and words that everybody uses.
_PLAIN_LINES: Final = frozenset(b"mb")


def redact_description(body: bytes, names: Names) -> bytes:
    """The body with as many octets; what is no line of SDP is masked."""
    lines = re.split(rb"(\r?\n)", body)
    return b"".join(part if at & 1 else _redact_line(part, names) for at, part in enumerate(lines))


def _redact_line(line: bytes, names: Names) -> bytes:
    found = _LINE.fullmatch(line)
    if found is None:
        return mask(line)
    letter, text = found.groups()
    return letter + b"=" + _redact_text(letter, text, names)


def _redact_text(letter: bytes, text: bytes, names: Names) -> bytes:
    if letter in _HARMLESS:
        return text if _HARMLESS[letter].match(text) else mask(text)
    if letter == b"o":
        return _origin(text, names)
    if letter == b"c":
        return _connection(text, names)
    if letter == b"a":
        return _attribute(text, names)
    return _plain(text) if letter[0] in _PLAIN_LINES else mask(text)


def _origin(text: bytes, names: Names) -> bytes:
    found = _ORIGIN.match(text)
    if found is None:
        return mask(text)
    user, gap, session, gap2, version, gap3, place = found.groups()
    return (
        (user if user == b"-" else mask(user))
        + gap
        + names.secret(session)
        + gap2
        + names.secret(version)
        + gap3
        + _connection(place, names)
    )


def _connection(text: bytes, names: Names) -> bytes:
    """An address of media is never the attack's: only the accused and attacked ones stay."""
    found = _CONNECTION.match(text)
    if found is None:
        return mask(text)
    return found.group(1) + names.host(found.group(2), claimed=False) + found.group(3)


def _attribute(text: bytes, names: Names) -> bytes:
    name, colon, value = text.partition(b":")
    key = name.lower()
    if key not in SDP_NAMES:
        return mask(text)
    if key == b"rtcp":
        found = _RTCP.match(value)
        if found is None:
            return name + colon + mask(value)
        return name + colon + found.group(1) + (_connection(found[2], names) if found[2] else b"")
    return name + colon + (_plain(value) if key in SDP_PLAIN else mask(value))


def _plain(text: bytes) -> bytes:
    return _WORD.sub(_plain_word, text)


def _plain_word(found: re.Match[bytes]) -> bytes:
    word = found.group()
    if word.lower() in SDP_TOKENS or word in (b"-", b"*") or _NUMBER.match(word):
        return word
    return mask(word)
