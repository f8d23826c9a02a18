"""Pseudonyms: what stands for a name, a secret or an address in what leaves the house.

How it works: everything is computed from the owner's key and the original, nothing
is remembered but a cache. So two reports of one owner correlate, and those of two
owners do not. A pseudonym is as long as its original and of the same kind: digits
for digits, letters for letters, hexadecimal for hexadecimal.
Rules: short texts are permuted, so that two never share a pseudonym; texts of more
than 64 bits are mapped by HMAC. Addresses become ones that nobody has, of the same
length in text: 0.0.0.0/8 and 240.0.0.0/4, 100::/64 and 2001:db8::/32.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from ringfence.evidence.redaction.permutation import keyed_number, permute

KEY_OCTETS: Final = 32
# Pseudonyms kept at hand, some 300 octets each (10 MiB); all are forgotten when full.
MAX_CACHED = 32_768
# Above this many possible texts a collision is no matter, and HMAC alone does.
_LARGE = 1 << 64

_DIGITS, _LOWER, _UPPER = (
    b"0123456789",
    b"abcdefghijklmnopqrstuvwxyz",
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
)
_HEX_LOWER, _HEX_UPPER = _DIGITS + b"abcdef", _DIGITS + b"ABCDEF"
_WORD = re.compile(rb"[0-9A-Za-z]+")
_IS_HEX = (
    (re.compile(rb"(?=[0-9]*[a-f])[0-9a-f]{8,}"), _HEX_LOWER),
    (re.compile(rb"(?=[0-9]*[A-F])[0-9A-F]{8,}"), _HEX_UPPER),
)
# What base64 and the nonces of servers are punctuated with; in a password anything counts.
_STRUCTURE = b"=+/-_.:"

# Accounts and display names are of one kind: who is shown as 1001 and who logs in as 1001
# stay the same.
ACCOUNT, SECRET, HOST, WORD = b"account", b"secret", b"host", b"word"


class KeyFileError(ValueError):
    """The file of the owner's key holds no key."""


def load_key(path: Path) -> bytes:
    """The owner's key; made on first use, for his eyes only. Raises KeyFileError, OSError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        key = path.read_bytes()
        if len(key) != KEY_OCTETS:
            raise KeyFileError(f"{path} has {len(key)} octets, not {KEY_OCTETS}") from None
        return key
    key = secrets.token_bytes(KEY_OCTETS)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(key)
        stream.flush()
        os.fsync(stream.fileno())
    return key


class Pseudonyms:
    """Pseudonyms under one key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_OCTETS:
            raise ValueError(f"a key of {len(key)} octets, not {KEY_OCTETS}")
        self._key = key
        self._texts: dict[tuple[bytes, bytes], bytes] = {}
        self._addresses: dict[bytes, bytes] = {}

    def text(self, kind: bytes, octets: bytes) -> bytes:
        """What stands for these octets, of the same length; never the same unless empty."""
        found = self._texts.get((kind, octets))
        if found is None:
            if len(self._texts) >= MAX_CACHED:
                self._texts.clear()
            found = self._texts[kind, octets] = self._make(kind, octets)
        return found

    def address(self, packed: bytes) -> bytes:
        """An address that nobody has, 4 or 16 octets; its text is as long as the original's."""
        found = self._addresses.get(packed)
        if found is None:
            if len(self._addresses) >= MAX_CACHED:
                self._addresses.clear()
            digest = hmac.digest(self._key, b"address\0" + packed, "sha256")
            number = int.from_bytes(digest, "big")
            length = len(str(ip_address(packed)))
            if len(packed) == 4:
                found = _ipv4_of_length(length, number)
            elif packed[:12] == _MAPPED:
                found = _MAPPED + self.address(packed[12:])
            else:
                found = _ipv6_of_length(length, number)
            self._addresses[packed] = found
        return found

    def hardware(self, octets: bytes) -> bytes:
        """A locally administered hardware address; the broadcast one stays."""
        if octets == b"\xff" * len(octets):
            return octets
        return b"\x02" + hmac.digest(self._key, b"mac\0" + octets, "sha256")[: len(octets) - 1]

    def _make(self, kind: bytes, octets: bytes) -> bytes:
        alphabets = _alphabets(octets, exact=kind == SECRET)
        digits: list[int] = []
        size, number = 1, 0
        for octet, alphabet in zip(octets, alphabets, strict=True):
            size *= len(alphabet)
            digits.append(len(alphabet))
            number = number * len(alphabet) + max(alphabet.find(octet), 0)
        if size == 1:
            return b"x" * len(octets)
        shape = kind + b"\0" + bytes(radix for radix in digits)
        if size > _LARGE or any(o not in a for o, a in zip(octets, alphabets, strict=True)):
            number = keyed_number(self._key, shape, octets, size)
        else:
            number = permute(self._key, shape, number, size)
        made = bytearray()
        for alphabet in reversed(alphabets):
            number, rest = divmod(number, len(alphabet))
            made.append(alphabet[rest])
        made.reverse()
        return bytes(made)


