"""The letter to the FBI's field office: the right one, or all that it may be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.letter import Letter, LetterError
from ringfence.model.settings import Settings
from ringfence.model.text import shown
from ringfence.reports.jurisdictions.places import STATES
from ringfence.reports.letters.fbi import write
from tests.reports.letters.golden import agrees
from tests.reports.letters.police_scene import DENTIST, FORGED, GUESSER, hostile, living, night


def living_in(state: str, county: str = "") -> Letter:
    (written,) = write(night(settings=living(state=state, county=county)))
    return written


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_night_of_toll_fraud() -> None:
    (written,) = write(night())
    agrees("fbi.txt", written.text)
    assert written.receiver == "FBI Houston Field Office"
    assert written.to == ()


def test_a_county_that_our_list_does_not_know() -> None:
    written = living_in("TX", "Travis County")
    agrees("fbi-several-offices.txt", written.text)
    assert written.receiver == "FBI field office"
    for name in ("Dallas", "El Paso", "Houston", "San Antonio"):
        assert name in written.remarks[0]


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_answered_and_dated(state: str) -> None:
    written = living_in(state)
    assert "as of 2020-12 to 2021-08" in flat(written.text)
    assert "confirm it at https://www.fbi.gov/contact-us/field-offices" in written.remarks[0]


def test_a_state_that_is_not_known_leads_to_headquarters() -> None:
    written = living_in("")
    assert "Headquarters, +1 (202) 324-3000" in written.remarks[0]
    assert "telephone headquarters" in written.text


def test_what_is_doubtful_about_an_office_is_said() -> None:
    written = living_in("TN", "Davidson")
    assert any("Nashville" in remark for remark in written.remarks)
    assert "Nashville" in written.text
    assert any("from memory" in remark for remark in living_in("VT").remarks)
    assert not any("from memory" in remark for remark in living_in("CO").remarks)


def test_no_settings_no_office_but_a_letter() -> None:
    (written,) = write(night(GUESSER, settings=Settings(), evidence=None))
    assert "[your name: settings.toml, victim.name]" in written.text
    assert "not sealed yet" in written.text


@pytest.mark.parametrize(("suspects", "also"), [((), True), ((FORGED,), False)])
def test_a_victim_abroad_is_sent_to_his_own_police(suspects: tuple, also: bool) -> None:  # type: ignore[type-arg]
    with pytest.raises(LetterError, match="Germany: ringfence letter CASE police") as caught:
        write(night(*suspects, settings=living(country="DE")))
    assert ("IC3 takes it" in str(caught.value)) == also


def test_preservation_is_a_suggestion() -> None:
    text = flat(write(night())[0].text)
    assert "consider a preservation request" in text
    assert "is for you or counsel to decide" in text


def test_nothing_is_handed_over_that_is_not_asked_for() -> None:
    text = flat(write(night())[0].text)
    assert "to an investigator in person, against a receipt, and to nobody else" in text


@pytest.mark.parametrize("text", ["x" * 4000, "\u202e\x1b[2J", "a\r\nb" * 400, "=" * 72, "{{ 1 }}"])
def test_no_stranger_breaks_a_line_or_fills_the_letter(text: str) -> None:
    (written,) = write(hostile(text))
    assert all(line == shown(line) for line in written.text.split("\n"))
    assert len(written.text) < 60_000


def test_a_stranger_makes_no_part_of_the_letter() -> None:
    (plain,) = write(night())
    attack = f"\n{'=' * 72}\nFOR THE OWNER\n{'=' * 72}\n"
    (written,) = write(hostile(attack))
    rules = [line for line in written.text.split("\n") if line and set(line) == {"="}]
    assert len(rules) == len([x for x in plain.text.split("\n") if x and set(x) == {"="}])


def test_whose_letter_it_is() -> None:
    (written,) = write(night(settings=replace(living(), victim=replace(DENTIST, title=""))))
    assert "\nFrom:     Jane Doe\n" in written.text
