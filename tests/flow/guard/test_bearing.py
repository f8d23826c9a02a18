"""How the guard stands: a file that is whole, of this version, and not too old."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ringfence.flow.guard.bearing import NAME, read_bearing, write_bearing
from ringfence.model.guard_status import AttackStatus, BlockStatus, GuardStatus, SourceStatus
from ringfence.model.guarding import GuardError

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
STANDS = GuardStatus(
    "2026-11-26T12:00:00Z", "2026-11-26T11:00:00Z", enforcing=True, messages=7,
    sources=(SourceStatus("interface eth0", seen=7),),
    attacks=(AttackStatus(("203.0.113.66",), ("scan",), 7, "", "blocked", ("201",), 1, "RF-1"),),
    blocks=(BlockStatus("203.0.113.66", "block", "2026-11-26T13:00:00Z", 5, "effective"),),
    problems=("disk full",),
)  # fmt: skip


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_bearing(tmp_path, STANDS)
    assert read_bearing(tmp_path, NOON) == (STANDS, True)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_guard_that_says_nothing_more_has_ended(tmp_path: Path) -> None:
    write_bearing(tmp_path, STANDS)
    assert read_bearing(tmp_path, NOON.replace(minute=1)) == (STANDS, False)


def test_no_guard_is_said(tmp_path: Path) -> None:
    with pytest.raises(GuardError, match="no guard runs here"):
        read_bearing(tmp_path)


@pytest.mark.parametrize("octets", [b"", b"{}", b'{"at": 7}', b"[" * 10_000])
def test_file_of_something_else_is_said(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / NAME).write_bytes(octets)
    with pytest.raises(GuardError, match="not written by this version"):
        read_bearing(tmp_path)


def test_folder_that_is_gone_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_bearing(tmp_path / "gone", STANDS)
