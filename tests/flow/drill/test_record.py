"""Whose drill it is: said of whoever knew the code, of his time, and of nobody else."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ringfence.flow.drill.record import (
    MAX_SOURCES,
    NAME,
    Source,
    read_record,
    said_of,
    said_of_case,
    write_record,
)

US, EVE = "192.0.2.77", "203.0.113.66"
DRILL = Source(US, "2026-11-26T12:00:00Z", "2026-11-26T12:15:00Z", "mark")
DURING = "2026-11-26T12:01:00.123456Z"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_record(tmp_path, [DRILL])
    return tmp_path


def test_attack_from_the_address_of_a_drill_is_said_to_be_one(folder: Path) -> None:
    said = said_of(read_record(folder), [US], DURING)
    assert US in said
    assert "If none of you did, it is an attack." in said


@pytest.mark.parametrize(("addresses", "began"), [
    ([EVE], DURING),
    ([US, EVE], DURING),
    ([], DURING),
    ([US], "2026-11-26T11:59:00Z"),
    ([US], "2026-11-26T12:15:01Z"),
    ([US], ""),
    ([US], "2026-11-26T12:01:00"),
], ids=["another", "with another", "nobody", "before", "after", "no time", "no zone"])  # fmt: skip
def test_no_other_attack_is_said_to_be_a_drill(
    folder: Path, addresses: list[str], began: str
) -> None:
    assert said_of(read_record(folder), addresses, began) == ""


def test_case_comes_later_than_the_drill_and_not_a_day_later(folder: Path) -> None:
    assert said_of_case(folder, [US], datetime(2026, 11, 26, 12, 40, tzinfo=UTC))
    assert not said_of_case(folder, [US], datetime(2026, 11, 27, 12, 40, tzinfo=UTC))


@pytest.mark.parametrize("octets", [b"", b"[]", b'{"sources": 1}', b"{" * 20_000, b"\xff\xfe"])
def test_strange_file_names_nobody(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / NAME).write_bytes(octets)
    assert said_of(read_record(tmp_path), [US], DURING) == ""


def test_time_that_is_none_names_nobody(tmp_path: Path) -> None:
    write_record(tmp_path, [Source(US, "soon", "later", "mark")])
    assert said_of(read_record(tmp_path), [US], DURING) == ""


def test_sources_are_bounded(tmp_path: Path) -> None:
    write_record(tmp_path, [DRILL] * (MAX_SOURCES + 5))
    assert len(read_record(tmp_path)) == MAX_SOURCES


def test_link_that_lies_in_the_folder_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("as it was")
    (tmp_path / f".{NAME}.{os.getpid()}").symlink_to(victim)
    write_record(tmp_path, [DRILL])
    assert victim.read_text() == "as it was"
    assert read_record(tmp_path) == [DRILL]
