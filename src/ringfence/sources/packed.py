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
# Packed octets given to a library at a time. Each copies what follows a member that
# ended: with large bites a file of ten thousand empty members is copied as often.
_BITE_OCTETS = 16 * 1024
# The same for .zst, whose library has no bound on output: a block of four octets may
# unpack to 128 KiB (RFC 8878 3.1.1.2.3), so a bite to 16 MiB.
_ZSTD_BITE_OCTETS = 512
# What an .xz file may ask for as its dictionary, with what the library needs beside it:
# `xz -9` asks for 64 MiB, the format allows 4 GiB.
_XZ_MEMORY = 80 * 1024 * 1024


class Gzip:
    """RFC 1952, one member or many."""

    def __init__(self) -> None:
        self._unpacker = zlib.decompressobj(wbits=31)
        self._ended = False

    def unpack(self, packed: bytes) -> Iterator[bytes]:
        """Pieces of the capture; raises UnpackError where the file is damaged."""
        for bite in _bites(packed, _BITE_OCTETS):
            yield from self._unpack(bite)

    def _unpack(self, bite: bytes) -> Iterator[bytes]:
        while bite and not self._ended:
            if self._unpacker.eof:
                bite = bite.lstrip(b"\0")  # as tapes are padded
                self._ended = bite[:1] not in (b"", b"\x1f")  # what else follows is not ours
                self._unpacker = zlib.decompressobj(wbits=31) if bite else self._unpacker
                continue
            try:
                piece = self._unpacker.decompress(bite, PIECE_OCTETS)
            except zlib.error as error:
                raise UnpackError(str(error)) from error
            if piece:
                yield piece
            bite = self._unpacker.unconsumed_tail or self._unpacker.unused_data


class Xz:
    """The .xz format, one stream or many."""

    def __init__(self) -> None:
        self._unpacker = _new_xz()

    def unpack(self, packed: bytes) -> Iterator[bytes]:
        """Pieces of the capture; raises UnpackError where the file is damaged."""
        try:
            for bite in _bites(packed, _BITE_OCTETS):
                yield from self._unpack(bite)
        except lzma.LZMAError as error:
            raise UnpackError(str(error)) from error

    def _unpack(self, bite: bytes) -> Iterator[bytes]:
        while bite or not (self._unpacker.eof or self._unpacker.needs_input):
            if self._unpacker.eof:
                bite = bite.lstrip(b"\0")
                if not bite:
                    return
                self._unpacker = _new_xz()
            piece = self._unpacker.decompress(bite, PIECE_OCTETS)
            bite = self._unpacker.unused_data if self._unpacker.eof else b""
            if piece:
                yield piece


class Zstandard:
    """RFC 8878, one frame or many."""

    def __init__(self) -> None:
        import zstandard

        self._error = zstandard.ZstdError
        self._new = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj
        self._unpacker = self._new(write_size=PIECE_OCTETS, read_across_frames=True)

    def unpack(self, packed: bytes) -> Iterator[bytes]:
        """Pieces of the capture; raises UnpackError where the file is damaged."""
        for bite in _bites(packed, _ZSTD_BITE_OCTETS):
            try:
                piece = self._unpacker.decompress(bite)
            except self._error as error:
                raise UnpackError(str(error)) from error
            if piece:
                yield piece


def _new_xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


def _bites(packed: bytes, size: int) -> Iterator[bytes]:
    return (packed[o : o + size] for o in range(0, len(packed), size))
