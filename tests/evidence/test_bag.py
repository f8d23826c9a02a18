"""A bag of BagIt 1.0: as the RFC has it, and as sha256sum takes it."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from ringfence.evidence.bag import close_bag
from ringfence.model.evidence import EvidenceError


def filled(folder: Path) -> Path:
    (folder / "data/deep").mkdir(parents=True)
    (folder / "data/a").write_bytes(b"abc")
    (folder / "data/deep/b").write_bytes(b"12345")
    (folder / "README.md").write_text("read me\n")
    return folder


def test_a_bag_is_what_rfc_8493_says(tmp_path: Path) -> None:
    seal, files, octets = close_bag(filled(tmp_path), {"Bagging-Date": "2026-11-25"})
    assert (tmp_path / "bagit.txt").read_bytes() == (
        b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    )
    info = (tmp_path / "bag-info.txt").read_text().splitlines()
    assert info == ["Bagging-Date: 2026-11-25", "Payload-Oxum: 8.2"]
    assert (files, octets) == (2, 8)
    listed = (tmp_path / "manifest-sha512.txt").read_text().splitlines()
    assert listed == [
        f"{hashlib.sha512(b'abc').hexdigest()}  data/a",
        f"{hashlib.sha512(b'12345').hexdigest()}  data/deep/b",
    ]
    tags = (tmp_path / "tagmanifest-sha256.txt").read_bytes()
    assert [line.split()[1] for line in tags.splitlines()] == [
        b"README.md", b"bag-info.txt", b"bagit.txt", b"manifest-sha256.txt", b"manifest-sha512.txt",
    ]  # fmt: skip
    assert seal == hashlib.sha256(tags).hexdigest()


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
@pytest.mark.parametrize("kind", ["manifest", "tagmanifest"])
def test_the_tools_of_every_system_check_it(tmp_path: Path, kind: str, algorithm: str) -> None:
    close_bag(filled(tmp_path), {})
    command = [f"{algorithm}sum", "--check", "--strict", f"{kind}-{algorithm}.txt"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "data/a").write_bytes(b"abd")
    (tmp_path / "README.md").write_bytes(b"")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 1


def test_a_value_does_not_begin_a_line_of_its_own(tmp_path: Path) -> None:
    close_bag(filled(tmp_path), {"External-Identifier": "1\nPayload-Oxum: 0.0"})
    assert len((tmp_path / "bag-info.txt").read_text().splitlines()) == 2


@pytest.mark.parametrize("name", ["a b", "caf\u00e9", "x\ny", "-\x1b[2J", "a%0Ab"])
def test_a_name_that_tools_would_quote_is_refused(tmp_path: Path, name: str) -> None:
    (filled(tmp_path) / "data" / name).touch()
    with pytest.raises(EvidenceError, match="plain names"):
        close_bag(tmp_path, {})


def test_a_link_in_the_payload_is_refused(tmp_path: Path) -> None:
    (filled(tmp_path) / "data/link").symlink_to("/etc/passwd")
    with pytest.raises(EvidenceError, match="data/link"):
        close_bag(tmp_path, {})
