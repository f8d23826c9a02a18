from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.detect.numbering import (
    KINDS,
    NANP,
    WATCHED_CODES,
    access_codes,
    country_code,
    fault_of,
    find_assigned,
    find_national,
    is_country_code,
    is_impossible,
    place_of,
)
from ringfence.model.countries import NAMES


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ("442079460000", ("GB", "fixed")),
        ("447400123456", ("GB", "mobile")),
        ("449098790000", ("GB", "premium")),
        ("447012345678", ("GB", "personal")),
        ("448081570000", ("GB", "toll_free")),
        ("12125550123", ("US", "fixed_or_mobile")),
        ("19005550123", ("US", "premium")),
        ("18095551234", ("DO", "fixed_or_mobile")),
        ("88213000111", ("001", "satellite")),
        ("8821612345678", ("001", "satellite")),
        ("881612345678", ("001", "satellite")),
        ("870773123456", ("001", "satellite")),
        ("883510012345678", ("001", "international_network")),
        ("979123456789", ("001", "premium")),
        ("80012345678", ("001", "toll_free")),
        ("80812345678", ("001", "shared_cost")),
    ],
)
def test_country_and_kind(number: str, place: tuple[str, str]) -> None:
    assert place_of(number) == place


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("2471234567", "AC"),
        ("67512345", "PG"),
        ("59991234567", "CW"),
        ("8701234567", "001"),
        ("14731111111", "GD"),
        ("12120123456", "US"),
        ("7600000000", "KZ"),
        ("9991234567", "ZZ"),
        ("2101234567", "ZZ"),
    ],
)
def test_unassigned_ranges_keep_their_country(number: str, country: str) -> None:
    assert find_assigned(number) == ""
    assert place_of(number) == (country, "invalid_range")


@pytest.mark.parametrize("area", sorted(NANP))
def test_american_looking_code_is_another_country(area: str) -> None:
    assert {place_of(f"1{area}{rest}")[0] for rest in ("1111111", "5000000")} == {NANP[area]}


def test_trunk_zero_behind_the_country_code_is_left_out() -> None:
    assert find_assigned("4402079460000") == "442079460000"


@pytest.mark.parametrize(
    ("digits", "home", "number"),
    [
        ("02079460000", "GB", "442079460000"),
        ("2125550123", "US", "12125550123"),
        ("12125550123", "us", "12125550123"),
        ("0612345678", "IT", "390612345678"),
        ("5550123", "US", ""),
        ("00442079460000", "DE", ""),
        ("100", "DE", ""),
    ],
)
def test_numbers_at_home(digits: str, home: str, number: str) -> None:
    assert find_national(digits, home) == number


@pytest.mark.parametrize(
    ("number", "fault"),
    [("44207", "short"), ("4420794600001", "long"), ("9991234567", "no code"), ("12120123456", "")],
)
def test_why_a_number_cannot_be(number: str, fault: str) -> None:
    assert fault_of(number) == fault


def test_every_country_with_numbers_has_a_name() -> None:
    assert phonenumbers.SUPPORTED_REGIONS - set(NAMES) == set()
    assert all(name and name == name.strip() for name in NAMES.values())


def test_every_kind_of_the_metadata_is_known() -> None:
    types = {value for name, value in vars(phonenumbers.PhoneNumberType).items() if name.isupper()}
    assert len(KINDS) >= len(types - {phonenumbers.PhoneNumberType.UNKNOWN})
    assert types - {phonenumbers.PhoneNumberType.UNKNOWN} == set(range(11))


def test_every_country_has_an_access_code() -> None:
    for home in phonenumbers.SUPPORTED_REGIONS:
        assert access_codes(home)
        assert int(country_code(home)) > 0


def test_no_country_of_this_name() -> None:
    with pytest.raises(ValueError, match="'XX'"):
        access_codes("XX")


def test_watched_codes_hold_unassigned_ranges() -> None:
    for code in WATCHED_CODES:
        ranges = (code.ljust(length, "9") for length in range(7, 16))
        assert "" in {find_assigned(number) for number in ranges}


@given(st.text(alphabet="0123456789", min_size=1, max_size=15))
def test_any_digits_have_a_place(number: str) -> None:
    country, kind = place_of(number)
    assert country in NAMES
    assert kind in KINDS
    assert (kind == "invalid_range") == (find_assigned(number) == "")
    assert fault_of(number) in {"", "short", "long", "no code"}


@pytest.mark.parametrize(
    ("number", "impossible"),
    [("697123456", True), ("404667413", True), ("303181622", False), ("4940123456", False)],
)
def test_number_that_no_call_can_reach(number: str, impossible: bool) -> None:
    assert is_impossible(number) is impossible


@pytest.mark.parametrize(
    ("digits", "is_code"), [("49", True), ("1", True), ("881", True), ("3", False), ("049", False)]
)
def test_country_codes_are_known(digits: str, is_code: bool) -> None:
    assert is_country_code(digits) is is_code
