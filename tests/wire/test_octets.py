"""Octet primitives, the interpreted ones; `kernels/test_twins.py` compares those in C."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.wire import _octets
from ringfence.wire._octets import (
    be16,
    be32,
    be64,
    blank,
    clear,
    colon,
    find,
    keep,
    le32,
    le64,
    lower,
    mix,
    past_blanks,
    peek,
    put,
    times,
    trimmed,
    value_of,
    word,
)  # fmt: skip

LINES = b"Via: a\r\nFrom: b"
WORDS = st.integers(0, 2**64 - 1)


def text(number: int) -> bytes:
    return number.to_bytes(8, "little")


def test_find_looks_only_where_it_may() -> None:
    assert find(LINES, 0, len(LINES), 10) == 7
    assert find(LINES, 8, len(LINES), 10) == len(LINES)
    assert find(LINES, 0, 7, 10) == 7
    assert find(LINES, 7, 8, 10) == 7
    assert find(LINES, 9, 3, 10) == 3


@pytest.mark.parametrize(("start", "end"), [(-1, 4), (0, 99), (14, 16)])
def test_ranges_outside_of_the_buffer_are_refused(start: int, end: int) -> None:
    with pytest.raises(IndexError):
        find(LINES, start, end, 10)
    with pytest.raises(IndexError):
        word(LINES, start, end)


@pytest.mark.parametrize(("read", "size"), [(be16, 2), (be32, 4), (be64, 8), (le32, 4), (le64, 8)])
def test_numbers_are_read_whole_or_not(read: object, size: int) -> None:
    assert callable(read)
    octets = bytes(range(1, 17))
    order: Literal["big", "little"] = "big" if read in (be16, be32, be64) else "little"
    for at in range(len(octets) - size + 1):
        assert read(octets, at) == int.from_bytes(octets[at : at + size], order)
    for at in (-1, 17 - size, 17):
        with pytest.raises(IndexError):
            read(octets, at)


def test_word_is_padded_with_zeros() -> None:
    assert word(b"Via: abcdef", 0, 3) == int.from_bytes(b"Via", "little")
    assert word(b"Via: abcdef", 0, 11) == int.from_bytes(b"Via: abc", "little")
    assert word(b"Via", 3, 3) == 0


def test_peek_sees_zeros_around_the_buffer() -> None:
    assert peek(b"Via: abcdef", 0) == int.from_bytes(b"Via: abc", "little")
    assert peek(b"Via: abcdef", 8) == int.from_bytes(b"def", "little")
    assert peek(b"Via", 3) == peek(b"Via", 99) == peek(b"Via", -1) == 0


@given(
    st.binary(min_size=8, max_size=8) | st.text("\t !aé", min_size=8, max_size=8).map(str.encode)
)
def test_blank_is_the_first_blank_or_control(octets: bytes) -> None:
    octets = octets[:8]
    first = next((i for i, octet in enumerate(octets) if octet <= 32), 8)
    assert blank(int.from_bytes(octets, "little")) == first


@given(st.text(" \ta\n", max_size=12).map(str.encode))
def test_spaces_and_tabs_are_taken_off_both_ends(octets: bytes) -> None:
    start, end = past_blanks(octets, 0, len(octets)), trimmed(octets, 0, len(octets))
    assert octets[start:] == octets.lstrip(b" \t")
    assert octets[:end] == octets.rstrip(b" \t")
    for outside in (-1, 0), (0, len(octets) + 1):
        with pytest.raises(IndexError):
            past_blanks(octets, *outside)
        with pytest.raises(IndexError):
            trimmed(octets, *outside)


@given(st.binary(min_size=8, max_size=8))
def test_lower_makes_capitals_small_and_nothing_else(octets: bytes) -> None:
    assert text(lower(int.from_bytes(octets, "little"))) == octets.lower()


def test_lower_of_every_octet() -> None:
    for octet in range(256):
        assert text(lower(octet * 0x0101010101010101)) == bytes([octet] * 8).lower()


@given(st.binary(min_size=8, max_size=8) | st.text(":;9A", min_size=8, max_size=8).map(str.encode))
def test_colon_is_the_first_one(octets: bytes) -> None:
    at = octets.find(b":")
    assert colon(int.from_bytes(octets, "little")) == (8 if at < 0 else at)


@given(WORDS, st.integers(0, 12))
def test_keep_cuts_behind(number: int, size: int) -> None:
    assert text(keep(number, size)) == text(number)[:size].ljust(8, b"\0")


@given(WORDS, WORDS)
def test_arithmetic_stays_within_64_bits(a: int, b: int) -> None:
    assert times(a, b) == a * b % 2**64
    assert 0 <= mix(a, b) < 2**64


@given(WORDS, WORDS, WORDS)
def test_mix_tells_words_apart(h: int, a: int, b: int) -> None:
    """One step is a bijection: different words never fall together."""
    assert (mix(h, a) == mix(h, b)) == (a == b)


def test_clear_keeps_to_its_slots() -> None:
    slots = memoryview(bytearray(b"\xff" * 40)).cast("i")
    clear(slots, 2, 3)
    assert list(slots) == [-1, -1, 0, 0, 0, -1, -1, -1, -1, -1]
    for start, size in ((-1, 1), (0, -1), (9, 2)):
        with pytest.raises(IndexError):
            clear(slots, start, size)


def test_put_sets_two_slots_or_none() -> None:
    slots = memoryview(bytearray(b"\xff" * 16)).cast("i")
    put(slots, 1, 7, 8)
    assert list(slots) == [-1, 7, 8, -1]
    for start in (-1, 3):
        with pytest.raises(IndexError):
            put(slots, start, 7, 8)


def test_a_name_is_found_by_the_bits_that_count() -> None:
    def words(name: bytes) -> list[int]:
        padded = name.ljust(24, b"\0")
        return [int.from_bytes(padded[i : i + 8], "little") for i in (0, 8, 16)]

    counts = words(b"\xdf" * 3 + b"\xff" + b"\xdf" * 5 + b"\xff" * 15)
    table = [0] * 8 + [*words(b"abb-cdefg"), 9 << 16 | 5, *counts, 0]
    for name, value in (
        (b"abb-cdefg", 5),
        (b"ABB-cDEFG", 5),
        (b"abb\rcdefg", 0),
        (b"abb-cdefh", 0),
        (b"abb-cdef", 0),
        (b"abb-cdefg\0", 0),
    ):
        first, second, third = words(name)
        assert value_of(table, 8, first, second, third, len(name)) == value
    for slot in (-1, 9):
        with pytest.raises(IndexError):
            value_of(table, slot, 0, 0, 0, 1)


def test_module_is_never_compiled() -> None:
    """Kernels inline the C of the same names instead."""
    assert _octets.__file__.endswith(".py")
