"""Hashes without their texts, tried with what is tried first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ringfence.audit.digest import secret_hash
from ringfence.audit.hashes import can_check, crack, fits
from ringfence.model.pbx import Extension
from ringfence.model.secret import Hashed

Made = Callable[..., Extension]


def hashed(text: str, algorithm: str) -> Hashed:
    return Hashed(algorithm, "200", "asterisk", secret_hash(algorithm, "200", "asterisk", text))


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512-256"])
def test_the_own_number_is_found_in_its_hash(anna: Made, algorithm: str) -> None:
    found = crack(hashed("200", algorithm), anna())
    assert found is not None
    assert found.rule == "is-number"
    assert fits(hashed("200", algorithm), "200")


def test_a_strong_one_is_not(anna: Made) -> None:
    assert crack(hashed("hT7kRw9xQd4mYc3NfGeP", "MD5"), anna()) is None


def test_an_unknown_algorithm_is_left_alone(anna: Made) -> None:
    strange = Hashed("SHA-1", "200", "asterisk", "00" * 20)
    assert not can_check(strange)
    assert crack(strange, anna()) is None


def test_a_hash_that_is_none_fits_nothing(anna: Made) -> None:
    assert crack(Hashed("MD5", "200", "asterisk", "zz"), anna()) is None
