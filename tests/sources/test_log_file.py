"""A log that grows, is renamed, emptied, gone, hostile."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from ringfence.sources.log_file import OLD_S, LogFile, read_lines
from ringfence.wire.log_lines import MAX_LINE


class Clock:
    """Seconds that pass when the test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "security"
    place.write_bytes(b"before\n")
    return place


def add(path: Path, octets: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(octets)


def drained(log: LogFile) -> list[bytes]:
    """What is there, however many polls it takes."""
    found: list[bytes] = []
    for _ in range(4):
        found += log.poll()
    return found


def test_it_starts_at_the_end_unless_told_otherwise(path: Path) -> None:
    assert LogFile(str(path)).poll() == []
    assert LogFile(str(path), from_start=True).poll() == [b"before"]


def test_lines_come_when_they_are_whole(path: Path) -> None:
    log = LogFile(str(path))
    add(path, b"on")
    assert log.poll() == []
    add(path, b"e\ntwo\r\nthr")
    assert log.poll() == [b"one", b"two"]
    add(path, b"ee\n")
    assert log.poll() == [b"three"]


def test_the_end_of_a_line_that_was_half_written_at_the_start_is_no_line(path: Path) -> None:
    """Its beginning is not known, so nobody knows what its end is."""
    add(path, b"[2026] NOTICE[1] a name of a stranger: ")
    log = LogFile(str(path))
    add(path, b"refused 198.51.100.1\nnext\n")
    assert log.poll() == [b"next"]


def test_renamed_and_created_again(path: Path) -> None:
    log = LogFile(str(path))
    add(path, b"old 1\n")
    path.rename(path.with_suffix(".1"))
    path.write_bytes(b"new 1\n")
    assert drained(log) == [b"old 1", b"new 1"]
    assert log.rotations == 1


def test_the_old_file_is_read_on_until_the_phone_system_is_told(path: Path) -> None:
    clock = Clock()
    log = LogFile(str(path), monotonic=clock)
    old = path.with_suffix(".1")
    path.rename(old)
    path.write_bytes(b"")
    drained(log)
    add(old, b"late\n")
    add(path, b"new\n")
    assert sorted(drained(log)) == [b"late", b"new"]
    clock.now = OLD_S + 1
    add(old, b"refused 198.51.100.1")  # and 2 would have followed
    assert drained(log) == []
    assert log._old is None
    add(path, b"still\n")
    assert drained(log) == [b"still"]


def test_emptied_in_place(path: Path) -> None:
    log = LogFile(str(path))
    add(path, b"one\n")
    assert log.poll() == [b"one"]
    os.truncate(path, 0)
    add(path, b"two\n")
    assert drained(log) == [b"two"]


def test_emptied_in_place_and_filled_beyond_where_we_were(path: Path) -> None:
    log = LogFile(str(path))
    add(path, b"one\n")
    assert log.poll() == [b"one"]
    os.truncate(path, 0)
    add(path, b"two is much longer than one was\nthree\n")
    assert drained(log) == [b"two is much longer than one was", b"three"]


def test_a_log_that_is_not_there_yet_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "later"
    log = LogFile(str(path))
    assert log.poll() == []
    assert "No such file" in log.trouble
    path.write_bytes(b"first\n")
    assert log.poll() == [b"first"]
    assert log.trouble == ""


def test_gone_for_a_while(path: Path) -> None:
    log = LogFile(str(path))
    path.unlink()
    assert drained(log) == []
    path.write_bytes(b"again\n")
    assert drained(log) == [b"again"]


def test_a_line_without_end_does_not_fill_the_memory(path: Path) -> None:
    log = LogFile(str(path))
    for _ in range(5):
        add(path, b"x" * MAX_LINE)
        assert log.poll() == []
    add(path, b"\n\xff\xfe not UTF-8\n")
    assert drained(log) == [b"\xff\xfe not UTF-8"]
    assert log.too_long == 1


def test_a_folder_is_trouble_and_no_end(tmp_path: Path) -> None:
    log = LogFile(str(tmp_path))
    assert log.poll() == []
    assert log.trouble


def test_follow_ends_when_told(path: Path) -> None:
    stop = threading.Event()
    log = LogFile(str(path))
    found: list[bytes] = []
    for lines in log.follow(stop, wait_s=0.001):
        found += lines
        if not found:
            add(path, b"one\n")
        else:
            stop.set()
    assert found == [b"one"]


def test_no_file_stays_open(path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    log = LogFile(str(path))
    for number in range(5):
        path.rename(path.with_suffix(f".{number}"))
        path.write_bytes(b"x\n")
        drained(log)
    log.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_finished_log_has_its_last_line_without_an_end() -> None:
    groups = read_lines("x", lambda _: iter([b"one\ntw", b"o\nthree"]))
    assert [line for lines in groups for line in lines] == [b"one", b"two", b"three"]
