"""Seeded hashes and short searches: what the tables of the tally rest on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.detect._spans import fold, seek, spread

WORDS = st.integers(0, 2**64 - 1)


@given(WORDS, WORDS)
def test_fold_is_both_halves_of_the_product(a: int, b: int) -> None:
    assert fold(a, b) == (a * b >> 64) ^ (a * b & (2**64 - 1))


@given(st.binary(min_size=1, max_size=40), st.binary(max_size=20), WORDS)
def test_hash_is_of_the_span_alone(octets: bytes, around: bytes, seed: int) -> None:
    """Wherever it stands, and whatever stands beside it."""
    moved = around + octets + around
    start = len(around)
    assert spread(moved, start, start + len(octets), seed) == spread(octets, 0, len(octets), seed)


def test_nothing_hashes_to_0_and_all_else_does_not() -> None:
    assert spread(b"abc", 2, 2, 7) == 0
    assert spread(b"\0", 0, 1, 7) != 0


@pytest.mark.parametrize("other", [b"a\0", b"\0a", b"a" + bytes(8), b"a" + bytes(16)])
def test_zeros_beside_a_name_make_another_name(other: bytes) -> None:
    assert spread(b"a", 0, 1, 7) != spread(other, 0, len(other), 7)


def test_names_that_fall_together_under_one_seed_do_not_under_another() -> None:
    """In 12 bits some of a thousand names must; which ones, nobody can know beforehand."""
    names = [b"%016d" % n for n in range(1_000)]

    def pairs(seed: int) -> set[tuple[bytes, bytes]]:
        seen: dict[int, bytes] = {}
        found = set()
        for name in names:
            place = spread(name, 0, 16, seed) & 4095
            if place in seen:
                found.add((seen[place], name))
            seen[place] = name
        return found

    one, other = pairs(0x1234_5678_9ABC_DEF1), pairs(0xFEDC_BA98_7654_3211)
    assert min(len(one), len(other)) > 20
    assert len(one & other) < 3


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (0, 9)])
def test_range_outside_of_the_buffer(start: int, end: int) -> None:
    with pytest.raises(IndexError):
        spread(b"abc", start, end, 7)
    with pytest.raises(IndexError):
        seek(b"abc", start, end, 97)


@given(st.binary(max_size=60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 255))
def test_seek_finds_the_first(octets: bytes, start: int, end: int, octet: int) -> None:
    start, end = min(start, len(octets)), min(end, len(octets))
    at = octets.find(octet, start, end)
    assert seek(octets, start, end, octet) == (end if at < 0 else at)
