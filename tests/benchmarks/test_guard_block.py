"""The middle one of several runs, and how it is shown."""

from __future__ import annotations

from dataclasses import asdict

from benchmarks.guard_block import BlockRow, middle, told
from benchmarks.table import _guard
from lab.guard.attacks import ATTACKS
from lab.guard.scene import Met, Outcome
from lab.guard.scribe import Arrived
from lab.guard.users import Hurt

SCENE = next(scene for scene in ATTACKS if scene.name == "guessing")


def outcome(requests: int, seconds: float | None, *measures: str) -> Outcome:
    arrived = Arrived(requests=requests, credentials=requests // 2, accepted=1)
    met = Met("203.0.113.66", 4000, arrived, seconds, measures)
    return Outcome("guessing", "fail2ban", (met,), 200, (Hurt("201", "x", 0),), (), ())


def test_the_middle_run_is_told_and_the_worst_is_not_hidden() -> None:
    row = middle(SCENE, [outcome(100, 0.4), outcome(240, 0.8), outcome(900, 3.0)])
    assert (row.arrived, row.refused, row.seconds, row.most_arrived) == (240, 119, 0.8, 900)
    assert (row.wishes, row.not_granted) == (600, 3)


def test_slowed_down_is_not_blocked() -> None:
    row = middle(SCENE, [outcome(100, None, "limit")])
    assert "never blocked" in told(row)
    assert "| slowed down |" in _guard([asdict(row)])


def test_a_protector_that_failed_has_a_row_that_says_so() -> None:
    row = BlockRow("guessing", "150 a second", "crowdsec", failed="no such table")
    assert told(row) == "no such table"
    assert "| crowdsec | no such table |" in _guard([asdict(row)])
