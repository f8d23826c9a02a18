"""Packets as a pcapng file: octets out; whoever calls writes them somewhere.

One section, least significant octet first, clocks in nanoseconds, one interface
for each link type and input. The packets' octets are not touched; what there is to
say about them stands in comments, and who is who in a name resolution block.
Source: draft-ietf-opsawg-pcapng.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

_SECTION = 0x0A0D0D0A
_INTERFACE = 1
_NAMES = 4
_PACKET = 6
_BYTE_ORDER = 0x1A2B3C4D
_LENGTH_UNKNOWN = 0xFFFFFFFFFFFFFFFF

_COMMENT = 1
_IF_NAME = 2
_IF_TSRESOL = 9
_SHB_USERAPPL = 4
_NANOSECONDS = b"\x09"
_NAME_OF = {4: 1, 16: 2}  # nrb_record_ipv4, nrb_record_ipv6, by octets of the address
# An option's length has 16 bits; a name need not use them, and a comment is read by a person.
_MAX_NAME = 255
MAX_COMMENT = 16_384


class PcapngWriter:
    """The blocks of one file, in order: `start` first, then names, then any number of packets."""

    def __init__(self, application: str) -> None:
        self._application = application
        self._interfaces: dict[tuple[int, str], int] = {}

    def start(self, comment: str = "") -> bytes:
        """The section header; the comment says how the file was made."""
        body = struct.pack("<IHHQ", _BYTE_ORDER, 1, 0, _LENGTH_UNKNOWN)
        maker = _SHB_USERAPPL, _text(self._application, _MAX_NAME)
        return _block(_SECTION, body + _options(*_comments([comment]), maker))

    def names(self, names: Mapping[bytes, str]) -> bytes:
        """Names of packed addresses (4 or 16 octets), which Wireshark shows in their place."""
        records = [
            _option(_NAME_OF[len(address)], address + _text(name, _MAX_NAME) + b"\0")
            for address, name in names.items()
        ]
        return _block(_NAMES, b"".join(records) + _option(0, b""))

    def packet(
        self,
        link: int,
        name: str,
        time_ns: int,
        octets: bytes,
        original: int,
        comments: Sequence[str] = (),
    ) -> bytes:
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
        said = _options(*_comments(comments)) if comments else b""
        return described + _block(_PACKET, fields + _padded(octets) + said)


def _interface(link: int, name: str) -> bytes:
    """Interface description without a snap length: none of ours was applied."""
    body = struct.pack("<HHI", link & 0xFFFF, 0, 0)
    options = _options((_IF_NAME, _text(name, _MAX_NAME)), (_IF_TSRESOL, _NANOSECONDS))
    return _block(_INTERFACE, body + options)


def _comments(comments: Sequence[str]) -> list[tuple[int, bytes]]:
    return [(_COMMENT, _text(comment, MAX_COMMENT)) for comment in comments if comment]


def _text(text: str, limit: int) -> bytes:
    """UTF-8 of at most `limit` octets, not cut within a character; no zero octet ends it early."""
    octets = text.encode("utf-8", "replace").replace(b"\0", b"?")
    return octets[:limit].decode("utf-8", "ignore").encode()


def _options(*options: tuple[int, bytes]) -> bytes:
    """Options with their end mark."""
    return b"".join(_option(code, value) for code, value in options) + _option(0, b"")


def _option(code: int, value: bytes) -> bytes:
    """Code, length and value, padded to 32 bits."""
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(octets: bytes) -> bytes:
    return octets + bytes(-len(octets) % 4)


def _block(kind: int, body: bytes) -> bytes:
    """A block: its length stands before and behind, so that files can be read backwards."""
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length
