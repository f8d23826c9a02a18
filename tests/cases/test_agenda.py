"""What is due today, in the order in which to do it."""

from __future__ import annotations

from dataclasses import replace

from ringfence.cases.agenda import agenda, is_due
from ringfence.model.follow_up import TO_DO, WAITING, FollowUp
from tests.cases.standings import CASE

TODAY = "2026-10-10"
OTHER = replace(CASE, id="RF-20261005-abcdef")


def step(name: str, due: str | None = TODAY, command: str = "", **facts: str) -> FollowUp:
    return FollowUp(name, TO_DO, "says", due=due, command=command or f"do {name}", **facts)


def named(*steps: FollowUp) -> list[str]:
    return [one.step.step for one in agenda([(CASE, steps)], TODAY)]


def test_what_is_not_due_is_not_asked_for() -> None:
    assert named(step("police", "2026-10-11"), step("closed", None)) == []
    assert not is_due(FollowUp("blocked", WAITING, "x", due="2026-10-01"), TODAY)


def test_what_bleeds_comes_before_what_is_late() -> None:
    steps = (step("ic3_filed", "2026-10-01"), step("blocked"), step("carrier_told"))
    assert named(*steps) == ["carrier_told", "blocked", "ic3_filed"]


def test_what_is_late_longest_comes_first() -> None:
    assert named(step("ic3_filed"), step("police", "2026-10-09")) == ["police", "ic3_filed"]


def test_networks_that_one_command_writes_to_are_one_thing() -> None:
    steps = [step("abuse_mailed", command="letter", network=f"198.18.{n}.0/24") for n in range(5)]
    (one,) = agenda([(CASE, steps)], TODAY)
    assert len(one.networks) == 5


def test_desk_that_is_not_known_is_found_first() -> None:
    assert named(step("abuse_phoned"), step("abuse_mailed"), step("contact_found")) == [
        "contact_found"
    ]


def test_desk_that_was_silent_is_asked_for_once() -> None:
    assert named(step("abuse_mailed", at="2026-10-05T08:00:00Z"), step("abuse_phoned")) == [
        "abuse_phoned"
    ]
    assert named(step("abuse_mailed"), step("abuse_phoned")) == ["abuse_mailed", "abuse_phoned"]


def test_what_an_earlier_case_repeats_stands_with_the_later_one() -> None:
    own = step("blocked", command=f"ringfence case done {OTHER.id} blocked")
    again = replace(own, says="Again")
    (one,) = agenda([(CASE, [again]), (OTHER, [own])], TODAY)
    assert (one.case.id, one.step.says) == (OTHER.id, "says")
