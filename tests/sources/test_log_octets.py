"""Finished logs, packed or not."""

from __future__ import annotations

import gzip
import lzma
from pathlib import Path

import pytest
import zstandard

from ringfence.sources.capture_file import UnpackError
from ringfence.sources.log_octets import read_octets

TEXT = b"one\ntwo\n" * 1000


@pytest.mark.parametrize("octets", [
    TEXT, gzip.compress(TEXT), lzma.compress(TEXT), zstandard.ZstdCompressor().compress(TEXT),
])  # fmt: skip
def test_logs_are_unpacked_by_what_they_are(octets: bytes, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(octets)
    assert b"".join(read_octets(str(path))) == TEXT


def test_an_empty_log_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"")
    assert list(read_octets(str(path))) == []


def test_a_damaged_log_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(TEXT)[:20] + b"\0" * 100)
    with pytest.raises(UnpackError):
        list(read_octets(str(path)))
