"""Times of logs."""

from __future__ import annotations

import pytest

from ringfence.model.clock import nanoseconds, utc
from ringfence.wire.log_time import LogClock

NOW = nanoseconds("2026-03-01T12:00:00.000000Z")


@pytest.mark.parametrize(("text", "time"), [
    (b"2026-11-23 09:34:14.319", "2026-11-23T09:34:14.319000Z"),
    (b"2026-11-23T09:34:14.319+0000", "2026-11-23T09:34:14.319000Z"),
    (b"2026-11-23T09:34:14-06:00", "2026-11-23T15:34:14.000000Z"),
    (b"2026-11-23T09:34:14Z", "2026-11-23T09:34:14.000000Z"),
    (b"Feb  3 08:42:16", "2026-02-03T08:42:16.000000Z"),
    (b"Mar  2 11:59:59", "2026-03-02T11:59:59.000000Z"),  # a clock that is ahead of ours
    (b"Dec 31 23:59:59", "2025-12-31T23:59:59.000000Z"),
    (b"Feb 29 08:42:16", "2024-02-29T08:42:16.000000Z"),
    (b"02-03 07:56:53.026292", "2026-02-03T07:56:53.026292Z"),
])  # fmt: skip
def test_times_are_read(text: bytes, time: str) -> None:
    assert utc(LogClock(NOW).read(text)) == time


@pytest.mark.parametrize("text", [
    b"", b"yesterday", b"2026-02-31 09:34:14", b"Foo  3 08:42:16", b"2026-11-23 29:34:14",
    b"2026-11-23 09:34:14.3191234567", b"Feb 31 08:42:16",
])  # fmt: skip
def test_what_is_no_time_is_none(text: bytes) -> None:
    assert LogClock(NOW).read(text) == 0


def test_local_time_is_the_zone_of_the_phone_system() -> None:
    there = LogClock(NOW, offset_s=-5 * 3600)
    assert utc(there.read(b"2026-11-23 09:34:14")) == "2026-11-23T14:34:14.000000Z"
    assert utc(there.read(b"2026-11-23 09:34:14+0000")) == "2026-11-23T09:34:14.000000Z"


def test_without_a_year_and_without_now_no_time_is_made_up() -> None:
    assert LogClock().read(b"Feb  3 08:42:16") == 0


def test_one_after_the_other_they_are_what_each_is_alone() -> None:
    """The second before is kept: it must not leak into what only looks like it."""
    texts = [
        b"2026-11-23 09:34:14.319", b"2026-11-23 09:34:14.320", b"2026-11-23 09:34:14.320+0100",
        b"2026-11-23 09:34:14", b"2026-11-23 09:34:14.3201", b"2026-11-23 09:34:15.320",
        b"2026-11-23 09:34:14.3x0", b"xxxxxxxxxxxxxxxxxxx.100", b"xxxxxxxxxxxxxxxxxxx.200",
        b"2026-02-31 09:34:14.319", b"2026-02-31 09:34:14.320", b"",
    ]  # fmt: skip
    one = LogClock(NOW)
    assert [one.read(text) for text in texts] == [LogClock(NOW).read(text) for text in texts]
    assert [one.read(text) for text in reversed(texts)] == [
        LogClock(NOW).read(text) for text in reversed(texts)
    ]


def test_summer_begins_while_the_log_is_followed() -> None:
    clock = LogClock(NOW)
    texts = (b"2026-11-23 09:34:14.319", b"Feb  3 08:42:16")
    before = [clock.read(text) for text in texts]
    clock.set(NOW, 3600)
    assert [clock.read(text) for text in texts] == [time - 3600 * 10**9 for time in before]
