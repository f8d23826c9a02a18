from datetime import UTC, datetime

from lab.clock import Clock, iso

BEGINS = datetime(2026, 10, 3, 1, 0, tzinfo=UTC)


class Ticking:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_run_is_written_from_its_beginning() -> None:
    clock = Clock(BEGINS, Ticking())
    assert clock.written(1002.5) == BEGINS.timestamp() + 2.5
    assert not clock.changed


def test_a_night_is_skipped() -> None:
    ticking = Ticking()
    clock = Clock(BEGINS, ticking)
    ticking.now = 1010.0
    clock.skip(3600)
    assert clock.written(1009.0) == BEGINS.timestamp() + 9
    assert clock.written(1011.0) == BEGINS.timestamp() + 3611
    assert clock.changed


def test_a_call_is_stretched_and_what_follows_is_not() -> None:
    ticking = Ticking()
    clock = Clock(BEGINS, ticking)
    with clock.stretched(100):
        ticking.now = 1002.0
    assert clock.written(1001.0) == BEGINS.timestamp() + 100
    assert clock.written(1003.0) == BEGINS.timestamp() + 201


def test_time_never_runs_backwards() -> None:
    ticking = Ticking()
    clock = Clock(BEGINS, ticking)
    for step in (50.0, 0.0, 7.5):
        ticking.now += 1
        clock.skip(step)
    moments = [clock.written(1000 + tenth / 10) for tenth in range(60)]
    assert moments == sorted(moments)


def test_times_are_utc_with_milliseconds() -> None:
    assert iso(BEGINS.timestamp() + 0.0625) == "2026-10-03T01:00:00.062Z"
