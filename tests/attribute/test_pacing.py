from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ringfence.attribute.pacing import MAX_PAUSE_S, PAUSE_S, Clock, Pacer, Rests, pause_of
from tests.attribute.scene import FakeTime

NOW = datetime(2026, 11, 26, 12, 0, 0, tzinfo=UTC)


def test_same_host_is_asked_once_a_second() -> None:
    time = FakeTime()
    pacer = Pacer(time.clock)
    for host in ("a.example", "b.example", "a.example", "a.example"):
        pacer.turn(host)
    assert time.waited == [1.0, 1.0]


def test_host_that_rested_is_asked_at_once() -> None:
    time = FakeTime()
    pacer = Pacer(time.clock)
    pacer.turn("a.example")
    time.later(0.4)
    pacer.turn("a.example")
    time.later(30)
    pacer.turn("a.example")
    assert time.waited == [0.6]


def test_lacnic_is_asked_no_more_than_ten_times_a_minute() -> None:
    time = FakeTime()
    pacer = Pacer(time.clock)
    for _ in range(11):
        pacer.turn("rdap.lacnic.net")
    assert sum(time.waited) > 60


def test_source_that_was_silent_twice_running_rests_for_a_minute() -> None:
    time = FakeTime()
    rests = Rests(time.clock)
    rests.silent("dns")
    rests.spoke("dns")
    rests.silent("dns")
    assert not rests.is_resting("dns")
    rests.silent("dns")
    assert rests.is_resting("dns")
    assert not rests.is_resting("whois")
    time.later(61)
    assert not rests.is_resting("dns")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Thu, 26 Nov 2026 12:01:00 GMT", 60),
        ("Thu, 26 Nov 2026 11:00:00 GMT", 0),
        (None, PAUSE_S),
        ("", PAUSE_S),
        ("soon", PAUSE_S),
        ("-5", PAUSE_S),
        ("9" * 400, MAX_PAUSE_S),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_PAUSE_S),
    ],
)
def test_retry_after_is_read(header: str | None, seconds: float) -> None:
    assert pause_of(header, NOW) == seconds


def test_real_clock_goes_on() -> None:
    clock = Clock()
    before = clock.monotonic()
    clock.wait(0.001)
    assert clock.monotonic() > before
    assert clock.now().tzinfo is UTC
