"""Finished logs, added up."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from ringfence.flow import logs
from ringfence.flow.logs import LogError, read_log
from ringfence.model.clock import nanoseconds
from ringfence.model.event import Event

HEAD = "[2026-11-23 09:34:1{second}] NOTICE[1] chan_sip.c: "
FAILED = HEAD + "Registration from '<sip:{user}@x>' failed for '{source}:5071' - Wrong password\n"


def failed(source: str = "203.0.113.66", user: str = "101", second: int = 0) -> str:
    return FAILED.format(source=source, user=user, second=second)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "messages"
    place.write_text(
        "something else\n" * 10
        + failed(second=1) + failed(user="102", second=3) + failed("198.51.100.1", second=2)
    )  # fmt: skip
    return place


def test_sources_are_added_up_the_busiest_first(path: Path) -> None:
    summary = read_log(str(path), offset_s=0)
    assert summary.heard.lines == 13
    assert summary.kinds == (("refused", 3),)
    first, second = summary.sources
    assert (first.source, first.events, first.accounts_sample) == (
        "203.0.113.66", 2, ("101", "102"),
    )  # fmt: skip
    assert first.first_ns == nanoseconds("2026-11-23T09:34:11.000000Z")
    assert first.last_ns == nanoseconds("2026-11-23T09:34:13.000000Z")
    assert second.events == 1


def test_a_packed_log_says_the_same(path: Path) -> None:
    packed = path.with_suffix(".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_log(str(packed), offset_s=0).sources == read_log(str(path), offset_s=0).sources


def test_each_event_is_handed_on(path: Path) -> None:
    events: list[Event] = []
    read_log(str(path), each=events.append)
    assert [event.account for event in events] == ["101", "102", "101"]


def test_times_are_those_of_the_phone_system_s_zone(path: Path) -> None:
    summary = read_log(str(path), offset_s=3600)
    assert summary.sources[0].first_ns == nanoseconds("2026-11-23T08:34:11.000000Z")


def test_a_log_of_nobody_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("nothing\n" * 50_000)
    with pytest.raises(LogError, match="--kind"):
        read_log(str(path))
    assert read_log(str(path), "asterisk").heard.lines == 50_000


def test_a_log_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="absent: No such file"):
        read_log(str(tmp_path / "absent"))
    with pytest.raises(LogError, match="Is a directory"):
        read_log(str(tmp_path))


def test_a_flood_of_forged_sources_is_counted_only(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MAX_SOURCES", 1)
    summary = read_log(str(path))
    assert len(summary.sources) == 1
    assert summary.events_left == 1
    assert summary.kinds == (("refused", 3),)
