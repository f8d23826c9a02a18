"""Beginnings of a capture: its first packets as a capture of its own.

A pcap or pcapng file cut behind a packet is a whole file again; so how soon a
verdict falls is found by cutting.
"""

import gzip
import lzma
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PCAP_MAGICS: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 16), b"\x4d\x3c\xb2\xa1": ("<", 16), b"\x34\xcd\xb2\xa1": ("<", 24),
    b"\xa1\xb2\xc3\xd4": (">", 16), b"\xa1\xb2\x3c\x4d": (">", 16), b"\xa1\xb2\xcd\x34": (">", 24),
}  # fmt: skip
_FILE_HEAD: Final = 24
_SECTION: Final = b"\x0a\x0d\x0d\x0a"
# Blocks of pcapng that hold a packet: obsolete, simple, enhanced.
_PACKET_BLOCKS: Final = (2, 3, 6)


@dataclass(frozen=True, slots=True)
class Capture:
    """The octets of a capture, and where each packet ends in them."""

    octets: bytes
    ends: tuple[int, ...]

    def first(self, packets: int) -> bytes:
        """The file as it was when so many packets were written."""
        return self.octets[: self.ends[packets - 1]] if packets else self.octets[:_FILE_HEAD]


def read_capture(path: Path) -> Capture:
    """A pcap or pcapng file, packed or not. Raises ValueError for anything else."""
    octets = _unpacked(path.read_bytes())
    if octets[:4] in _PCAP_MAGICS:
        return Capture(octets, tuple(_pcap_ends(octets)))
    if octets[:4] == _SECTION:
        return Capture(octets, tuple(_pcapng_ends(octets)))
    raise ValueError(f"{path}: neither pcap nor pcapng")


def _unpacked(octets: bytes) -> bytes:
    if octets.startswith(b"\x1f\x8b"):
        return gzip.decompress(octets)
    if octets.startswith(b"\xfd7zXZ\x00"):
        return lzma.decompress(octets)
    return octets


def _pcap_ends(octets: bytes) -> Iterator[int]:
    order, head = _PCAP_MAGICS[octets[:4]]
    at = _FILE_HEAD
    while at + head <= len(octets):
        (kept,) = struct.unpack_from(order + "I", octets, at + 8)
        at += head + kept
        if at <= len(octets):
            yield at


def _pcapng_ends(octets: bytes) -> Iterator[int]:
    at, order = 0, "<"
    while at + 12 <= len(octets):
        if octets[at : at + 4] == _SECTION:
            order = "<" if octets[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, length = struct.unpack_from(order + "II", octets, at)
        at += max(12, length)
        if kind in _PACKET_BLOCKS and at <= len(octets):
            yield at
