"""Words that everybody tries are known, also where digits stand for letters."""

from __future__ import annotations

import pytest

from ringfence.audit.words import is_common, is_default, is_walk, is_word


@pytest.mark.parametrize("text", ["amp109", "clue-con", "ChangeMe", "0000", "password1"])
def test_what_makers_set_is_a_default(text: str) -> None:
    assert is_default(text)


@pytest.mark.parametrize("text", ["dragon", "Liverpool", "159357"])
def test_what_leaked_everywhere_is_common(text: str) -> None:
    assert is_common(text)


@pytest.mark.parametrize(
    "text", ["Butterfly7!", "8utterfly", "Fr33d0m!", "jennifer1984", "..winter.."]
)
def test_a_word_in_disguise_is_a_word(text: str) -> None:
    assert is_word(text)


@pytest.mark.parametrize("text", ["qwertzui", "1qaz2wsx", "asdfghjkl1", "poiuytre", "1q2w3e4r5t"])
def test_fingers_that_walk_are_seen(text: str) -> None:
    assert is_walk(text)


@pytest.mark.parametrize("text", ["hT7kRw9xQd4m", "qwerhT7kRw9xQd", "Zx8vTf1mK"])
def test_chance_is_neither(text: str) -> None:
    assert not any(holds(text) for holds in (is_word, is_walk, is_common, is_default))
