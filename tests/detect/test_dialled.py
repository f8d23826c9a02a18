from __future__ import annotations

import subprocess
import sys
from collections import Counter

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.detect import numbering
from ringfence.detect.dialled import MAX_HUNTED, Dialled, read_dialled, read_hunt
from ringfence.detect.numbers import digits_of, keys_of
from ringfence.model.countries import NAMES

LONDON = "442079460000"
ALIKE_KEYS = st.text(alphabet="0123456789+*#", max_size=64)
HOMES = st.sampled_from([None, "US", "DE", "GB", "RU", "CV", "AU"])


def _read(dialled: str, home: str | None = None) -> Dialled:
    read = read_dialled(dialled, home)
    assert read is not None
    return read


@pytest.mark.parametrize(
    ("prefix", "read_by"),
    [
        ("+", "plus"), ("++", "plus"), ("0+", "plus"), ("9+", "plus"), ("%2B", "plus"),
        ("00", "access_code"), ("000", "access_code"), ("001", "access_code"),
        ("011", "access_code"), ("0011", "access_code"), ("0015", "access_code"),
        ("009", "access_code"), ("810", "access_code"), ("900", "access_code"),
        ("9900", "access_code"), ("9011", "access_code"), ("99011", "access_code"),
        ("9810", "access_code"), ("1010333011", "access_code"), ("418011", "access_code"),
        ("760000", "access_code"), ("00000000", "access_code"), ("*9011", "access_code"),
        ("#00", "access_code"), ("*31#00", "access_code"), ("+00", "access_code"),
        ("", "bare"), ("7534", "ending"), ("007534", "ending"), ("909", "ending"),
    ],
)  # fmt: skip
def test_prefix_is_stripped(prefix: str, read_by: str) -> None:
    read = _read(prefix + LONDON)
    assert (read.e164, read.country, read.kind) == (f"+{LONDON}", "GB", "fixed")
    assert read.prefix == prefix.replace("%2B", "+")
    assert read.read_by == read_by
    assert read.is_international == (prefix != "")


@pytest.mark.parametrize(
    "dialled",
    ["9011972599501806", "011972599501806", "1010333011972599501806", "000972599501806",
     "9810972599501806", "00972599501806"],
)  # fmt: skip
def test_mobile_number_of_a_public_capture(dialled: str) -> None:
    read = _read(dialled)
    assert (read.e164, read.country_name, read.kind) == ("+972599501806", "Israel", "mobile")


@pytest.mark.parametrize(
    ("dialled", "country", "kind"),
    [
        ("90088213000111", "001", "satellite"),
        ("+881612345678", "001", "satellite"),
        ("00870773123456", "001", "satellite"),
        ("+883510012345678", "001", "international_network"),
        ("+979123456789", "001", "premium"),
        ("00449098790000", "GB", "premium"),
        ("00447012345678", "GB", "personal"),
        ("00882999123456789", "001", "invalid_range"),
        ("0118835100123456", "001", "invalid_range"),
        ("008701234567", "001", "invalid_range"),
        ("+2471234567", "AC", "invalid_range"),
        ("9011675123456789", "PG", "invalid_range"),
        ("0059991234567", "CW", "invalid_range"),
        ("+9991234567", "ZZ", "invalid_range"),
        ("0044207946", "GB", "invalid_range"),
        ("+44207946000012", "GB", "invalid_range"),
    ],
)
def test_numbers_that_earn_money_are_high_risk(dialled: str, country: str, kind: str) -> None:
    read = _read(dialled)
    assert (read.country, read.kind, read.risk) == (country, kind, "high")
    assert read.country_name == NAMES[country]
    assert read.is_international


