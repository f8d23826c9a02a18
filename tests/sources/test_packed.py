"""Unpacking in bounded pieces, whatever the packer of the file had in mind."""

from __future__ import annotations

import gzip
import lzma
import random
import struct
import zlib
from collections.abc import Callable, Iterator

import pytest
import zstandard

from ringfence.sources.capture_file import Unpacker, UnpackError
from ringfence.sources.packed import PIECE_OCTETS, Gzip, Xz, Zstandard

TEXT = b"".join(b"record %d\n" % n for n in range(30_000))
NOISE = random.Random(3).randbytes(700_000)  # noqa: S311  seeded on purpose
MIB = 1024 * 1024


def zstd(octets: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(octets)


KINDS = {"gz": (Gzip, gzip.compress), "xz": (Xz, lzma.compress), "zst": (Zstandard, zstd)}
EVERY_KIND = pytest.mark.parametrize(("new", "pack"), KINDS.values(), ids=KINDS)
New = Callable[[], Unpacker]
Pack = Callable[[bytes], bytes]


def unpack(unpacker: Unpacker, packed: bytes, step: int = 256 * 1024) -> Iterator[bytes]:
    for at in range(0, len(packed), step):
        yield from unpacker.unpack(packed[at : at + step])


@EVERY_KIND
@pytest.mark.parametrize("step", [1, 7, 4096, MIB])
def test_pieces_in_whatever_pieces_they_come(new: New, pack: Pack, step: int) -> None:
    packed = pack(TEXT)
    assert b"".join(unpack(new(), packed, step)) == TEXT


@EVERY_KIND
def test_what_does_not_pack_well(new: New, pack: Pack) -> None:
    assert b"".join(unpack(new(), pack(NOISE))) == NOISE


@EVERY_KIND
@pytest.mark.parametrize("step", [1, 100, MIB])
def test_many_members(new: New, pack: Pack, step: int) -> None:
    members = [TEXT[at : at + 4000] for at in range(0, 40_000, 4000)] + [b"", b"", b"end"]
    packed = b"".join(pack(member) for member in members)
    assert b"".join(unpack(new(), packed, step)) == b"".join(members)


@pytest.mark.parametrize(("new", "pack"), [KINDS["gz"], KINDS["xz"]], ids=["gz", "xz"])
@pytest.mark.parametrize("step", [1, 5, MIB])
def test_padding_between_and_behind_members(new: New, pack: Pack, step: int) -> None:
    """As tapes and .xz streams have it (in fours there)."""
    packed = pack(b"one") + bytes(8) + pack(b"two") + bytes(1024)
    assert b"".join(unpack(new(), packed, step)) == b"onetwo"


def test_what_follows_the_last_gzip_member_is_not_ours() -> None:
    packed = gzip.compress(b"one") + b"a signature" + gzip.compress(b"two")
    for step in (1, MIB):
        assert b"".join(unpack(Gzip(), packed, step)) == b"one"


@EVERY_KIND
def test_cut_anywhere_gives_a_beginning(new: New, pack: Pack) -> None:
    packed = pack(TEXT[:5000])
    for end in range(len(packed)):
        assert TEXT.startswith(b"".join(unpack(new(), packed[:end])))


@EVERY_KIND
def test_damage_is_an_error_or_something_else_never_a_crash(new: New, pack: Pack) -> None:
    packed = pack(TEXT[:5000])
    for at in range(len(packed)):
        damaged = packed[:at] + bytes([packed[at] ^ 0xFF]) + packed[at + 1 :]
        try:
            octets = sum(len(piece) for piece in unpack(new(), damaged))
        except UnpackError:
            continue
        assert octets < 64 * MIB


@EVERY_KIND
def test_bomb_comes_in_pieces(new: New, pack: Pack) -> None:
    """A thousand times its size: no piece is larger than what a working memory holds."""
    packed = pack(bytes(48 * MIB))
    assert len(packed) < MIB
    sizes = [len(piece) for piece in unpack(new(), packed)]
    assert sum(sizes) == 48 * MIB
    assert max(sizes) <= 16 * PIECE_OCTETS


def test_densest_zstandard_bomb_comes_in_pieces() -> None:
    """Blocks of four octets that each stand for 128 KiB (RFC 8878 3.1.1.2.2)."""
    head = struct.pack("<IBB", 0xFD2FB528, 0x00, 0x38)
    block = struct.pack("<I", 128 * 1024 << 3 | 1 << 1)[:3] + b"\0"
    sizes = [len(piece) for piece in unpack(Zstandard(), head + block * 1000)]
    assert sum(sizes) == 1000 * 128 * 1024
    assert max(sizes) <= 16 * PIECE_OCTETS


def test_dictionary_larger_than_a_working_memory_is_refused() -> None:
    """An .xz file says how much memory reading it takes: up to 4 GiB."""
    packed = bytearray(lzma.compress(b"x", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": MIB}]))
    # The dictionary size is one octet of the block header, which has a CRC of its own.
    at = packed.index(b"\x21\x01") + 2
    packed[at] = 36  # 1 GiB
    header = 12
    size = (packed[header] + 1) * 4
    packed[header + size - 4 : header + size] = struct.pack(
        "<I", zlib.crc32(bytes(packed[header : header + size - 4]))
    )
    with pytest.raises(UnpackError, match=r"[Mm]emory"):
        list(unpack(Xz(), bytes(packed)))


def test_window_larger_than_a_working_memory_is_refused() -> None:
    head = struct.pack("<IBB", 0xFD2FB528, 0x00, 0xA8)  # 2 GiB
    with pytest.raises(UnpackError):
        list(unpack(Zstandard(), head + bytes(100)))


def test_files_that_the_usual_tools_write_at_their_hardest_are_read() -> None:
    assert b"".join(unpack(Xz(), lzma.compress(TEXT, preset=9 | lzma.PRESET_EXTREME))) == TEXT
    long = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    )
    assert b"".join(unpack(Zstandard(), long.compress(TEXT))) == TEXT
