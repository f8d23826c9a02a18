"""Annexes: what a desk files it under, and hints at where an address is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.incident import Suspect
from ringfence.model.responsible import Location
from ringfence.reports.letters.annex import crime, hints, loss_says, networks, row
from tests.reports.letters.police_scene import GUESSER, HOST, THIEF, living, night

LET_IN = replace(GUESSER, accounts_taken=["240"])
FLOOD = replace(GUESSER, kinds=["flood"])


@pytest.mark.parametrize(("source", "words"), [
    (THIEF, "calls placed at our cost"), (LET_IN, "broken into"), (FLOOD, "flood"),
    (GUESSER, "Attempts to break into"),
])  # fmt: skip
def test_an_attempt_is_not_called_a_break_in(source: Suspect, words: str) -> None:
    assert words in crime([source])
    assert crime([source]).startswith("Attempts") == (source is GUESSER)


def test_a_loss_is_an_estimate() -> None:
    assert loss_says([THIEF]) == "about 155 USD by estimate, for 3 calls"
    assert loss_says([GUESSER]) == "no answered calls are in the record"


def test_a_network_stands_once() -> None:
    assert len(networks(night())) == 2


def located(country: str | None, region: str | None, city: str | None) -> list[str]:
    brief = night()
    party = replace(
        brief.parties[0],
        responsible=replace(HOST, location=Location(country, region, city, "x.mmdb")),
    )
    return hints(replace(brief, parties=(party,)))


def test_an_address_in_the_victims_own_state_is_a_hint() -> None:
    assert located("US", "Texas", "Dallas") == [
        "203.0.113.7: the geolocation file x.mmdb, puts it into Dallas, Texas."
    ]
    assert located("US", "TX", None)


@pytest.mark.parametrize("at", [("US", "Ohio", None), ("MX", "Texas", None), ("US", None, None)])
def test_an_address_elsewhere_is_none(at: tuple[str | None, str | None, str | None]) -> None:
    assert located(*at) == []


def test_no_state_no_hint() -> None:
    assert hints(night(settings=living(state=""))) == []


def test_a_long_value_stays_in_its_column() -> None:
    lines = str(row("Case", "word " * 40)).split("\n")
    assert lines[0].startswith("Case:     word")
    assert all(line.startswith(" " * 10) for line in lines[1:])
