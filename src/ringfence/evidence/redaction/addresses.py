"""Addresses in text and packets: which may stay, and how a pseudonym is spelled.

How it works: an address is compared and replaced as octets; its pseudonym is then
spelled as long as the original was: a zero more in a group, zeros for "::".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

# Nobody's address in public: inside a house (RFC 1918, 4193), inside a provider
# (RFC 6598), of one link (RFC 3927, 4291; those hold hardware addresses), and what
# our pseudonyms are taken from.
_PRIVATE_IPV4 = tuple(
    (int(network.network_address), int(network.netmask))
    for network in map(
        ip_network,
        [
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ],
    )
)
_PRIVATE_IPV6 = tuple(
    (int(network.network_address), int(network.netmask))
    for network in map(ip_network, ["100::/64", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"])
)
_MAPPED: Final = bytes(10) + b"\xff\xff"
# Every host's own: they name nobody, and attack tools like to write them.
_ANYBODYS: Final = frozenset(
    (
        bytes(4),
        b"\xff" * 4,
        bytes((127, 0, 0, 1)),
        bytes((127, 0, 1, 1)),  # Debian's name for itself
        bytes(16),
        bytes(15) + b"\x01",
    )
)
# Four numbers or more with dots between, or with dashes as in hosts' names: perhaps an
# IPv4 address, perhaps with other digits at its ends.
DOTTED: Final = re.compile(rb"(?<![0-9])[0-9]++([.\-_])[0-9]++(?:\1[0-9]++){2,}+")
# Colons and hexadecimal digits: perhaps an IPv6 address.
IPV6: Final = re.compile(
    rb"(?<![0-9A-Za-z:])[0-9A-Fa-f:]{0,39}:[0-9A-Fa-f:]{1,39}(?:\.[0-9]{1,3}){0,3}(?![0-9A-Za-z:])"
)
_LONGEST = 45


def is_private(packed: bytes) -> bool:
    """Whether the address means something inside a house only; or an address inside it does."""
    if len(packed) == 4:
        number = int.from_bytes(packed, "big")
        return any(number & mask == network for network, mask in _PRIVATE_IPV4)
    number = int.from_bytes(packed, "big")
    if any(number & mask == network for network, mask in _PRIVATE_IPV6):
        return True
    inside = _inside(packed)
    return inside is not None and is_private(inside)


def is_anybodys(packed: bytes) -> bool:
    """Loopback and "any": the same on every host."""
    return packed in _ANYBODYS


def read_address(text: bytes) -> bytes | None:
    """The address that this text spells, without brackets; None when it is none."""
    if not 2 <= len(text) <= _LONGEST or b"%" in text:
        return None
    try:
        if b":" in text:
            return IPv6Address(text.decode("ascii")).packed
        words = text.split(b".")
        if len(words) != 4 or not all(w.isdigit() and len(w) <= 3 for w in words):
            return None
        return bytes(map(int, words))
    except ValueError:
        return None


def readings(text: bytes) -> Iterator[tuple[int, int, bytes]]:
    """What addresses four numbers with dots may hold: start, end, octets; the longest first.

    Tokens end in an address without anything between: 44480192.168.1.2. So 110.0.0.1
    may be read as 10.0.0.1, too, and is better replaced once too often.
    """
    first, last = text.index(b"."), text.rindex(b".")
    for end in range(min(len(text), last + 4), last + 1, -1):
        for start in range(max(first - 3, 0), first):
            packed = read_address(text[start:end])
            if packed is not None:
                yield start, end, packed


def spell(packed: bytes, original: bytes) -> bytes:
    """The address in text, as long as the original's text; x where that cannot be."""
    length = len(original)
    if len(packed) == 4:
        text = _plain(packed)
        if len(text) != length:
            text = _padded(packed, [len(word) for word in original.split(b".")])
        return text if len(text) == length else b"x" * length
    for shape in (_plain(packed), _exploded(packed, with_gap=True), _exploded(packed)):
        text = _stretched(shape, length)
        if len(text) == length and read_address(text) == packed:
            return text.upper() if original.isupper() else text
    return b"x" * length


def _inside(packed: bytes) -> bytes | None:
    """The IPv4 address that an IPv6 one carries: mapped, 6to4, NAT64."""
    if packed[:12] == _MAPPED or packed[:12] == bytes.fromhex("0064ff9b") + bytes(8):
        return packed[12:]
    return packed[2:6] if packed[:2] == b"\x20\x02" else None


def _plain(packed: bytes) -> bytes:
    if packed[:12] == _MAPPED:
        return b"::ffff:" + str(IPv4Address(packed[12:])).encode()
    return str(ip_address(packed)).encode()


def _padded(packed: bytes, widths: list[int]) -> bytes:
    """Octets in decimal with zeros before them, where the original had some."""
    if len(widths) != 4:
        return b""
    total = sum(widths)
    words = [b"%d" % octet for octet in packed]
    for at in range(4):
        missing = total - sum(map(len, words))
        words[at] = words[at].rjust(min(3, len(words[at]) + max(missing, 0)), b"0")
    return b".".join(words)


def _exploded(packed: bytes, *, with_gap: bool = False) -> bytes:
    """All groups written, "0" for those that are zero; `with_gap`: the last zeros as "::"."""
    words = [b"%x" % int.from_bytes(packed[at : at + 2], "big") for at in range(0, 16, 2)]
    if with_gap and b"0" in words:
        at = len(words) - 1 - words[::-1].index(b"0")
        return b":".join(words[:at]) + b"::" + b":".join(words[at + 1 :])
    return b":".join(words)


def _stretched(text: bytes, length: int) -> bytes:
    """With zeros before its groups until it is so long."""
    words = text.split(b":")
    if b"." in words[-1]:
        return text
    missing = length - len(text)
    for at, word in enumerate(words):
        if word and missing > 0:
            words[at] = word.rjust(min(4, len(word) + missing), b"0")
            missing -= len(words[at]) - len(word)
    return b":".join(words)
