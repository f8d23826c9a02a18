"""No generated secret breaks a rule, looks like another sign, or is there already."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from ringfence.audit.credentials import weigh
from ringfence.audit.generate import _KEYS, SIGNS, Exhausted, Generator
from ringfence.model.pbx import Extension, Pbx, Place, System
from ringfence.model.secret import Kind, Secret

KINDS = list(Kind)


def pbx_of(*extensions: Extension) -> Pbx:
    return Pbx(System.LIST, ("pbx.csv",), extensions)


@given(st.integers(10, 99999), st.text("abcdefgh ", max_size=20))
@tries(max_examples=30)
def test_no_generated_secret_breaks_a_rule(number: int, name: str) -> None:
    bare = Extension(str(number), Place("pbx.csv", 2), name)
    generator = Generator([pbx_of(bare)])
    made = tuple(Secret(kind, generator.for_kind(kind, bare)) for kind in KINDS)
    assert weigh(pbx_of(Extension(str(number), bare.place, name, secrets=made)), None) == []


def test_what_the_system_has_is_not_drawn_again() -> None:
    held = "839174"
    extension = Extension("200", Place("pbx.csv"), secrets=(Secret(Kind.PIN, held),))
    drawn = iter((held + "605218") * 2)
    generator = Generator([pbx_of(extension)], lambda signs: next(drawn))
    assert generator.pin(extension, 6) == "605218"
    assert held not in repr(generator)


def test_chance_that_is_none_is_given_up() -> None:
    with pytest.raises(Exhausted):
        Generator(draw=lambda signs: signs[0]).pin(Extension("200", Place("pbx.csv")))


def test_keys_are_pressed_in_turn() -> None:
    text = Generator().password(Extension("200", Place("pbx.csv")), keypad=True)
    assert all(_KEYS[a] != _KEYS[b] for a, b in pairwise(text))


def test_no_sign_looks_like_another() -> None:
    assert set('0Oo1lIi5Ss2Zz8B;#,"&<$') & set(SIGNS) == set()


def test_a_pin_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="between 6"):
        Generator().pin(Extension("200", Place("pbx.csv")), 4)
