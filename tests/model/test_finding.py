"""What the doctor found."""

from __future__ import annotations

from ringfence.model.finding import FAIL, OK, WARN, Finding, worst


def test_the_worst_counts() -> None:
    found = [Finding("clock", state, "") for state in (OK, FAIL, WARN)]
    assert worst(found) == FAIL
    assert worst([found[0], found[2]]) == WARN
    assert worst([]) == OK
