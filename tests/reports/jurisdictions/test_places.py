"""What people write for a country, a state, a county."""

from __future__ import annotations

import pytest

from ringfence.reports.jurisdictions.places import (
    STATES,
    TERRITORIES,
    country_code,
    county_name,
    home,
    part_code,
    part_name,
)


@pytest.mark.parametrize(("said", "code"), [
    ("us", "US"), ("U.S.", "US"), ("USA", "US"), ("United States", "US"), ("UK", "GB"),
    ("de", "DE"), ("", ""), ("XX", "XX"),
])  # fmt: skip
def test_country_is_read(said: str, code: str) -> None:
    assert country_code(said) == code


@pytest.mark.parametrize(("country", "said", "code"), [
    ("US", "tx", "TX"), ("US", "Texas", "TX"), ("US", "US-TX", "TX"), ("US", "Texass", ""),
    ("US", "", ""), ("DE", "Bavaria", "BY"), ("DE", "Baden-Württemberg", "BW"),
    ("DE", "Baden Wurttemberg", "BW"), ("DE", "SN", "SN"), ("GB", "scotland", "SCT"),
    ("GB", "Northern Ireland", "NIR"), ("FR", "Bretagne", ""),
])  # fmt: skip
def test_part_is_read(country: str, said: str, code: str) -> None:
    assert part_code(country, said) == code


@pytest.mark.parametrize("code", STATES)
def test_every_state_is_read_by_its_code_and_its_name(code: str) -> None:
    assert part_code("US", code) == code
    assert part_code("US", STATES[code]) == code
    assert part_name("US", code) == STATES[code]


@pytest.mark.parametrize("code", TERRITORIES)
def test_a_territory_is_a_state_whichever_way_it_is_said(code: str) -> None:
    assert home(code, "") == home("US", code) == ("US", code)


@pytest.mark.parametrize(("one", "other"), [
    ("Camden", "camden county"), ("St. Louis", "City of Saint Louis"), ("DeKalb", "DeKalb County"),
    ("Brooklyn", "Kings County"), ("Manhattan", "New York"), ("Dade", "Miami-Dade County"),
    ("Staten Island", "Richmond"), ("Orleans Parish", "orleans"),
])  # fmt: skip
def test_one_county_under_two_names(one: str, other: str) -> None:
    assert county_name(one) == county_name(other)
