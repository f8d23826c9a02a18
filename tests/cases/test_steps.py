"""Steps of a case: what may follow what, and what the journal says of it."""

from __future__ import annotations

import pytest

from ringfence.cases import steps
from ringfence.model.case import CLOSED, MERGED, OPEN, Case, CaseError, Returning
from tests.cases.incidents import incident, suspect

AT, LATER, WHO = "2026-10-03T08:00:00Z", "2026-10-04T08:00:00Z", "anna@pbx"


@pytest.fixture
def case() -> Case:
    return steps.open_case(incident(suspect("203.0.113.66")), AT, WHO)[0]


def test_opened_case_says_so(case: Case) -> None:
    _, entry = steps.open_case(incident(suspect("203.0.113.66")), AT, WHO)
    assert (case.state, case.opened_at) == (OPEN, AT)
    assert (entry.kind, entry.who, entry.text) == ("opened", WHO, case.title)


def test_closed_and_open_again(case: Case) -> None:
    closed, entry = steps.close(case, "", LATER, WHO)
    assert (closed.state, closed.changed_at, entry.kind) == (CLOSED, LATER, "closed")
    opened, entry = steps.reopen(closed, "he is back", LATER, WHO)
    assert (opened.state, entry.text) == (OPEN, "he is back")


def test_what_makes_no_sense_is_refused(case: Case) -> None:
    closed = steps.close(case, "", LATER, WHO)[0]
    with pytest.raises(CaseError, match="is closed"):
        steps.close(closed, "", LATER, WHO)
    with pytest.raises(CaseError, match="is open"):
        steps.reopen(case, "", LATER, WHO)
    with pytest.raises(CaseError, match="empty"):
        steps.note(case, " \n", LATER, WHO)
    with pytest.raises(CaseError, match="10,001"):
        steps.note(case, "x" * 10_001, LATER, WHO)
    with pytest.raises(CaseError, match="itself"):
        steps.merge(case, case, LATER, WHO)


def test_merged_case_points_to_the_other(case: Case) -> None:
    other = steps.open_case(incident(suspect("203.0.113.9"), capture="b" * 64), AT, WHO)[0]
    (gone, told), (kept, also) = steps.merge(case, other, LATER, WHO)
    assert (gone.state, gone.merged_into, kept.state) == (MERGED, other.id, OPEN)
    assert other.id in told.text
    assert case.id in also.text
    for again in (
        lambda: steps.merge(gone, kept, LATER, WHO),
        lambda: steps.close(gone, "", LATER, WHO),
    ):
        with pytest.raises(CaseError, match=other.id):
            again()


def test_attacker_who_returns_opens_a_closed_case(case: Case) -> None:
    closed = steps.close(case, "", LATER, WHO)[0]
    back = Returning(case.id, ("number:972599123456", "number:972599123457", "hand:x"), 40.0)
    opened, entry = steps.went_on(closed, back, "RF-20261010-bbbbbb", LATER, WHO)
    assert opened.state == OPEN
    assert entry.kind == "returned"
    assert "RF-20261010-bbbbbb (shared: number, hand)" in entry.text
