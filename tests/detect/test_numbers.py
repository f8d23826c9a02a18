from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.detect.numbers import (
    MAX_DIALLED,
    digits_of,
    hunted_suffixes,
    is_international,
    keys_of,
    whole_numbers,
)


@pytest.mark.parametrize(
    ("dialled", "keys"),
    [
        ("9011442079460000", "9011442079460000"),
        ("++442079460000", "++442079460000"),
        ("+44 (0)20-7946.0000", "+4402079460000"),
        ("9,,00442079460000", "900442079460000"),
        ("%2B442079460000", "+442079460000"),
        ("*31#00442079460000", "*31#00442079460000"),
        ("442079460000#", "442079460000"),
        ("100", "100"),
        ("bob", ""),
        ("061963177-ikhuuep5bi123", ""),
        ("'or''='", ""),
        ("*", ""),
        ("+", ""),
        ("", ""),
        ("*#*#*#*123456789", ""),
        ("٤٤٢٠٧٩٤٦", ""),
        ("4" * (MAX_DIALLED + 1), ""),
    ],
)
def test_keys_pressed(dialled: str, keys: str) -> None:
    assert keys_of(dialled) == keys


def test_symbols_do_not_hide_a_hunted_number() -> None:
    hunt = ("0+442079460000", "*9442079460000", "#00442079460000", "442079460000")
    assert hunted_suffixes(hunt) == {"079460000": hunt}


def test_one_string_dialled_twice_is_no_hunt() -> None:
    assert hunted_suffixes(("00442079460000", "00442079460000")) == {}


def test_two_numbers_are_no_hunt() -> None:
    assert hunted_suffixes(("00442079460000", "00442079460001")) == {}


def test_extensions_share_no_suffix() -> None:
    assert hunted_suffixes(("1100", "2100", "100")) == {}


@pytest.mark.parametrize(
    "dialled",
    ["+442079460000", "++442079460000", "0+442079460000", "00442079460000", "011442079460000",
     "9011442079460000", "900442079460000", "000442079460000", "9810442079460000",
     "*9011442079460000"],
)  # fmt: skip
def test_calls_abroad(dialled: str) -> None:
    assert is_international(dialled)


@pytest.mark.parametrize("dialled", ["100", "02079460000", "2125550123", "00112", "+49", "bob", ""])
def test_calls_at_home(dialled: str) -> None:
    assert not is_international(dialled)


@given(st.text(max_size=80))
def test_any_text_has_an_answer(dialled: str) -> None:
    assert digits_of(dialled) == "" or digits_of(dialled).isdigit()
    assert isinstance(is_international(dialled), bool)
    assert hunted_suffixes((dialled, dialled + "1")) is not None


@given(st.from_regex(r"\+?[0-9]{1,40}", fullmatch=True))
def test_plain_keys_are_read_as_those_with_separators(dialled: str) -> None:
    assert keys_of(dialled) == keys_of(dialled[:1] + "-" + dialled[1:])
    assert digits_of(dialled) == dialled.removeprefix("+")


def test_digits_sent_as_they_are_keyed_are_one_number() -> None:
    dialled = ("0", "03", "030", "0301", "0040", "0301234")
    assert whole_numbers(dialled) == ("0301", "0040", "0301234")


def test_prefixes_of_one_number_do_not_grow() -> None:
    dialled = ("972592577956", "00972592577956", "9011972592577956")
    assert whole_numbers(dialled) == dialled
