"""PINs that people choose, and PINs that chance chooses."""

from __future__ import annotations

import pytest

from ringfence.audit.pins import pin_rules


@pytest.mark.parametrize(("pin", "rule"), [
    ("4831", "pin-short"),
    ("777777", "pin-repeats"),
    ("484848", "pin-repeats"),
    ("993311", "pin-repeats"),
    ("739937", "pin-repeats"),
    ("123456", "pin-sequence"),
    ("987654", "pin-sequence"),
    ("246802", "pin-sequence"),
    ("123457", "pin-sequence"),
    ("241290", "pin-date"),
    ("122490", "pin-date"),
    ("19901224", "pin-date"),
    ("24121990", "pin-date"),
    ("147258", "pin-sequence"),
    ("159357", "pin-keypad"),
    ("321478", "pin-keypad"),
    ("520520", "pin-repeats"),
    ("696969", "pin-repeats"),
    ("258369", "pin-sequence"),
    ("131415", "pin-common"),
])  # fmt: skip
def test_what_people_choose_is_weak(pin: str, rule: str) -> None:
    assert rule in pin_rules(pin)


@pytest.mark.parametrize("pin", ["839174", "60472938", "918406", "4719028365"])
def test_what_chance_chose_breaks_no_rule(pin: str) -> None:
    assert pin_rules(pin) == ()


@pytest.mark.parametrize("pin", ["1987", "2580", "1212", "0000", "3112"])
def test_four_digits_that_mean_something_are_worse_than_short(pin: str) -> None:
    assert len(pin_rules(pin)) == 2
