from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.detect.prefixes import (
    MAX_NUMBER,
    MAX_PREFIX,
    MIN_NUMBER,
    Rank,
    number_starts,
    split_keys,
)

KEYS = st.text(alphabet="0123456789+*#", max_size=64)
NUMBER = "442079460000"


@pytest.mark.parametrize(
    ("prefix", "rank", "access"),
    [
        ("+", Rank.PLUS, "+"),
        ("0+", Rank.PLUS, "+"),
        ("00", Rank.ACCESS, "00"),
        ("011", Rank.ACCESS, "011"),
        ("9011", Rank.ACCESS, "011"),
        ("9900", Rank.ACCESS, "00"),
        ("0011", Rank.ACCESS, "0011"),
        ("9810", Rank.ACCESS, "810"),
        ("+00", Rank.ACCESS, "00"),
        ("*31#00", Rank.ACCESS, "00"),
        ("1010333011", Rank.ACCESS, "011"),
        ("418011", Rank.BURIED_ACCESS, ""),
        ("00000000", Rank.BURIED_ACCESS, ""),
        ("", Rank.BARE, ""),
        ("*", Rank.BARE, ""),
        ("9", Rank.ANYTHING, ""),
        ("7534", Rank.ANYTHING, ""),
    ],
)
def test_what_stands_before_a_number(prefix: str, rank: Rank, access: str) -> None:
    split = next(s for s in split_keys(prefix + NUMBER) if s.number == NUMBER)
    assert (split.rank, split.prefix, split.access) == (rank, prefix, access)


def test_access_code_at_home_goes_first() -> None:
    splits = split_keys("9119442079460000", "119")
    assert (splits[0].rank, splits[0].number) == (Rank.HOME_ACCESS, NUMBER)


def test_shorter_prefix_goes_first() -> None:
    numbers = [s.number for s in split_keys("9442079460000") if s.rank == Rank.ANYTHING]
    assert numbers == sorted(numbers, key=len, reverse=True)


def test_endless_zeros_are_no_prefix() -> None:
    assert NUMBER in {s.number for s in split_keys("0" * MAX_PREFIX + NUMBER)}
    assert split_keys("0" * (MAX_PREFIX + 1) + NUMBER) == []


@given(KEYS)
def test_places_are_few_and_numbers_are_ends(keys: str) -> None:
    splits = split_keys(keys)
    assert len(splits) <= MAX_NUMBER - MIN_NUMBER + 1
    for split in splits:
        assert split.prefix + split.number == keys
        assert split.number.isdigit()
        assert split.number[0] != "0"
        assert split.prefix.endswith(split.access)


@given(KEYS)
def test_a_number_starts_wherever_seven_to_fifteen_digits_are_left(keys: str) -> None:
    possible = [
        start
        for start in range(len(keys))
        if MIN_NUMBER <= len(keys) - start <= MAX_NUMBER
        and start <= MAX_PREFIX
        and keys[start:].isdigit()
        and keys[start] != "0"
    ]
    assert number_starts(keys) == possible
