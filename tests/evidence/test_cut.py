"""What was cut, as a file that others can check."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from ringfence.evidence.cut import Cut


def cut(thinned: int = 0, thinned_in_all: int = 0) -> Cut:
    return Cut(
        b"onetwo" + bytes(4),
        np.array([3, 3, 4], np.uint32),
        np.array([3, 9, 4], np.uint32),
        np.array([1_700_000_000_000_000_007, 1_700_000_001_000_000_000, 5], np.uint64),
        np.array([1, 1, 101], np.uint16),
        thinned,
        thinned_in_all,
    )


def test_hash_is_that_of_the_file() -> None:
    stream = io.BytesIO()
    written = cut().write_to(stream.write, "ringfence 1")
    octets = stream.getvalue()
    assert written.sha256 == hashlib.sha256(octets).hexdigest()
    assert (written.packets, written.octets) == (3, len(octets))
    assert b"Nothing was left out" in octets


def test_disk_that_is_full_is_the_callers_to_tell() -> None:
    def full(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        cut().write_to(full, "ringfence 1")


@pytest.mark.parametrize(
    ("thinned", "in_all", "says"),
    [
        (0, 0, "Nothing was left out."),
        (0, 4000, "Left out: few if any packets of these addresses, of 4,000 packets in all"),
        (1, 4000, "Left out: about 1 packet of these addresses, of"),
    ],
)
def test_what_is_missing_is_said(thinned: int, in_all: int, says: str) -> None:
    assert says in cut(thinned, in_all).describe()


@pytest.mark.skipif(shutil.which("capinfos") is None, reason="no capinfos")
def test_wireshark_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "cut.pcapng"
    with path.open("wb") as stream:
        cut().write_to(stream.write, "ringfence 1", "Case RF-1")
    command = ["tshark", "-r", str(path), "-T", "fields", "-e", "frame.len", "-e", "frame.cap_len"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["3", "3", "9", "3", "4", "4"]
