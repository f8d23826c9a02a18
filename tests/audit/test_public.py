"""A secret that is made of what anybody knows of its extension."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ringfence.audit.public import facts_of, relations
from ringfence.model.pbx import Extension, Place

Made = Callable[..., Extension]


@pytest.mark.parametrize(("text", "rule"), [
    ("200", "is-number"),
    ("002", "reverses-number"),
    ("200200", "repeats-number"),
    ("xX200k!", "holds-number"),
    ("Fischer", "is-name"),
    ("rehcsif", "reverses-name"),
    ("AnnaFischer", "is-name"),
    ("fischer77", "holds-name"),
    ("anna.fischer@example.com", "is-mail"),
    ("4930901820200", "is-did"),
    ("00085D1F2A3B", "is-mac"),
    ("x1f2a3bz", "holds-mac"),
    ("491710000456", "is-mobile"),
])  # fmt: skip
def test_each_relation_has_its_rule(anna: Made, text: str, rule: str) -> None:
    assert rule in {r.rule for r in relations(text, facts_of(anna()), digits=False)}


def test_last_digits_of_the_mobile_are_a_pin_of_the_telephone_book(anna: Made) -> None:
    found = relations("0456", facts_of(anna()), digits=True)
    assert "part-of-mobile" in {relation.rule for relation in found}


def test_a_random_secret_has_no_relation(anna: Made) -> None:
    assert relations("hT7kRw9xQd4m", facts_of(anna()), digits=False) == ()


def test_two_letters_of_a_short_name_are_no_part_of_it() -> None:
    li = Extension("20", Place("pbx.csv"), "Li Wu")
    assert relations("xliq20mwu", facts_of(li), digits=False) == ()
