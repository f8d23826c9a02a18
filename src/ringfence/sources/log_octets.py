"""Octets of a finished log, packed or not: logrotate packs what is older than a day."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ringfence.sources.capture_file import STANDARD_INPUT
from ringfence.sources.packed import Gzip, Xz, Zstandard

_BLOCK = 256 * 1024
_PACKED: dict[bytes, type[Gzip | Xz | Zstandard]] = {
    b"\x1f\x8b": Gzip,
    b"\xfd7": Xz,
    b"\x28\xb5": Zstandard,
}


def read_octets(path: str) -> Iterator[bytes]:
    """Pieces of the log. Raises OSError, UnpackError."""
    if path == STANDARD_INPUT:
        yield from _unpacked(sys.stdin.buffer)
        return
    with Path(path).open("rb") as stream:
        yield from _unpacked(stream)


def _unpacked(stream: BinaryIO) -> Iterator[bytes]:
    block = stream.read(_BLOCK)
    unpacker = _PACKED[block[:2]]() if block[:2] in _PACKED else None
    while block:
        if unpacker is None:
            yield block
        else:
            yield from unpacker.unpack(block)
        block = stream.read(_BLOCK)
