"""The key: made once, kept from others, never replaced."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ringfence.evidence.key import known_key, load_key
from ringfence.evidence.signature import check
from ringfence.model.evidence import EvidenceError


def test_it_is_made_on_first_use_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep/ringfence/key"
    key = load_key(path)
    assert key.public.is_new
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o077 == 0
    assert path.with_name("key.pub").read_text() == key.public.line + "\n"
    assert sorted(p.name for p in path.parent.iterdir()) == ["key", "key.pub"]


def test_it_stays_the_same(tmp_path: Path) -> None:
    first, second = load_key(tmp_path / "key"), load_key(tmp_path / "key")
    assert (first.public.line, second.public.is_new) == (second.public.line, False)
    assert check(second.sign(b"x"), b"x") == known_key(tmp_path / "key")


def test_two_processes_at_once_agree_on_one_key(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from ringfence.evidence.key import load_key;"
        "print(load_key(Path(sys.argv[1])).public.line)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "key")]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    lines = {run.communicate()[0] for run in runs}
    assert lines == {load_key(tmp_path / "key").public.line + "\n"}


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(EvidenceError, match="others can read"):
        load_key(tmp_path / "key")


def test_what_is_no_key_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hello")
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(EvidenceError, match=f"{tmp_path}/key: no OpenSSH key"):
        load_key(tmp_path / "key")


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen")
@pytest.mark.parametrize(("arguments", "reason"), [
    (["-t", "ed25519", "-N", "secret"], "without a passphrase"),
    (["-t", "ecdsa", "-N", ""], "not an Ed25519 key"),
])  # fmt: skip
def test_a_key_that_cannot_be_used_is_told(
    tmp_path: Path, arguments: list[str], reason: str
) -> None:
    command = ["ssh-keygen", "-q", "-f", str(tmp_path / "key"), *arguments]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    with pytest.raises(EvidenceError, match=reason):
        load_key(tmp_path / "key")


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen")
def test_ones_own_ssh_key_may_be_used(tmp_path: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")]
    subprocess.run(command, check=True)
    assert check(load_key(tmp_path / "key").sign(b"x"), b"x") == known_key(tmp_path / "key")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EvidenceError, match="file"):
        load_key(tmp_path / "file/key")


def test_no_key_is_known_where_none_is(tmp_path: Path) -> None:
    assert known_key(tmp_path / "key") is None
    (tmp_path / "key").write_bytes(b"\xff" * 100_000)
    assert known_key(tmp_path / "key") is None


def test_roots_key_in_the_guards_folder_is_the_guards(tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root makes files for others")
    folder = tmp_path / "ringfence"
    folder.mkdir()
    os.chown(folder, 4711, 4712)
    load_key(folder / "evidence-key")
    made = (folder / "evidence-key").stat()
    assert (made.st_uid, made.st_gid, made.st_mode & 0o777) == (4711, 4712, 0o600)
