"""Days until a step is due."""

from __future__ import annotations

import pytest

from ringfence.cases.terms import TERMS, days_after, due


def test_each_term_says_why() -> None:
    assert all(term.days >= 0 and term.because for term in TERMS.values())


def test_day_on_which_a_term_ends() -> None:
    assert due("blocked", "2026-12-31T23:59:59Z") == "2026-12-31"
    assert due("abuse_mailed", "2026-12-31T23:59:59Z") == "2027-01-01"


@pytest.mark.parametrize("at", ["", "yesterday", "9999-12-31"])
def test_what_is_no_date_stays_as_it_is(at: str) -> None:
    assert days_after(at, 5) == at[:10]