@pytest.mark.parametrize(
    ("dialled", "home", "e164", "prefix", "is_international"),
    [
        ("2125550123", "US", "+12125550123", "", False),
        ("12125550123", "US", "+12125550123", "1", False),
        ("912125550123", "US", "+12125550123", "91", False),
        ("92125550123", "US", "+12125550123", "9", False),
        ("+12125550123", "us", "+12125550123", "+", False),
        ("18005550123", "CA", "+18005550123", "1", False),
        ("8095551234", "US", "+18095551234", "", True),
        ("02079460000", "GB", "+442079460000", "0", False),
        ("902079460000", "GB", "+442079460000", "90", False),
        ("01144960000", "GB", "+441144960000", "0", False),
        ("011442079460000", "GB", "+442079460000", "011", False),
        ("0301234567", "DE", "+49301234567", "0", False),
        ("9004930123456", "AT", "+4930123456", "900", True),
        ("810442079460000", "RU", "+442079460000", "810", True),
        ("84951234567", "RU", "+74951234567", "8", False),
        ("119442079460000", "CU", "+442079460000", "119", True),
        ("990442079460000", "FI", "+442079460000", "990", True),
    ],
)
def test_country_at_home_decides(
    dialled: str, home: str, e164: str, prefix: str, is_international: bool
) -> None:
    read = _read(dialled, home)
    assert (read.e164, read.prefix) == (e164, prefix)
    assert read.is_international == is_international


def test_premium_number_at_home_is_high_risk() -> None:
    read = _read("919005550123", "US")
    assert (read.kind, read.risk, read.is_international) == ("premium", "high", False)


def test_slip_of_the_finger_at_home_is_no_rented_range() -> None:
    read = _read("+12120123456", "US")
    assert (read.kind, read.risk) == ("unknown", "normal")


@pytest.mark.parametrize(
    ("dialled", "home"),
    [
        ("100", None), ("1000", "DE"), ("112", "DE"), ("*97", "US"), ("35104724", None),
        ("061963177", None), ("08019200028", None), ("02079460000", None), ("2125550123", None),
        ("5550123", "US"), ("1795426472", None), ("3554764640", "US"), ("013021234567", None),
        ("01132960000", None), ("bob", None), ("1bdaa608131517540001", None), ("", None),
        ("0" * 64, None), ("+", None), ("4" * 65, None),
    ],
)  # fmt: skip
def test_extensions_and_what_may_be_one(dialled: str, home: str | None) -> None:
    assert read_dialled(dialled, home) is None


def test_extensions_of_an_office_are_no_numbers() -> None:
    assert {read_dialled(str(n)) for n in range(100, 10_000)} == {None}


def test_no_country_of_this_name() -> None:
    with pytest.raises(ValueError, match="'Mars'"):
        read_dialled(LONDON, "Mars")


