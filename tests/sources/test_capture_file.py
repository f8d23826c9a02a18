"""Files as they lie on disks: packed, cut, damaged, growing, missing, or no files at all."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import random
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import zstandard

from ringfence.sources.capture_file import CaptureError, CaptureFile, Read, in_order_of_time
from ringfence.wire.decoder import BLOCK_OCTETS
from tests.wire_cases.compile import message, packets_of
from tests.wire_cases.files import Pcap, Pcapng

FRAME = packets_of("packet\neth\nip4 203.0.113.7 > 192.0.2.1\nudp 5071 > 5060\nsip OPTIONS one")[0]
PACKETS = [replace(FRAME, time_ns=(n + 1) * 1_000_000_000) for n in range(40)]
OCTETS = Pcap().file(PACKETS)

Pack = Callable[[bytes], bytes]


def zstd(octets: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(octets)


PACKS: dict[str, Pack] = {"gz": gzip.compress, "xz": lzma.compress, "zst": zstd}
EVERY_PACK = pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)


def messages(capture: CaptureFile) -> int:
    found = 0
    for table in capture.tables():
        assert {table.message(row) for row in table.rows()} == {message("OPTIONS", "one")}
        found += len(table)
    return found


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes], CaptureFile]:
    """A capture file with these octets."""

    def _write(octets: bytes) -> CaptureFile:
        path = tmp_path / "capture"
        path.write_bytes(octets)
        return CaptureFile(str(path))

    return _write


Write = Callable[[bytes], CaptureFile]


# -- plain -----------------------------------------------------------------------------------


def test_file_is_read_and_hashed(write: Write) -> None:
    capture = write(OCTETS)
    assert messages(capture) == 40
    assert capture.read == Read(capture.path, len(OCTETS), hashlib.sha256(OCTETS).hexdigest())
    assert capture.problems == []


@pytest.mark.parametrize(
    "size", [BLOCK_OCTETS - 1, BLOCK_OCTETS, BLOCK_OCTETS + 1, 3 * BLOCK_OCTETS]
)
def test_file_of_many_blocks_is_read_and_hashed(write: Write, size: int) -> None:
    record = Pcap().record(FRAME)
    octets = (Pcap().header(1) + record * (size // len(record) + 1))[:size]
    capture = write(octets)
    whole = (size - 24) // len(record)
    # The record that the end cuts is used as far as it goes.
    rows = sum(len(table) for table in capture.tables())
    assert whole <= rows <= whole + 1
    assert capture.read.sha256 == hashlib.sha256(octets).hexdigest()
    assert capture.decoder.damages == []


def test_hash_is_of_the_file_even_when_it_is_damaged(write: Write) -> None:
    octets = OCTETS[:3000] + b"\xff" * 999 + OCTETS[3000:] + b"\xff" * 50
    capture = write(octets)
    assert sum(len(table) for table in capture.tables()) > 30
    assert capture.read.sha256 == hashlib.sha256(octets).hexdigest()
    assert len(capture.decoder.damages) == 2


def test_file_still_being_written(tmp_path: Path) -> None:
    """Read again, it gives what was added; the cut packet is used as far as it goes."""
    path = tmp_path / "growing.pcap"
    for end in (24, 24 + 300, 24 + 287 * 20 + 100, len(OCTETS)):
        path.write_bytes(OCTETS[:end])
        capture = CaptureFile(str(path))
        rows = sum(len(table) for table in capture.tables())
        assert rows - (end - 24) // 287 in (0, 1)
        assert capture.decoder.damages == []
        assert capture.problems == []


# -- packed ----------------------------------------------------------------------------------


@EVERY_PACK
def test_packed_file_is_read_and_its_own_octets_hashed(write: Write, pack: Pack) -> None:
    packed = pack(OCTETS)
    capture = write(packed)
    assert messages(capture) == 40
    assert capture.read == Read(capture.path, len(packed), hashlib.sha256(packed).hexdigest())
    assert capture.problems == []


@EVERY_PACK
def test_packed_pcapng(write: Write, pack: Pack) -> None:
    assert messages(write(pack(Pcapng().file(PACKETS)))) == 40


@EVERY_PACK
def test_packed_file_of_many_blocks(write: Write, pack: Pack) -> None:
    octets = Pcap().header(1) + Pcap().record(FRAME) * 12_000
    assert messages(write(pack(octets))) == 12_000


@EVERY_PACK
def test_members_in_a_row_are_one_capture(write: Write, pack: Pack) -> None:
    """`cat a.gz b.gz`, and what rotating writers leave."""
    cuts = [0, 1, 24, 1000, 1001, 5000, len(OCTETS)]
    packed = b"".join(pack(OCTETS[a:b]) for a, b in pairwise(cuts))
    assert messages(write(packed)) == 40


@EVERY_PACK
def test_packed_file_cut_in_the_middle_gives_what_it_has(write: Write, pack: Pack) -> None:
    noise = random.Random(5)  # noqa: S311  seeded on purpose
    packets = (replace(FRAME, octets=FRAME.octets + noise.randbytes(800)) for _ in range(1200))
    octets = Pcap().header(1) + b"".join(Pcap().record(packet) for packet in packets)
    packed = pack(octets)
    capture = write(packed[: len(packed) // 2])
    rows = sum(len(table) for table in capture.tables())
    assert 300 < rows < 700
    assert capture.decoder.damages == []
    assert capture.read.octets == len(packed) // 2


@EVERY_PACK
def test_damaged_packed_file_gives_what_came_before_and_says_so(write: Write, pack: Pack) -> None:
    first, second = pack(OCTETS), bytearray(pack(OCTETS))
    for at in range(len(second) // 2, len(second)):
        second[at] ^= 0x5A
    octets = first + bytes(second) + b"x" * 600_000
    capture = write(octets)
    rows = sum(len(table) for table in capture.tables())
    assert rows >= 40
    (problem,) = capture.problems
    assert problem.startswith("unpacking stopped: ")
    assert capture.read == Read(capture.path, len(octets), hashlib.sha256(octets).hexdigest())


@EVERY_PACK
def test_file_that_cannot_be_unpacked_at_all_says_so(write: Write, pack: Pack) -> None:
    packed = bytearray(pack(OCTETS))
    packed[6:40] = b"\xff" * 34
    with pytest.raises(CaptureError) as refused:
        messages(write(bytes(packed)))
    assert "unpacking stopped: " in str(refused.value)


@EVERY_PACK
def test_packed_text_is_refused_as_text(write: Write, pack: Pack) -> None:
    with pytest.raises(CaptureError, match="this is text, not a capture"):
        messages(write(pack(b"[2026-01-01 00:00:00] NOTICE: chan_sip.c: Registration\n" * 9)))


def test_other_packers_are_named(write: Write) -> None:
    with pytest.raises(CaptureError, match="bunzip2"):
        messages(write(bz2.compress(OCTETS)))


@EVERY_PACK
def test_packed_nothing_is_empty(write: Write, pack: Pack) -> None:
    with pytest.raises(
        CaptureError, match="nothing came out of the packed file: it is empty, or cut"
    ):
        messages(write(pack(b"")))
    with pytest.raises(CaptureError, match="it is empty, or cut off"):
        messages(write(pack(OCTETS)[:12]))


# -- what is no file -------------------------------------------------------------------------


def test_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.pcap"
    with pytest.raises(CaptureError, match=r"nowhere\.pcap: No such file or directory"):
        messages(CaptureFile(str(path)))


def test_folder_says_what_to_name_instead(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="this is a folder; name the capture files in it"):
        messages(CaptureFile(str(tmp_path)))


def test_refusal_names_the_file_and_what_to_do(write: Write) -> None:
    capture = write(b"GMBU\x00\x02")
    with pytest.raises(CaptureError) as refused:
        messages(capture)
    assert str(refused.value).startswith(f"{capture.path}: this is a Microsoft Network Monitor")
    assert "editcap" in str(refused.value)


def test_empty_file(write: Write) -> None:
    with pytest.raises(CaptureError, match="the file is empty"):
        messages(write(b""))


# -- standard input --------------------------------------------------------------------------

COUNT = """
import sys
from ringfence.sources.capture_file import CaptureFile
capture = CaptureFile("-")
print(sum(len(table) for table in capture.tables()), capture.read.octets, capture.read.sha256)
"""


@pytest.mark.parametrize("pack", [bytes, *PACKS.values()], ids=["plain", *PACKS])
def test_standard_input_is_a_file_like_any(pack: Pack) -> None:
    octets = pack(Pcap().header(1) + Pcap().record(FRAME) * 5000)
    run = subprocess.run(
        [sys.executable, "-c", COUNT], input=octets, capture_output=True, check=True
    )
    assert run.stdout.decode().split() == [
        "5000", str(len(octets)), hashlib.sha256(octets).hexdigest()]  # fmt: skip


def test_standard_input_that_comes_in_small_pieces() -> None:
    """As `ssh pbx tcpdump -w - | ringfence investigate -` gives it."""
    with subprocess.Popen(
        [sys.executable, "-c", COUNT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as run:
        assert run.stdin is not None
        assert run.stdout is not None
        for at in range(0, len(OCTETS), 97):
            run.stdin.write(OCTETS[at : at + 97])
        run.stdin.close()
        assert run.stdout.read().split()[0] == b"40"


def test_files_of_a_ring_are_read_in_order_of_time(tmp_path: Path) -> None:
    """The shell names ring_10 before ring_9; what has no time keeps its place at the end."""
    for name, seconds in (("ring_10.pcap", 2000), ("ring_9.pcap", 1000)):
        record = struct.pack("<IIII", seconds, 0, 60, 60) + bytes(60)
        head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
        (tmp_path / name).write_bytes(head + record)
    paths = [str(tmp_path / name) for name in ("missing.pcap", "ring_10.pcap", "ring_9.pcap")]
    assert in_order_of_time(paths) == [2, 1, 0]
