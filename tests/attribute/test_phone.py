from __future__ import annotations

import pytest

from ringfence.attribute.phone import digits, read_phone


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("tel:+27-21-555-0100", "+27-21-555-0100"),
        ("tel:+1-555-0100;ext=102", "+1-555-0100 ext. 102"),
        ("+598  2555 0100#0000", "+598 2555 0100"),
        ("+598  2555 0100#0312", "+598 2555 0100 ext. 0312"),
        ("+57 4 5550100 []", "+57 4 5550100"),
        ("+57 4 5550100 [312]", "+57 4 5550100 ext. 312"),
        ("+1 555 010 0199 x7", "+1 555 010 0199 ext. 7"),
        ("57 4 5550100", "57 4 5550100"),
    ],
)
def test_telephone_is_read(written: str, meant: str) -> None:
    assert read_phone(written) == meant


@pytest.mark.parametrize("written", ["", "n/a", "1234", "+1\x1b[2J5550100", "1" * 40])
def test_what_is_no_telephone_is_nothing(written: str) -> None:
    assert read_phone(written) is None


def test_two_spellings_of_one_number() -> None:
    assert digits("+31 20 555 0100") == digits("+31205550100 ext. 4")