def test_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine places for a number to begin, two looks at each, and two at home."""
    calls: Counter[str] = Counter()
    parse = phonenumbers.parse

    def count(number: str, region: str | None = None) -> phonenumbers.PhoneNumber:
        calls[dialled] += 1
        return parse(number, region)

    monkeypatch.setattr(phonenumbers, "parse", count)
    numbering.find_assigned.cache_clear()
    numbering.fault_of.cache_clear()
    for dialled in ("9" * 64, "00" + "1" * 62, "8" * 15, "+" + "3" * 63, "0011119999123456789"):
        read_dialled.cache_clear()
        read_dialled(dialled, "DE")
    assert max(calls.values(), default=0) <= 9 * 2 + 2 + 1


def test_phonenumbers_is_loaded_late() -> None:
    code = "import ringfence.detect.rates, sys; sys.exit('phonenumbers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(st.text(max_size=80), HOMES)
def test_any_text_has_an_answer(dialled: str, home: str | None) -> None:
    read = read_dialled(dialled, home)
    assert read is None or read.dialled == dialled


@given(ALIKE_KEYS, HOMES)
def test_number_is_an_end_of_what_was_dialled(dialled: str, home: str | None) -> None:
    read = read_dialled(dialled, home)
    if read is None:
        return
    assert keys_of(dialled).startswith(read.prefix)
    assert read.country in NAMES
    assert len(read.e164) <= 16
    assert read.risk in {"high", "normal"}
    if read.read_by in {"bare", "ending"}:
        assert keys_of(dialled).endswith(read.e164[1:])


@given(st.text(alphabet="0123456789", max_size=8))
def test_any_digits_before_a_plus_are_a_prefix(prefix: str) -> None:
    assert _read(f"{prefix}+{LONDON}").e164 == f"+{LONDON}"


# ---- hunts ----------------------------------------------------------------


def test_hunt_of_a_public_capture_is_two_numbers() -> None:
    prefixes = ("011", "9011", "1010222011", "1010333011", "1010555011")
    targets = ("972598072172", "972599501806")
    hunt = read_hunt([prefix + target for prefix in prefixes for target in targets])
    assert {read.e164 for read in hunt.values()} == {f"+{target}" for target in targets}
    assert {read.read_by for read in hunt.values()} == {"hunt"}
    assert hunt["1010333011972599501806"].prefix == "1010333011"


def test_walking_prefixes_lead_to_one_number() -> None:
    strings = [prefix + "46846500400" for prefix in ("7534", "007534", "760000", "8", "98109")]
    hunt = read_hunt(strings)
    assert list(hunt) == strings
    assert {read.e164 for read in hunt.values()} == {"+46846500400"}


def test_prefix_that_makes_another_number_is_outvoted() -> None:
    """Behind 00 1 stands a number of North America that exists; nobody hunts that one."""
    alone = _read("00120255501" + "23")
    assert alone.e164 == "+12025550123"
    strings = [f"{prefix}2025550123" for prefix in ("001", "0111", "90111", "+1", "0001")]
    assert {read.e164 for read in read_hunt(strings).values()} == {"+12025550123"}


def test_hunted_range_that_nobody_assigned_is_one_number() -> None:
    strings = ["00882999123456789", "011882999123456789", "9882999123456789"]
    hunt = read_hunt(strings)
    assert [read.e164 for read in hunt.values()] == ["+882999123456789"] * 3
    assert {read.risk for read in hunt.values()} == {"high"}


def test_national_way_to_write_it_belongs_to_the_hunt() -> None:
    hunt = read_hunt(["00972599501806", "0599501806", "+972599501806"])
    assert {read.e164 for read in hunt.values()} == {"+972599501806"}
    assert hunt["0599501806"].prefix == "0"


def test_office_that_dials_at_home_hunts_nobody_abroad() -> None:
    strings = ["02079460000", "902079460000", "2079460000"]
    assert read_hunt(strings) == {}
    hunt = read_hunt(strings, "GB")
    assert {read.e164 for read in hunt.values()} == {"+442079460000"}
    assert not any(read.is_international for read in hunt.values())


def test_extensions_are_left_out_of_a_hunt() -> None:
    assert read_hunt(["100", "101", "bob", ""]) == {}


def test_order_of_the_hunt_does_not_matter() -> None:
    strings = ["9011972599501806", "011972599501806", "97100972599501806", "0972599501806"]
    assert read_hunt(strings) == read_hunt(strings[::-1])


def test_endless_hunt_is_cut() -> None:
    strings = [f"{n:06}{LONDON}" for n in range(MAX_HUNTED + 100)]
    assert len(read_hunt(strings)) <= MAX_HUNTED


@given(st.lists(ALIKE_KEYS, max_size=12), HOMES)
def test_any_hunt_has_an_answer(strings: list[str], home: str | None) -> None:
    for text, read in read_hunt(strings, home).items():
        assert text in strings
        assert read.dialled == text
        assert keys_of(text).startswith(read.prefix)


@given(st.sets(st.sampled_from(["+", "00", "9", "900", "011", "9011", "000", "810", "7534", "8"]),
               min_size=2))  # fmt: skip
def test_any_two_prefixes_give_one_number(prefixes: set[str]) -> None:
    hunt = read_hunt([prefix + LONDON for prefix in sorted(prefixes)])
    assert {read.e164 for read in hunt.values()} == {f"+{LONDON}"}
    assert all(digits_of(text).endswith(LONDON) for text in hunt)
