"""Permutations under a key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.evidence.redaction.permutation import keyed_number, permute

KEY, OTHER = bytes(32), b"\1" * 32


@pytest.mark.parametrize("size", [2, 3, 10, 26, 260, 1000])
def test_every_number_has_another_image_and_none_twice(size: int) -> None:
    images = [permute(KEY, b"t", number, size) for number in range(size)]
    assert sorted(images) == list(range(size))
    assert all(number != image for number, image in enumerate(images))


@given(st.integers(2, 2**64), st.data())
def test_images_stay_below_the_bound(size: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, size - 1))
    image = permute(KEY, b"t", number, size)
    assert 0 <= image < size
    assert image != number


def test_key_and_tweak_change_the_permutation() -> None:
    size = 10**6
    first = [permute(KEY, b"t", n, size) for n in range(50)]
    assert first != [permute(OTHER, b"t", n, size) for n in range(50)]
    assert first != [permute(KEY, b"u", n, size) for n in range(50)]


def test_large_numbers_depend_on_key_and_octets() -> None:
    size = 26**100
    number = keyed_number(KEY, b"t", b"a", size)
    assert 0 <= number < size
    assert number != keyed_number(OTHER, b"t", b"a", size)
    assert number != keyed_number(KEY, b"t", b"b", size)
