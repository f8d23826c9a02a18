"""The letter to the police of the victim's place, in any country."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.letter import Letter
from ringfence.model.settings import Agency, Settings
from ringfence.model.text import shown
from ringfence.reports.letters.police import write
from tests.reports.letters.golden import agrees
from tests.reports.letters.police_scene import (
    FORGED,
    GUESSER,
    SETTINGS,
    hostile,
    living,
    night,
)  # fmt: skip


def living_in(country: str, state: str = "") -> Letter:
    (written,) = write(night(settings=living(country=country, state=state)))
    return written


def flat(letter: Letter) -> str:
    return " ".join(letter.text.split())


def test_a_night_of_toll_fraud_in_the_victims_own_state() -> None:
    (written,) = write(night())
    agrees("police.txt", written.text)
    assert written.receiver == "Example Police Department"
    assert "state police" in written.remarks[0]


@pytest.mark.parametrize(("country", "state", "name"), [
    ("DE", "Bayern", "police-de-by.txt"), ("GB", "Scotland", "police-scotland.txt"),
    ("MX", "", "police-unlisted.txt"),
])  # fmt: skip
def test_other_countries(country: str, state: str, name: str) -> None:
    agrees(name, living_in(country, state).text)


def test_a_desk_that_nobody_confirmed_is_said_to_be_so() -> None:
    assert "from a list that others keep: confirm" in flat(living_in("IT"))
    assert "from an official page" in flat(living_in("IE"))


@pytest.mark.parametrize("country", ["LV", "SK", "NZ", "HU"])
def test_a_response_team_is_no_police(country: str) -> None:
    written = living_in(country)
    assert written.receiver == "The local police"
    assert "None of these is police" in written.text


def test_an_unlisted_country_has_no_made_up_contact() -> None:
    sheet = flat(living_in("MX")).partition("Where to report")[2].partition("What to hand")[0]
    assert "local police" in sheet
    assert "http" not in sheet
    assert "+" not in sheet


def test_the_owners_own_agency_comes_first_everywhere() -> None:
    own = replace(living(country="FR"), police=Agency("Commissariat Exemple", "", "17", ""))
    (written,) = write(night(settings=own))
    assert written.receiver == "Commissariat Exemple"
    assert "17cyber.gouv.fr" in written.text


def test_mail_goes_only_where_the_owner_said_and_he_is_warned() -> None:
    mailed = replace(SETTINGS, police=Agency("Example Police", "desk@police.example"))
    (written,) = write(night(settings=mailed))
    assert written.to == ("desk@police.example",)
    assert "names accounts of real users" in written.remarks[0]
    assert living_in("AT").to == ()


def test_a_place_is_a_hint_and_never_a_proof() -> None:
    (written,) = write(night())
    assert "That is a hint and no proof" in written.text
    (elsewhere,) = write(night(settings=living(state="OH")))
    assert "Perhaps in this state" not in elsewhere.text


def test_only_americans_are_told_of_ic3_and_the_victim_notification_system() -> None:
    assert "Victim Notification System" in flat(write(night())[0])
    assert "Victim Notification System" not in flat(living_in("DE", "BY"))
    assert "IC3" not in flat(living_in("DE", "BY"))


def test_no_calls_no_table_of_calls() -> None:
    text = write(night(GUESSER, FORGED))[0].text
    assert "THE CALLS" not in text
    assert "ANNEX B: EVIDENCE" in text


def test_settings_that_say_nothing() -> None:
    (written,) = write(night(settings=Settings(), evidence=None))
    assert "victim.country is not set" in written.remarks[0]
    assert "[the country: settings.toml, victim.country]" in written.text


@pytest.mark.parametrize("text", ["x" * 4000, "\u202e\x1b[2J", "a\r\nb" * 400, "{{ 1 }}"])
def test_no_stranger_breaks_a_line_or_fills_the_letter(text: str) -> None:
    (written,) = write(hostile(text))
    assert all(line == shown(line) for line in written.text.split("\n"))
    assert len(written.text) < 60_000
