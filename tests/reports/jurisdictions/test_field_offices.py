"""Which of the FBI's field offices answers for a victim; never one that is made up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ringfence.reports.jurisdictions.field_offices import find_field_offices
from ringfence.reports.jurisdictions.places import STATES, county_name
from ringfence.reports.jurisdictions.table import read_table

PARTIAL = ("AL", "CA", "FL", "IL", "MO", "NJ", "NY", "OH", "PA", "TN", "TX", "VA")


def names(state: str, county: str = "") -> list[str]:
    return [office.name for office in find_field_offices(state, county).offices]


@pytest.mark.parametrize("state", STATES)
def test_every_state_and_territory_has_an_office_or_says_why(state: str) -> None:
    found = find_field_offices(state, "")
    assert found.sure == (state not in (*PARTIAL, "AS"))
    assert found.says
    assert all(o.phone.startswith("+1 ") and o.address and o.page for o in found.offices)


def test_american_samoa_is_not_given_to_honolulu_unasked() -> None:
    found = find_field_offices("AS", "")
    assert found.offices == ()
    assert "believed" in found.says


@pytest.mark.parametrize("state", ["", "ZZ"])
def test_unknown_state_has_no_office(state: str) -> None:
    assert find_field_offices(state, "Kings").offices == ()


@pytest.mark.parametrize(("state", "county", "office"), [
    ("NJ", "Camden County", "Philadelphia"), ("NJ", "Essex", "Newark"),
    ("NY", "Brooklyn", "New York"), ("NY", "Erie County", "Buffalo"), ("NY", "Albany", "Albany"),
    ("NY", "Nassau", "New York"), ("CA", "San Diego", "San Diego"), ("CA", "Imperial", "San Diego"),
    ("CA", "Orange County", "Los Angeles"), ("CA", "Sonoma", "San Francisco"),
    ("CA", "Fresno", "Sacramento"), ("FL", "Dade", "Miami"), ("IL", "Cook", "Chicago"),
    ("IL", "Sangamon", "Springfield"), ("OH", "Cuyahoga", "Cleveland"),
    ("OH", "Franklin", "Cincinnati"), ("PA", "Allegheny", "Pittsburgh"),
    ("PA", "Bucks", "Philadelphia"), ("TX", "Harris", "Houston"), ("MO", "St. Louis", "St. Louis"),
    ("AL", "Mobile", "Mobile"), ("VA", "City of Chesapeake", "Norfolk"),
])  # fmt: skip
def test_the_county_decides(state: str, county: str, office: str) -> None:
    assert names(state, county) == [office]


@pytest.mark.parametrize(("state", "county", "offices"), [
    ("TX", "Travis", 4), ("FL", "Orange", 3), ("VA", "Fairfax", 3), ("AL", "Baldwin", 2),
    ("MO", "Boone", 2), ("TN", "Davidson", 2), ("CA", "", 4), ("NJ", "", 2),
])  # fmt: skip
def test_where_the_county_does_not_decide_all_are_listed(
    state: str, county: str, offices: int
) -> None:
    found = find_field_offices(state, county)
    assert len(found.offices) == offices
    assert all(office.part for office in found.offices)


def test_tennessee_says_that_its_offices_were_joined() -> None:
    assert all("Nashville" in o.doubt for o in find_field_offices("TN", "Knox").offices)


@pytest.mark.parametrize(("state", "office", "counties"), [
    ("NY", "buffalo", 17), ("NY", "newyork", 13), ("IL", "chicago", 18), ("OH", "cleveland", 40),
    ("PA", "pittsburgh", 25), ("FL", "miami", 9), ("NJ", "philadelphia", 3),
    ("CA", "losangeles", 7), ("CA", "sanfrancisco", 15), ("CA", "sandiego", 2),
])  # fmt: skip
def test_as_many_counties_are_named_as_the_part_has(state: str, office: str, counties: int) -> None:
    rows = [r for r in read_table("coverage.tsv", 5) if r[:2] == (state, office)]
    assert len({county_name(one) for one in rows[0][3].split(", ")}) == counties


def test_no_county_belongs_to_two_offices_and_one_has_the_rest() -> None:
    for state in PARTIAL:
        offices = find_field_offices(state, "").offices
        named = [county for office in offices for county in office.counties]
        assert len(named) == len(set(named)), state
        assert sum(office.others for office in offices) <= 1, state


def test_facts_are_those_of_the_list_they_were_taken_from(root: Path) -> None:
    source = root.parent / "shared/data/fbi_field_offices.json"
    if not source.is_file():
        pytest.skip("the list that the table was made from is not here")
    listed = json.loads(source.read_text())["offices"]
    assert sorted((o["id"], o["name"], o["phone"], o["address"], o["url"]) for o in listed) == [
        *read_table("field_offices.tsv", 5)
    ]
    assert {(c["state"], o["id"], c["extent"]) for o in listed for c in o["coverage"]} == {
        (state, office, "part" if part else "all")
        for state, office, part, _, _ in read_table("coverage.tsv", 5)
    }
