"""Manifests: ours are read back, everything else is refused before a file is touched."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.evidence import manifest
from ringfence.evidence.manifest import (
    hash_file,
    is_plain,
    list_files,
    read_bounded,
    read_manifest,
    write_manifest,
)
from ringfence.model.evidence import EvidenceError

NAME = "manifest-sha256.txt"
HASH = "0" * 64
ONE = {"data/a": HASH, "data/b": "f" * 64}


def test_what_is_written_is_read_back() -> None:
    assert read_manifest(NAME, write_manifest(ONE)) == (ONE, [])


@pytest.mark.parametrize("path", [
    "../key", "data/../../key", "/etc/passwd", "data//a", "./data/a", "data/.", "data/a/",
    "~/key", "data/a b", "data\\..\\key", "data/%2e%2e/key", "C:/key", "data/" + "x" * 508,
])  # fmt: skip
def test_a_path_that_leads_out_of_the_bag_is_no_path(path: str) -> None:
    hashes, faults = read_manifest(NAME, f"{HASH}  {path}\n".encode())
    assert hashes == {}
    assert [fault.path for fault in faults] == [NAME]
    assert not is_plain(path)


@pytest.mark.parametrize("octets", [
    b"0" * 63 + b"  data/a\n",
    b"0" * 128 + b"  data/a\n",
    b"0" * 64 + b" data/a\n",
    b"0" * 64 + b" *data/a\n",
    b"0" * 64 + b"  data/a\r\n",
    b"A" * 64 + b"  data/a\n",
    b"0" * 64 + b"  \xff\n",
    b"\n",
    b"0" * 64 + b"  data/a",
    b"0" * 64 + b"  data/a\n" + b"0" * 64 + b"  data/a\n",
    b"0" * 64 + b"  data/b\n" + b"0" * 64 + b"  data/a\n",
])  # fmt: skip
def test_another_form_than_ours_is_told(octets: bytes) -> None:
    _, faults = read_manifest(NAME, octets)
    assert faults


def test_huge_lines_and_many_lines_stay_bounded() -> None:
    _, faults = read_manifest(NAME, b"x" * 10_000_000 + b"\n")
    assert len(faults) == 1
    assert len(faults[0].says) < 300
    _, faults = read_manifest(NAME, b"x\n" * 1_000_000)
    assert len(faults) <= manifest.MAX_FAULTS + 1


def test_terminal_escapes_in_a_manifest_are_shown_harmless() -> None:
    _, faults = read_manifest(NAME, b"\x1b]0;owned\x07\n")
    assert faults[0].says.isprintable()


def test_links_devices_and_pipes_are_told_and_never_opened(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a").write_bytes(b"1234")
    (tmp_path / "data/link").symlink_to("/etc/passwd")
    (tmp_path / "folder").symlink_to("/")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "door"))
        files, faults = list_files(tmp_path)
    assert files == {"data/a": 4}
    assert {fault.path for fault in faults} == {"data/link", "folder", "pipe", "door"}


def test_too_many_files_are_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifest, "MAX_FILES", 3)
    for name in "abcd":
        (tmp_path / name).touch()
    with pytest.raises(EvidenceError, match="more than 3 files"):
        list_files(tmp_path)


def test_a_folder_within_a_folder_ends_somewhere(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"abcdefghijklmnopqrstuvwxyz")
    deep.mkdir(parents=True)
    (deep / "x").touch()
    files, faults = list_files(tmp_path)
    assert files == {}
    assert "too deep" in faults[0].says


def test_both_hashes_are_those_of_the_octets(tmp_path: Path) -> None:
    octets = os.urandom(3_000_000)
    (tmp_path / "x").write_bytes(octets)
    assert hash_file(tmp_path / "x") == (
        hashlib.sha256(octets).hexdigest(),
        hashlib.sha512(octets).hexdigest(),
    )


def test_a_pipe_put_in_place_of_a_file_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x")
    with pytest.raises(OSError, match="plain file"):
        hash_file(tmp_path / "x")


def test_a_link_put_in_place_of_a_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "x").symlink_to("/etc/passwd")
    for read in (hash_file, lambda path: read_bounded(path, 9_999)):
        with pytest.raises(OSError, match=r"[Ll]evels of symbolic links"):
            read(tmp_path / "x")


def test_more_than_the_bound_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"123")
    assert read_bounded(tmp_path / "x", 3) == b"123"
    assert read_bounded(tmp_path / "x", 2) is None


@given(st.binary(max_size=300))
def test_any_octets_are_a_manifest_or_faults(octets: bytes) -> None:
    hashes, faults = read_manifest(NAME, octets)
    assert faults or write_manifest(hashes) == octets
    assert all(is_plain(path) for path in hashes)
