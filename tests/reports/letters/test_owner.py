"""What the owner is told of his letter: what is missing, how his address is written."""

from __future__ import annotations

from dataclasses import replace

from ringfence.model.settings import Settings, Victim
from ringfence.reports.letters.owner import absent, sender
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


def test_a_missing_address_stands_in_brackets_above_the_telephone() -> None:
    lines = sender(Victim())
    assert lines[-3] == "[your address: settings.toml, victim.street]"
    assert "Springfield" in sender(Victim(city="Springfield"))[1]


def test_who_signs_is_asked_for_where_nobody_is_named() -> None:
    assert sender(replace(DENTIST, name=""))[0].startswith("[your name")
