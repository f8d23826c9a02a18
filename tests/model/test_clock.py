from __future__ import annotations

import pytest

from ringfence.model.clock import nanoseconds, utc


@pytest.mark.parametrize(
    ("time_ns", "written"),
    [
        (1_790_967_900_001_314_000, "2026-10-02T19:05:00.001314Z"),
        (1, "1970-01-01T00:00:00.000000Z"),  # cut to microseconds, never rounded up
        (999_999_999, "1970-01-01T00:00:00.999999Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z"),
    ],
)
def test_times_are_utc_with_microseconds(time_ns: int, written: str) -> None:
    assert utc(time_ns) == written


@pytest.mark.parametrize("time_ns", [0, 2**63 * 1000])
def test_no_time_and_a_year_past_9999_are_none(time_ns: int) -> None:
    assert utc(time_ns) is None


@pytest.mark.parametrize("time_ns", [1_790_967_900_001_314_000, 1000, 18_446_744_073_709_551_000])
def test_times_can_be_read_back(time_ns: int) -> None:
    assert nanoseconds(utc(time_ns) or "") == time_ns


@pytest.mark.parametrize("time", ["", "yesterday", "2026-10-02", "2026-10-02T19:05:00.001314"])
def test_what_is_no_time_of_ours_is_nothing(time: str) -> None:
    assert nanoseconds(time) == 0
