"""Packets as a pcapng file: octets out; whoever calls writes them somewhere.

One section, least significant octet first, clocks in nanoseconds, one interface
for each link type and input. The packets' octets are not touched.
Source: draft-ietf-opsawg-pcapng.
"""

from __future__ import annotations

import struct

_SECTION = 0x0A0D0D0A
_INTERFACE = 1
_PACKET = 6
_BYTE_ORDER = 0x1A2B3C4D
_LENGTH_UNKNOWN = 0xFFFFFFFFFFFFFFFF

_IF_NAME = 2
_IF_TSRESOL = 9
_SHB_USERAPPL = 4
_NANOSECONDS = b"\x09"
# An option's length has 16 bits; a name need not use them.
_MAX_NAME = 255


class PcapngWriter:
    """The blocks of one file, in order: `start` first, then any number of packets."""

    def __init__(self, application: str) -> None:
        self._application = application
        self._interfaces: dict[tuple[int, str], int] = {}

    def start(self) -> bytes:
        """The section header."""
        body = struct.pack("<IHHQ", _BYTE_ORDER, 1, 0, _LENGTH_UNKNOWN)
        return _block(_SECTION, body + _options((_SHB_USERAPPL, _text(self._application))))

    def packet(self, link: int, name: str, time_ns: int, octets: bytes, original: int) -> bytes:
        """One packet of `original` octets on the wire; `name` tells its interface from others."""
        described = b""
        number = self._interfaces.get((link, name))
        if number is None:
            number = self._interfaces[link, name] = len(self._interfaces)
            described = _interface(link, name)
        fields = struct.pack(
            "<IIIII",
            number,
            time_ns >> 32 & 0xFFFFFFFF,
            time_ns & 0xFFFFFFFF,
            len(octets),
            max(original, len(octets)) & 0xFFFFFFFF,
        )
        return described + _block(_PACKET, fields + _padded(octets))


def _interface(link: int, name: str) -> bytes:
    """Interface description without a snap length: none of ours was applied."""
    body = struct.pack("<HHI", link & 0xFFFF, 0, 0)
    options = _options((_IF_NAME, _text(name)), (_IF_TSRESOL, _NANOSECONDS))
    return _block(_INTERFACE, body + options)


def _text(text: str) -> bytes:
    return text.encode("utf-8", "replace")[:_MAX_NAME]


def _options(*options: tuple[int, bytes]) -> bytes:
    """Options with their end mark; each is padded to 32 bits."""
    parts = [struct.pack("<HH", code, len(value)) + _padded(value) for code, value in options]
    return b"".join(parts) + struct.pack("<HH", 0, 0)


def _padded(octets: bytes) -> bytes:
    return octets + bytes(-len(octets) % 4)


def _block(kind: int, body: bytes) -> bytes:
    """A block: its length stands before and behind, so that files can be read backwards."""
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length
