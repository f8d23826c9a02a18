"""The words of an audit, for page and paper."""

from __future__ import annotations

from ringfence.model.weakness import Severity
from ringfence.reports.audit.compose import compose
from tests.audits import audit, night, weakness

MADE = "2026-11-26 18:00:00"


def test_steps_are_in_the_order_in_which_they_help() -> None:
    steps = [step.do for step in compose(night(), MADE, "t").steps]
    assert steps == [
        "Change now: 240",
        "Change today: 201",
        "Set allowguest=no in sip.conf, then sip reload.",
        "Let Ringfence write the change file",
        "Audit once more",
    ]


def test_where_nothing_is_weak_there_is_nothing_to_do() -> None:
    report = compose(audit(), MADE, "t")
    assert report.opening.tone == "calm"
    assert not report.steps
    assert not report.parts
    assert not report.whole


def test_weak_but_not_open_is_a_warning() -> None:
    assert compose(audit(weakness(severity=Severity.HIGH)), MADE, "t").opening.tone == "warn"


def test_an_empty_source_is_no_all_clear() -> None:
    sentences = compose(audit(extensions=0), MADE, "t").opening.sentences
    assert "No extension was found" in sentences[-1]


def test_a_long_list_is_cut_at_the_least_and_says_so() -> None:
    found = audit(*(weakness(str(n), severity=Severity.LOW) for n in range(50)), weakness("999"))
    report = compose(found, MADE, "t", most=10)
    assert len(report.parts) == 10
    assert report.parts[0].number == "999"
    assert report.omitted == 41


def test_many_others_are_counted() -> None:
    (part,) = [p for p in compose(night(), MADE, "t").parts if p.number == "202"]
    assert part.entries[0].others.endswith("210 and 4 more")
    assert part.badge == "high, the attacker tried it"


def test_rules_are_counted_by_extension() -> None:
    lines = {line.rule: (line.times, line.extensions) for line in compose(night(), MADE, "t").rules}
    assert lines["is-number"] == (2, 2)
    assert lines["guests-may-call"] == (1, 0)