def _alphabets(octets: bytes, *, exact: bool) -> list[bytes]:
    """For each octet those that may stand for it; `exact`: punctuation tells something, too."""
    found = [_alphabet_of_other(octet, exact=exact) for octet in octets]
    for word in _WORD.finditer(octets):
        text = word.group()
        is_hex = next((a for shape, a in _IS_HEX if shape.fullmatch(text)), None) if exact else None
        for at, octet in enumerate(text, word.start()):
            found[at] = is_hex or _alphabet(octet)
    return found


def _alphabet(octet: int) -> bytes:
    return next(a for a in (_DIGITS, _LOWER, _UPPER) if octet in a)


def _alphabet_of_other(octet: int, *, exact: bool) -> bytes:
    """Punctuation stays, unless it may be part of a password; other octets become letters."""
    if 32 <= octet < 127 and (not exact or octet in _STRUCTURE):
        return bytes((octet,))
    return _LOWER


_MAPPED: Final = bytes(10) + b"\xff\xff"
# 0.0.0.0/8 for short texts, 240.0.0.0/4 for others: reserved, never seen on a network.
_SHORT_IPV4 = 9
_RESERVED: Final = tuple(range(240, 255))
# (smallest, how many) octets whose text has one, two, three digits.
_OCTETS_OF_WIDTH = {1: (0, 10), 2: (10, 90), 3: (100, 156)}


def _ipv4_of_length(length: int, number: int) -> bytes:
    first = 0
    if length > _SHORT_IPV4:
        number, at = divmod(number, len(_RESERVED))
        first = _RESERVED[at]
    rest = length - len(str(first)) - 3
    widths = [(a, b, rest - a - b) for a in (1, 2, 3) for b in (1, 2, 3) if 1 <= rest - a - b <= 3]
    number %= sum(_count(three) for three in widths)
    for three in widths:
        if number < _count(three):
            break
        number -= _count(three)
    octets = [first]
    for width in three:
        least, count = _OCTETS_OF_WIDTH[width]
        number, at = divmod(number, count)
        octets.append(least + at)
    # 0.0.0.0 says "no address": its neighbour does not.
    return bytes(octets) if any(octets) else b"\0\0\0\1"


def _count(widths: tuple[int, ...]) -> int:
    count = 1
    for width in widths:
        count *= _OCTETS_OF_WIDTH[width][1]
    return count


def _ipv6_of_length(length: int, number: int) -> bytes:
    """100::/64 (RFC 6666) for texts of up to 24 octets, 2001:db8::/32 for longer ones."""
    if length <= 24:
        begin, groups = "100::", 4
    elif length <= 29:
        begin, groups = "2001:db8::", 4
    else:
        begin, groups = "2001:db8:", 6
    room = max(length - len(begin), 1)
    count = groups if groups == 6 else next(n for n in (1, 2, 3, 4) if room < 5 * n or n == 4)
    digits = min(max(room - (count - 1), count), 4 * count)
    words = []
    for at in range(count):
        width = digits // count + (at < digits % count)
        number, least = divmod(number, 15)
        text = "123456789abcdef"[least]
        for _ in range(width - 1):
            number, digit = divmod(number, 16)
            text += "0123456789abcdef"[digit]
        words.append(text)
    return ip_address(begin + ":".join(words)).packed
