"""The shape of a guess tells what fell, and never the word."""

from __future__ import annotations

import pytest

from ringfence.detect.guesses import MAX_SHAPES, looks_like, shapes_of
from ringfence.model.incident import GuessShape


@pytest.mark.parametrize(
    ("account", "word", "shape"),
    [
        ("240", "240", "the account itself"),
        ("241", "142", "the account backwards"),
        ("240", "240240", "the account and 3 more characters"),
        ("240", "x240", "the account and 1 more character"),
        ("240", "1234", "4 digits"),
        ("240", "7", "1 digit"),
        ("240", "secret", "6 letters"),
        ("240", "secret1", "7 letters and digits"),
        ("240", "s3cret!", "7 characters, signs among them"),
        ("240", "", "empty"),
        ("", "1234", "4 digits"),
    ],
)
def test_shape_of_a_word(account: str, word: str, shape: str) -> None:
    assert looks_like(account, word) == shape


def test_words_of_one_shape_are_counted_together_most_first() -> None:
    assert shapes_of(["240:admin", "240:1234", "240:9999", "241:12:34"]) == [
        GuessShape("240", "4 digits", 2),
        GuessShape("240", "5 letters", 1),
        GuessShape("241", "5 characters, signs among them", 1),
    ]


def test_no_word_is_told_and_the_list_is_bounded() -> None:
    found = shapes_of(f"24{n}:geheim{n}" for n in range(1000))
    assert len(found) == MAX_SHAPES
    assert "geheim" not in repr(found)


def test_a_hostile_account_is_shown_escaped() -> None:
    assert shapes_of(["\x1b[2J:1234"])[0].account == "\\x1b[2J"
