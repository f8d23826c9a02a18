"""Files that only their owner may read, whatever the umask says."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.flow.private_file import new_folder, write_new, write_over, write_whole


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    new_folder(tmp_path / "folder")
    write_new(tmp_path / "folder/file", b"x")
    assert mode(tmp_path / "folder") == 0o700
    assert mode(tmp_path / "folder/file") == 0o600


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "file", b"x")
    with pytest.raises(FileExistsError):
        new_folder(tmp_path)
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_a_link_that_waits_there_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "file").symlink_to(tmp_path / "elsewhere")
    for write in (write_new, write_over):
        with pytest.raises(OSError, match="file"):
            write(tmp_path / "file", b"x")
    assert not (tmp_path / "elsewhere").exists()


def test_a_report_takes_the_place_of_the_last_one_and_is_closed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"a longer one")
    (tmp_path / "file").chmod(0o644)
    write_over(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
    assert mode(tmp_path / "file") == 0o600


def test_a_file_is_replaced_whole_or_stays_as_it_was(tmp_path: Path) -> None:
    where = tmp_path / "plan.json"
    write_whole(where, b"first")
    assert (where.read_bytes(), stat.S_IMODE(where.stat().st_mode)) == (b"first", 0o600)

    def refuse(_part: Path) -> None:
        raise OSError("no owner")

    with pytest.raises(OSError, match="no owner"):
        write_whole(where, b"second", refuse)
    assert where.read_bytes() == b"first"
    write_whole(where, b"third")
    assert [one.name for one in tmp_path.iterdir()] == ["plan.json"], "what was left is tidied"
    assert where.read_bytes() == b"third"
