"""`sources/packed`: gzip, xz and Zstandard files to pieces of a capture.

Invariant: any octets end in pieces and, at most, UnpackError; the pieces joined
are the same whether the file comes whole, in pieces or octet by octet, up to
where it is damaged; no piece is larger than its bound, however small the file.
"""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Iterable

import zstandard

from fuzz.harness import hold, pieces
from fuzz.packets import ethernet, ipv4, pcap, udp
from ringfence.sources import packed
from ringfence.sources.capture_file import Unpacker, UnpackError

TOKENS = (
    b"\x1f\x8b\x08", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18", b"YZ",
    b"\x00\x00\x00\x00",
    b"\x02\x00\x10",
)  # fmt: skip
# A piece may exceed what is unpacked at a time by what one bite of input can hold.
MAX_PIECE = 17 * 1024 * 1024
# More is not unpacked here: a bomb shows itself before.
_ENOUGH = 64 * 1024 * 1024


def check(octets: bytes) -> object:
    """Whole and in pieces."""
    whole = _unpack([octets])
    in_pieces = _unpack(pieces(octets))
    size = min(len(whole[0]), len(in_pieces[0]))
    hold(whole[0][:size] == in_pieces[0][:size], "pieces give other octets")
    hold(whole[1] or in_pieces[1] or whole == in_pieces, "pieces give more or less")
    return len(whole[0]), whole[0][:64], bool(whole[1])


def _unpack(runs: Iterable[bytes]) -> tuple[bytes, str]:
    unpacker: Unpacker | None = None
    out, size = [], 0
    head = b""
    for run in runs:
        if unpacker is None:
            head += run
            unpacker = _unpacker(head)
            run = head if unpacker is not None else b""  # noqa: PLW2901  the head is fed once it is known
        if unpacker is None:
            continue
        try:
            for piece in unpacker.unpack(run):
                hold(0 < len(piece) <= MAX_PIECE, f"a piece of {len(piece)} octets")
                size += len(piece)
                out.append(piece)
                if size > _ENOUGH:
                    return b"".join(out), ""
        except UnpackError as error:
            return b"".join(out), str(error) or "error"
    return b"".join(out), ""


def _unpacker(head: bytes) -> Unpacker | None:
    if head.startswith(b"\x1f\x8b"):
        return packed.Gzip()
    if head.startswith(b"\xfd7zXZ\x00"):
        return packed.Xz()
    return packed.Zstandard() if head.startswith(b"\x28\xb5\x2f\xfd") else None


def seeds() -> list[bytes]:
    """Each format: one member, several, padding, cut, damaged; small bombs."""
    capture = pcap([ethernet(ipv4(udp(b"OPTIONS sip:a SIP/2.0\r\n\r\n")))])
    gz = gzip.compress(capture, mtime=0)
    xz = lzma.compress(capture, preset=0)
    zst = zstandard.compress(capture)
    bomb = bytes(300_000)
    rle = b"\x28\xb5\x2f\xfd\x00\x58" + b"\x02\x00\x10\x00" * 40 + b"\x03\x00\x00\x00"
    skippable = b"\x50\x2a\x4d\x18\x04\x00\x00\x00skip"
    return [
        gz, gz + gz, gz + bytes(9), gz[:-6], gz[:30] + b"\xff" + gz[31:],
        gzip.compress(bomb, mtime=0),
        xz, xz + xz, xz + bytes(8) + xz, xz[:-6], xz[:30] + b"\xff" + xz[31:],
        lzma.compress(bomb, preset=0),
        zst, zst + zst, zst + skippable + zst, zst[:-3], zstandard.compress(bomb), rle,
    ]  # fmt: skip
