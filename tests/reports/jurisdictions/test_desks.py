"""Who takes the report in other countries; where nobody is known, nobody is made up."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from ringfence.model.countries import NAMES
from ringfence.reports.jurisdictions.desks import CONFIDENCE, KINDS, find_desks
from ringfence.reports.jurisdictions.table import read_table

LAENDER = [
    "BW",
    "BY",
    "BE",
    "BB",
    "HB",
    "HH",
    "HE",
    "MV",
    "NI",
    "NW",
    "RP",
    "SL",
    "SN",
    "ST",
    "SH",
    "TH",
]


def agencies(country: str, part: str = "") -> list[str]:
    return [desk.agency for desk in find_desks(country, part).desks]


@pytest.mark.parametrize("land", LAENDER)
def test_each_land_has_its_own_desk_and_then_the_federal_one(land: str) -> None:
    first, second = find_desks("DE", land).desks
    assert first.parts == (land,)
    assert second.parts == ()
    assert first.phone or "see its page" in first.conditions


def test_germany_without_a_land_has_the_federal_desk_and_asks() -> None:
    found = find_desks("DE", "")
    assert [desk.parts for desk in found.desks] == [()]
    assert "victim.state" in found.says


@pytest.mark.parametrize(("nation", "agency"), [
    ("SCT", "Police Scotland"), ("ENG", "Report Fraud"), ("WLS", "Report Fraud"),
    ("NIR", "Report Fraud"),
])  # fmt: skip
def test_scotland_does_not_use_report_fraud(nation: str, agency: str) -> None:
    assert agencies("GB", nation) == [agency]


def test_a_kingdom_without_its_nation_lists_both_and_asks() -> None:
    found = find_desks("GB", "")
    assert [desk.agency for desk in found.desks] == ["Report Fraud", "Police Scotland"]
    assert "victim.state" in found.says


def test_unlisted_country_of_the_union_has_the_directory() -> None:
    assert [desk.kind for desk in find_desks("HU", "").desks] == ["directory"]


@pytest.mark.parametrize("country", ["MX", "AR", "ZZ"])
def test_unlisted_country_has_the_local_police_and_no_contact(country: str) -> None:
    found = find_desks(country, "")
    assert found.desks == ()
    assert "local police" in found.says


def test_every_row_is_of_a_country_and_says_how_sure_it_is() -> None:
    for country, _, agency, kind, *_, confidence in read_table("desks.tsv", 9):
        assert country in NAMES or country == "EU", agency
        assert kind in KINDS, agency
        assert confidence in CONFIDENCE, agency


def test_facts_are_those_of_the_list_they_were_taken_from(root: Path) -> None:
    source = root.parent / "shared/data/jurisdictions.json"
    if not source.is_file():
        pytest.skip("the list that the table was made from is not here")
    entries = json.loads(source.read_text())["entries"]
    keys = ("country", "kind", "url", "phone", "email", "confidence")
    assert Counter(
        tuple(entry[key] or "" for key in keys)
        for entry in entries
        if entry["kind"] != "fbi_field_office"
    ) == Counter((r[0], r[3], r[4], r[5], r[6], r[8]) for r in read_table("desks.tsv", 9))
