"""The log: a line is a line, and a stranger fills no disk."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.flow.log_lines import (
    DEBUG,
    ERROR,
    MAX_EVENTS,
    MAX_LINES,
    MAX_TEXT,
    PERIOD_S,
    LogLines,
)

NOW = datetime(2026, 11, 26, 14, 2, 11, 345_678, tzinfo=UTC)


class Log:
    """A log, its lines and its clock."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.time_s = 0.0
        self.log = LogLines(self.lines.append, lambda: self.time_s, lambda: NOW)


def test_line_is_one_json_object_with_its_fields() -> None:
    log = Log()
    assert log.log.say("block", address="203.0.113.7", packets=3, effective=True, after_s=0.25)
    (line,) = log.lines
    assert line == (
        '{"at":"2026-11-26T14:02:11.345Z","level":"info","event":"block",'
        '"address":"203.0.113.7","packets":3,"effective":true,"after_s":0.25}\n'
    )


def test_a_thousand_of_a_kind_are_twenty_and_the_next_says_how_many_were_left_out() -> None:
    log = Log()
    written = sum(log.log.say("odd_line", line=n) for n in range(1000))
    assert written == len(log.lines) == MAX_LINES
    assert log.log.say("another")
    log.time_s += PERIOD_S
    assert log.log.say("odd_line")
    assert json.loads(log.lines[-1])["left_out"] == 1000 - MAX_LINES
    log.log.say("odd_line")
    assert "left_out" not in json.loads(log.lines[-1])


@given(st.text(), st.floats())
def test_nothing_that_a_stranger_wrote_is_a_second_line(text: str, number: float) -> None:
    log = Log()
    log.log.say("odd", claimed=text, number=number, at="forged")
    (line,) = log.lines
    assert line.isascii()
    assert line.count("\n") == 1
    assert line.endswith("\n")
    read = json.loads(line)
    assert len(read["claimed"]) <= MAX_TEXT
    assert read["at"] != "forged"


def test_level_keeps_chatter_out() -> None:
    log = Log()
    assert not log.log.say("detail", DEBUG)
    assert log.log.say("broken", ERROR)
    assert json.loads(log.lines[0])["level"] == "error"


@pytest.mark.parametrize("error", [OSError(28, "No space left"), ValueError("closed file")])
def test_full_disk_does_not_stop_the_guard(error: Exception) -> None:
    def write(_: str) -> None:
        raise error

    log = LogLines(write, lambda: 0.0, lambda: NOW)
    assert not log.say("block")
    assert log.failed == 1


def test_events_are_bounded() -> None:
    log = Log()
    for n in range(MAX_EVENTS + 50):
        log.log.say(f"event{n}")
    assert len(log.log._kinds) == MAX_EVENTS
