"""Packed captures: gzip, xz and Zstandard, unpacked in bounded pieces.

Several members in a row are read as one, as the tools that write them do. A
file that ends in the middle (still growing, disk full) gives what it has.
"""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Iterator

from ringfence.sources.capture_file import UnpackError

# Octets unpacked at a time: a bomb of any ratio needs no more memory than this.
PIECE_OCTETS = 1024 * 1024


class Gzip:
    """RFC 1952, one member or many."""

    def __init__(self) -> None:
        self._unpacker = zlib.decompressobj(wbits=31)

    def unpack(self, packed: bytes) -> Iterator[bytes]:
        """Pieces of the capture; raises UnpackError where the file is damaged."""
        while packed:
            if self._unpacker.eof:
                if not packed.startswith(b"\x1f"):
                    return  # padding after the last member
                self._unpacker = zlib.decompressobj(wbits=31)
            try:
                piece = self._unpacker.decompress(packed, PIECE_OCTETS)
            except zlib.error as error:
                raise UnpackError(str(error)) from error
            if piece:
                yield piece
            packed = self._unpacker.unconsumed_tail or self._unpacker.unused_data


class Xz:
    """The .xz format, one stream or many."""

    def __init__(self) -> None:
        self._unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ)

    def unpack(self, packed: bytes) -> Iterator[bytes]:
        """Pieces of the capture; raises UnpackError where the file is damaged."""
        try:
            while packed or not self._unpacker.needs_input:
                if self._unpacker.eof:
                    packed = self._unpacker.unused_data.lstrip(b"\0") or packed.lstrip(b"\0")
                    if not packed:
                        return
                    self._unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ)
                piece = self._unpacker.decompress(packed, PIECE_OCTETS)
                packed = self._unpacker.unused_data if self._unpacker.eof else b""
                if piece:
                    yield piece
        except lzma.LZMAError as error:
            raise UnpackError(str(error)) from error


class Zstandard:
    """RFC 8878, one frame or many."""

    def __init__(self) -> None:
        import zstandard

        self._error = zstandard.ZstdError
        self._new = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj
        self._unpacker = self._new(write_size=PIECE_OCTETS, read_across_frames=True)

    def unpack(self, packed: bytes) -> Iterator[bytes]:
        """Pieces of the capture; raises UnpackError where the file is damaged."""
        # The library has no output bound of its own here: small bites of input
        # keep one answer small (a frame block unpacks to at most 128 KiB).
        for o in range(0, len(packed), 4096):
            try:
                piece = self._unpacker.decompress(packed[o : o + 4096])
            except self._error as error:
                raise UnpackError(str(error)) from error
            if piece:
                yield piece
