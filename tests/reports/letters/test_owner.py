"""What the owner is told of his letter: what is missing, how his address is written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.settings import Settings, Victim
from ringfence.reports.letters.owner import absent, exercise_note, place, sender
from tests.reports.letters.police_scene import DENTIST, living, night


def test_a_whole_brief_lacks_nothing() -> None:
    assert absent(night()) == []


def test_what_is_missing_is_named_by_its_field() -> None:
    said = " ".join(absent(night(settings=Settings(), evidence=None)))
    for field in ("name", "phone", "email", "street", "city", "country", "county", "state", "zip"):
        assert f"victim.{field}" in said
    assert "seal the evidence" in said


def test_no_county_is_asked_for_abroad() -> None:
    assert absent(night(settings=living(country="FR", county="", state=""))) == []


@pytest.mark.parametrize(("victim", "written"), [
    (DENTIST, "100 Example Street, Houston, TX 77002, US"),
    (Victim(street="Beispielweg 1", zip="10115", city="Berlin", country="DE"),
     "Beispielweg 1, 10115 Berlin, DE"),
    (Victim(city="Houston"), "Houston"),
    (Victim(), "[your address: settings.toml, victim.street]"),
])  # fmt: skip
def test_an_address_is_written_as_on_an_envelope(victim: Victim, written: str) -> None:
    assert place(victim) == written


def test_who_signs_is_asked_for_where_nobody_is_named() -> None:
    assert sender(replace(DENTIST, name=""))[0].startswith("[your name")


def test_an_exercise_is_never_to_leave() -> None:
    assert exercise_note(night()) == ""
    assert exercise_note(night(exercise=True)).startswith("EXERCISE")
