"""A folder is whole or absent: errors, other processes, and being killed at any moment."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ringfence.evidence import folder as folders
from ringfence.evidence.folder import flush_file, flush_folder, whole_folder
from ringfence.model.evidence import EvidenceError


def write(target: Path) -> None:
    with whole_folder(target) as part:
        (part / "deep").mkdir()
        (part / "deep/a").write_text("a")


def names(folder: Path) -> list[str]:
    return sorted(place.name for place in folder.iterdir())


def test_it_appears_when_it_is_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "x") as part:
        (part / "a").write_text("a")
        assert not (tmp_path / "x").exists()
    assert (tmp_path / "x/a").read_text() == "a"
    assert (tmp_path / "x").stat().st_mode & 0o077 == 0
    assert names(tmp_path) == ["x"]


def test_an_error_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    def fails() -> None:
        with whole_folder(tmp_path / "x") as part:
            (part / "a").write_text("a")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    assert names(tmp_path) == []


def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    write(tmp_path / "x")
    with pytest.raises(EvidenceError, match="nothing is ever overwritten"):
        write(tmp_path / "x")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(EvidenceError, match="link: there is something"):
        write(tmp_path / "link")
    assert names(tmp_path) == ["link", "x"]


def test_two_at_once_do_not_mix(tmp_path: Path) -> None:
    def both() -> None:
        with whole_folder(tmp_path / "x") as part:
            (part / "mine").touch()
            write(tmp_path / "x")

    with pytest.raises(EvidenceError, match="x: there is something of this name"):
        both()
    assert names(tmp_path) == ["x"]
    assert names(tmp_path / "x") == ["deep"]


def test_what_a_killed_process_left_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / ".x.abcdefgh.part").mkdir()
    (tmp_path / ".x.abcdefgh.part/a").touch()
    (tmp_path / ".y.abcdefgh.part").mkdir()
    write(tmp_path / "x")
    assert names(tmp_path) == [".y.abcdefgh.part", "x"]


def test_what_another_process_writes_now_is_left_alone(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "x") as part:
        folders._sweep(tmp_path / "x")
        assert part.is_dir()


def test_a_link_laid_as_a_leftover_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "a").touch()
    (tmp_path / ".x.abcdefgh.part").symlink_to(precious)
    write(tmp_path / "x")
    assert names(precious) == ["a"]


def test_the_place_is_named_where_there_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=f"{tmp_path}/no/x: the folder .* does not exist"):
        write(tmp_path / "no/x")
    (tmp_path / "file").touch()
    with pytest.raises(EvidenceError, match="a folder is needed here"):
        write(tmp_path / "file/x")


@contextmanager
def nobody() -> Iterator[None]:
    """As root the checks of permissions do not apply: be somebody else meanwhile."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_no_permission_is_told(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with nobody(), pytest.raises(EvidenceError, match="closed/x: no permission to write here"):
        write(tmp_path / "closed/x")


@pytest.mark.parametrize(("number", "reason"), [
    (errno.ENOSPC, "the disk is full"),
    (errno.EROFS, "read-only"),
    (errno.EIO, "Input/output error"),
])  # fmt: skip
def test_a_disk_that_fails_at_the_end_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, reason: str
) -> None:
    def fails(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(EvidenceError, match=f"{tmp_path}/x: .*{reason}.*nothing half done"):
        write(tmp_path / "x")
    monkeypatch.undo()
    assert names(tmp_path) == []


_FULL = """\
mount -t tmpfs -o size=64k none {place} || exit 77
{python} -c '
from pathlib import Path
from ringfence.evidence.folder import whole_folder
try:
    with whole_folder(Path("{place}/x")) as part:
        (part / "a").write_bytes(bytes(1000000))
except Exception as error:
    print(error)
'
ls -A {place}
mount -o remount,ro {place} || exit 77
{python} -c '
from pathlib import Path
from ringfence.evidence.folder import whole_folder
try:
    with whole_folder(Path("{place}/x")) as part:
        pass
except Exception as error:
    print(error)
'
"""


def test_a_full_disk_and_a_read_only_one_are_told(tmp_path: Path) -> None:
    """Real ones: a tiny file system in a mount namespace of its own."""
    if shutil.which("unshare") is None:
        pytest.skip("no unshare (package util-linux)")
    script = _FULL.format(place=tmp_path, python=sys.executable)
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode == 77 or "unshare" in run.stderr:
        pytest.skip(f"no mount namespace here: {run.stderr.strip()}")
    assert run.stdout.splitlines() == [
        f"{tmp_path}/x: the disk is full; nothing half done was left behind",
        f"{tmp_path}/x: this place is read-only",
    ]


def test_an_error_of_what_is_written_within_names_the_final_place(tmp_path: Path) -> None:
    def nested() -> None:
        with whole_folder(tmp_path / "case") as part, whole_folder(part / "no/evidence"):
            pass

    with pytest.raises(EvidenceError, match=f"^{tmp_path}/case/no/evidence: "):
        nested()


def test_flushing_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    for flush in (flush_file, flush_folder):
        with pytest.raises(FileNotFoundError):
            flush(tmp_path / "no")


_KILLED = """
import os, signal, sys
from pathlib import Path
from ringfence.evidence.folder import whole_folder
at, count = int(sys.argv[2]), 0
def watch(frame, event, argument):
    global count
    count += 1
    if count == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return watch
sys.settrace(watch)
with whole_folder(Path(sys.argv[1])) as part:
    (part / "deep").mkdir()
    (part / "deep" / "a").write_bytes(b"a" * 1000)
    (part / "b").write_bytes(b"b" * 1000)
sys.settrace(None)
print(count)
"""


def killed(target: Path, at: int) -> subprocess.CompletedProcess[str]:
    """Write a folder, and be killed at this line of Python."""
    command = [sys.executable, "-c", _KILLED, str(target), str(at)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_killed_at_any_moment_it_is_whole_or_absent(tmp_path: Path) -> None:
    lines = int(killed(tmp_path / "whole", -1).stdout)
    absent = 0
    for n in range(24):
        target = tmp_path / f"x{n}"
        run = killed(target, 1 + n * (lines - 1) // 24)
        assert run.returncode == -signal.SIGKILL
        if target.exists():
            assert (target / "deep/a").read_bytes() == b"a" * 1000
            assert (target / "b").read_bytes() == b"b" * 1000
        else:
            absent += 1
            write(target)  # the next one is not in the way of what was left
    assert absent > 0
    assert [name for name in names(tmp_path) if name.endswith(".part")] == []
