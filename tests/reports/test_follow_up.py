"""The checklist: states in words, what is late, what comes next."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.reports.follow_up import MAX_STEPS, check_off
from tests.reports.dossiers import FOLLOW_UP

MADE_AT = "2026-01-02T03:04:05Z"
CAPTURED, MAILED, CARRIER, IC3, CLOSED = FOLLOW_UP


def test_nothing_known_is_no_list() -> None:
    assert check_off([], MADE_AT) is None


def test_states_are_words() -> None:
    found = check_off(FOLLOW_UP, MADE_AT)
    assert found is not None
    assert [(line.state, line.when) for line in found.lines] == [
        ("done", "2026-01-02"), ("overdue", "due 2026-01-01"), ("waiting", "until 2026-01-05"),
        ("not needed", ""), ("to do", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(("due", "state"), [
    ("2026-01-01", "overdue"), ("2026-01-02", "to do"), ("2026-01-03", "to do"), (None, "to do"),
])  # fmt: skip
def test_a_day_that_is_not_over_is_not_late(due: str | None, state: str) -> None:
    found = check_off([replace(MAILED, due=due)], MADE_AT)
    assert found is not None
    assert found.lines[0].state == state


def test_an_answer_that_does_not_come_is_late() -> None:
    found = check_off([replace(CARRIER, due="2026-01-01")], MADE_AT)
    assert found is not None
    assert found.lines[0].state == "overdue"


def test_what_is_due_first_comes_next() -> None:
    found = check_off([CLOSED, MAILED, replace(MAILED, due="2026-01-09", network=None)], MADE_AT)
    assert found is not None
    assert found.summary == (
        "0 of 3 steps done; 1 overdue. Next: Abuse desk told by mail (203.0.113.0/28), "
        "due 2026-01-01."
    )


def test_nothing_left_has_no_next() -> None:
    found = check_off([CAPTURED, IC3], MADE_AT)
    assert found is not None
    assert found.summary == "1 of 1 step done."


def test_steps_are_bounded() -> None:
    found = check_off([CLOSED] * (MAX_STEPS + 2), MADE_AT)
    assert found is not None
    assert (len(found.lines), found.more) == (MAX_STEPS, 2)
