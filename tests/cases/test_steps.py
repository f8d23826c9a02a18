"""Steps of a case: what may follow what, and what the journal says of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.cases import steps
from ringfence.model.case import CLOSED, MERGED, OPEN, Case, CaseError, Returning
from ringfence.model.follow_up import DONE, NOT_NEEDED, Mark, Reply
from ringfence.model.letter import SentLetter
from ringfence.model.measure import Measure
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


LETTER = SentLetter(
    3, "", "abuse", AT, "desk", ("abuse@example.net",), "s", "203.0.113.0/24", ("203.0.113.66",),
    "letters/abuse.txt", "<3@victim.example>", LATER,
)  # fmt: skip
REPLY = Reply(
    LATER, "", 3, "x@evil.example", "close it", "<r@x>", "acted", "Done. " * 60, "by number",
    ("T1",),
)  # fmt: skip


def test_letters_are_told_in_the_journal(case: Case) -> None:
    assert "letters/abuse.txt" in steps.write_letter(case, LETTER, AT, WHO)[1].text
    changed, entry = steps.send_letter(case, LETTER, WHO)
    assert (changed.state, changed.changed_at, entry.kind) == (OPEN, LATER, "sent")
    assert "<3@victim.example>" in entry.text


def test_reply_changes_nothing_but_the_journal(case: Case) -> None:
    closed = steps.close(case, "", LATER, WHO)[0]
    for before in (case, closed):
        after, entry = steps.take_reply(before, REPLY, LATER, WHO)
        assert after == replace(before, changed_at=LATER)
        assert entry.kind == "reply"
        assert "x@evil.example" in entry.text


def test_contacts_of_a_crowd_are_told_in_one_bounded_entry(case: Case) -> None:
    text = steps.attribute(case, [f"a@{n}.example" for n in range(500)], AT, WHO)[1].text
    assert text.startswith("contact found: a@0.example")
    assert text.endswith("and 480 networks more")


def test_marks_say_what_and_why(case: Case) -> None:
    mark = Mark("police", DONE, AT, WHO, text="number 4711")
    assert steps.mark(case, [mark])[1].text == "Police told: done: number 4711"
    with pytest.raises(CaseError, match="--why"):
        steps.mark(case, [replace(mark, state=NOT_NEEDED, text="")])
    with pytest.raises(CaseError, match="10,001"):
        steps.mark(case, [replace(mark, text="x" * 10_001)])


def test_case_that_goes_on_with_others_names_them(case: Case) -> None:
    back = Returning("RF-20260901-aaaaaa", ("number:1",), 40.0)
    assert "RF-20260901-aaaaaa" in steps.continues(case, [back], AT, WHO)[1].text


def test_nothing_is_written_to_a_case_that_became_part_of_another(case: Case) -> None:
    gone = replace(case, state=MERGED, merged_into="RF-20260901-aaaaaa")
    says = "merged into RF-20260901-aaaaaa"
    with pytest.raises(CaseError, match=says):
        steps.write_letter(gone, LETTER, AT, WHO)
    with pytest.raises(CaseError, match=says):
        steps.send_letter(gone, LETTER, WHO)
    with pytest.raises(CaseError, match=says):
        steps.attribute(gone, ["x"], AT, WHO)
    with pytest.raises(CaseError, match=says):
        steps.mark(gone, [Mark("police", DONE, AT, WHO)])


def test_measures_are_told_with_their_end_and_their_reason(case: Case) -> None:
    one = Measure("0" * 8, "narrow", "203.0.113.66", "guessing", WHO, AT, LATER, (2, 5060))
    changed, entry = steps.apply_measures(case, [one], AT, WHO)
    assert (entry.kind, changed.changed_at) == ("measure", AT)
    assert entry.text == f"narrow 203.0.113.66 ports 2, 5060 until {LATER}: guessing"
    many = [replace(one, address=f"198.51.100.{n}", ports=()) for n in range(25)]
    assert " and 5 more: guessing" in steps.apply_measures(case, many, AT, WHO)[1].text
    ended = steps.end_measures(case, [one], "a user", AT, WHO)[1].text
    assert ended == "narrow 203.0.113.66 ports 2, 5060 ended: a user"
