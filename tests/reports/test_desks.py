"""Who answers for the suspects, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.reports.compose import compose
from ringfence.reports.desks import MAX_DESKS, answering, desks_of
from tests.reports.dossiers import (
    ATTACKER,
    DEAD,
    DESK,
    FOLLOWED,
    FORM,
    HOSTING,
    QUIET,
    UNKNOWN,
    dossier,
)

PHONE = replace(DESK, email=None, grade="operations")


def test_whom_to_write_to_and_to_call() -> None:
    first, second = desks_of(FOLLOWED.incident)
    assert (first.reach, first.how, first.phone) == (
        "abuse@hosting.example", "mail", "+1-202-555-0142",
    )  # fmt: skip
    assert (first.form, first.network) == ("hosting.example/abuse", "203.0.113.0/28, AS64500")
    assert (second.reach, second.says) == ("", "nobody could be asked")


def test_the_country_is_a_hint_only() -> None:
    (first, *_) = desks_of(FOLLOWED.incident)
    assert ("Country, a hint only", "Netherlands") in first.facts


def test_unusable_contacts_come_last_and_say_why() -> None:
    (desk,) = desks_of(replace(QUIET, attribution=[replace(HOSTING, contacts=[DEAD, FORM, DESK])]))
    assert [c.why_not for c in desk.contacts] == ["", "", "a placeholder: nobody reads it"]


@pytest.mark.parametrize(("contacts", "reach", "tone"), [
    ([DESK], "abuse@hosting.example", "calm"),
    ([replace(DESK, grade="anybody")], "abuse@hosting.example", "warn"),
    ([FORM, PHONE], "hosting.example/abuse", "warn"),
    ([PHONE], "+1-202-555-0142", "warn"),
    ([DEAD], "", "alarm"),
    ([replace(DESK, grade="copy")], "", "alarm"),
])  # fmt: skip
def test_how_good_it_is(contacts: list[object], reach: str, tone: str) -> None:
    entry = replace(HOSTING, contacts=contacts)  # type: ignore[arg-type]
    (desk,) = desks_of(replace(QUIET, attribution=[entry]))
    assert (desk.reach, desk.tone) == (reach, tone)


def test_a_portrait_of_the_same_network_points_at_the_first() -> None:
    both = replace(HOSTING, addresses=["203.0.113.7", "203.0.113.8"])
    report = compose(
        dossier(ATTACKER, replace(ATTACKER, address="203.0.113.8"), attribution=[both])
    )
    first, second = report.portraits
    assert (first.desk, first.desk_at) == (second.desk, ("", ""))
    assert second.desk_at == ("suspect-1", "203.0.113.7")


def test_a_suspect_whom_nobody_asked_about_has_no_desk() -> None:
    report = compose(dossier(replace(ATTACKER, address="203.0.113.9"), attribution=[HOSTING]))
    assert report.portraits[0].desk is None


def test_networks_are_bounded() -> None:
    assert len(desks_of(replace(QUIET, attribution=[HOSTING] * (MAX_DESKS + 1)))) == MAX_DESKS


def test_sentences_are_bounded() -> None:
    said = answering([HOSTING] * 5 + [UNKNOWN], 2)
    assert said[2:] == [
        "And 3 more networks: see “Whom to call”.",
        "Of 1 address nobody who can be reached is known.",
    ]


def test_a_telephone_is_named_once() -> None:
    (said,) = answering([replace(HOSTING, contacts=[PHONE])], 1)
    assert said == "Example Hosting answers for 203.0.113.7: +1-202-555-0142."
