"""What an audit comes to: the guessed first, then whoever can be entered."""

from __future__ import annotations

import pytest

from ringfence.model.audit_summary import figures, headline, looked_at, only, summed_up
from ringfence.model.secret import Kind
from ringfence.model.weakness import Audit, Severity
from tests.audits import audit, night, weakness


def test_what_the_attacker_has_guessed_comes_first() -> None:
    low = weakness("300", severity=Severity.LOW, guessed=True)
    found = summed_up(audit(weakness("201"), weakness("202", severity=Severity.HIGH), low))
    assert [one.number for one in found.weak] == ["300", "201", "202"]
    assert [one.number for one in found.enterable] == ["300", "201"]


def test_of_two_equal_ones_the_account_that_was_tried_comes_first() -> None:
    found = summed_up(audit(weakness("201"), weakness("202", tried=True)))
    assert [one.number for one in found.weak] == ["202", "201"]


def test_an_extension_is_one_with_all_its_weaknesses() -> None:
    ones = weakness("201", severity=Severity.LOW), weakness("201", kind=Kind.PIN)
    (weak,) = summed_up(audit(*ones)).weak
    assert [one.severity for one in weak.weaknesses] == [Severity.CRITICAL, Severity.LOW]


def test_the_phone_system_itself_is_no_extension() -> None:
    found = summed_up(night())
    assert [one.rule for one in found.whole] == ["guests-may-call"]
    assert "" not in [one.number for one in found.weak]


@pytest.mark.parametrize(("found", "says"), [
    (night(), "2 of 250 extensions can be entered today."),
    (audit(weakness("201"), extensions=1), "1 of 1 extension can be entered today."),
    (audit(weakness("", kind=None)), "The phone system itself stands open today."),
    (
        audit(weakness(severity=Severity.LOW)),
        "No extension can be entered at the first try, but there are weaknesses.",
    ),
    (audit(), "Nothing weak was found."),
])  # fmt: skip
def test_the_headline_is_how_many_can_be_entered(found: Audit, says: str) -> None:
    assert headline(found, summed_up(found)) == says


def test_figures_name_what_there_is_and_nothing_else() -> None:
    found = audit(weakness("201"), weakness("202", severity=Severity.LOW))
    assert figures(found, summed_up(found)) == "2 weaknesses: 1 critical, 1 low; in 2 extensions."
    assert figures(audit(), summed_up(audit())) == "No rule is broken."


def test_it_says_what_it_rests_on() -> None:
    assert looked_at(night()) == (
        "250 extensions, 740 secrets weighed, 10 hashes tried, 3 answers from the wire tried."
    )


@pytest.mark.parametrize(("name", "left"), [
    ("same-across", 1), ("201", 2), ("PIN", 2), ("critical", 3), ("CRITICAL", 3), ("nothing", 0),
])  # fmt: skip
def test_only_what_is_named_is_left(name: str, left: int) -> None:
    assert len(only(night(), [name]).weaknesses) == left


def test_nothing_named_leaves_all() -> None:
    assert only(night(), []) == night()
