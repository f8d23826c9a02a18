"""A log that is followed, as a source of events."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ringfence.model.clock import nanoseconds
from ringfence.sources.log_source import IDLE_S, LogSource
from ringfence.wire.asterisk_log import AsteriskLog
from ringfence.wire.freeswitch_log import FreeswitchLog
from tests.wire.test_asterisk_log import ATTACKER, PREFIX, security


class Clock:
    """Seconds that pass when the test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "security"
    place.write_bytes(b"")
    return place


def add(path: Path, *lines: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(b"".join(line + b"\n" for line in lines))


def test_events_of_new_lines(path: Path) -> None:
    source = LogSource(str(path), AsteriskLog())
    assert source.read(0) == []
    add(path, security(), security())
    assert [event.source for event in source.read(0)] == [ATTACKER] * 2
    assert source.heard.understood == 2
    assert source.trouble == ""


def test_a_log_that_is_not_there_is_trouble(tmp_path: Path) -> None:
    source = LogSource(str(tmp_path / "absent"), AsteriskLog())
    assert source.read(0) == []
    assert "absent: No such file" in source.trouble


def test_dates_without_a_year_are_of_this_one(path: Path) -> None:
    now = nanoseconds("2026-11-26T12:00:00.000000Z")
    source = LogSource(str(path), FreeswitchLog(), wall_ns=lambda: now)
    add(path, b"11-23 09:34:16.0 [WARN] [SOFIA] [sofia_reg.c:1] Can't find user [1@x] from ::1")
    (event,) = source.read(0)
    assert 0 < now - event.time_ns < 4 * 86_400 * 10**9


def test_after_a_pause_a_restarted_asterisk_is_believed_at_once(path: Path) -> None:
    clock = Clock()
    source = LogSource(str(path), AsteriskLog(), monotonic=clock)
    restarted = security(service="SIP", prefix=PREFIX.replace("25315", "4711"))
    add(path, security(service="SIP"))
    assert len(source.read(0)) == 1
    add(path, restarted)
    assert source.read(0) == []
    clock.now += 2 * IDLE_S
    source.read(0)
    add(path, restarted)
    assert len(source.read(0)) == 1


def test_waiting_ends_when_a_line_comes_and_when_it_is_closed(path: Path) -> None:
    source = LogSource(str(path), AsteriskLog())
    writer = threading.Timer(0.02, add, (path, security()))
    writer.start()
    assert len(source.read(30)) == 1
    writer.join()
    closer = threading.Timer(0.02, source.close)
    closer.start()
    assert source.read(30) == []
    closer.join()
