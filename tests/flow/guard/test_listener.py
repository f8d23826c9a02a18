"""A listener: what a source says is heard, and what is wrong with it is said."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event as Signal
from typing import TYPE_CHECKING

from ringfence.flow.guard import listener as listeners
from ringfence.flow.guard.listener import Listener, stamp
from ringfence.model.event import REFUSED, Event
from ringfence.model.guard_status import FAILING, OK
from ringfence.model.heard import Heard

if TYPE_CHECKING:
    import pytest

EVENT = Event(REFUSED, "kamailio.log", "203.0.113.66")


class Said:
    """A source that says what it was given."""

    def __init__(self, *readings: list[Event] | Exception) -> None:
        self._readings = list(readings)
        self.trouble = ""
        self.all_said, self.closed = Signal(), Signal()
        self.heard = Heard("kamailio.log", 7, 7, 5)

    def read(self, wait_s: float) -> list[Event]:
        if not self._readings:
            self.all_said.set()
            self.closed.wait(wait_s)
            return []
        reading = self._readings.pop(0)
        if isinstance(reading, Exception):
            raise reading
        return reading

    def close(self) -> None:
        self.closed.set()


def heard(source: Said, woken: Callable[[], None] = lambda: None) -> Listener:
    listener = Listener("a log", source, woken)
    assert source.all_said.wait(10)
    return listener


def test_events_come_in_order_and_the_guard_is_woken() -> None:
    woken: list[bool] = []
    other = Event(REFUSED, "kamailio.log", "203.0.113.67")
    listener = heard(Said([EVENT], [], [other]), lambda: woken.append(True))
    assert listener.take() == [EVENT, other]
    assert listener.take() == []
    assert woken == [True, True]
    status = listener.status(time.time())
    assert (status.state, status.seen, status.understood) == (OK, 7, 5)
    assert status.last_at
    listener.close()


def test_source_that_breaks_is_told_and_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "_PAUSE_S", 0.01)
    listener = heard(Said(RuntimeError("torn"), [EVENT]))
    assert listener.take() == [EVENT]
    listener.close()


def test_fault_is_shown_while_it_lasts() -> None:
    listener = Listener("a log", Said(RuntimeError("torn\x1b[2J")), lambda: None)
    ends = time.monotonic() + 10
    while listener.status(time.time()).state != FAILING:
        assert time.monotonic() < ends
    says = listener.status(time.time()).says
    assert "RuntimeError: torn" in says
    assert "\x1b" not in says
    listener.close()


def test_trouble_of_the_source_is_said() -> None:
    source = Said([])
    source.trouble = "login refused"
    listener = heard(source)
    assert listener.status(time.time()).state == FAILING
    assert "login refused" in listener.status(time.time()).says
    listener.close()


def test_flood_of_events_is_bounded_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "MAX_WAITING", 10)
    listener = heard(Said([EVENT] * 25))
    assert len(listener.take()) == 10
    assert listener.lost == 15
    assert "15 events were too many" in listener.status(time.time()).says
    listener.close()


def test_never_is_no_time() -> None:
    assert (stamp(0), stamp(1.0)) == ("", "1970-01-01T00:00:01Z")
