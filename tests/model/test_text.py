from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.text import count, shown

# What a terminal, a log or a page may obey, or a reader not see (Unicode's own names).
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("\x1b[2J", r"\x1b[2J"),  # clears the screen
        ("\x1b]0;root\x07", r"\x1b]0;root\x07"),  # names the window
        ("\x9b31m", r"\x9b31m"),  # the same escape in one octet
        ("a\rb", r"a\x0db"),  # writes over what stood before
        ("a\nb", r"a\x0ab"),  # starts a line of its own
        ("\x7f", r"\x7f"),
        ("\x00", r"\x00"),
        ("\u202e042", r"\u202e042"),  # turns 240 around
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("24\u200b0", r"24\u200b0"),  # is not 240
        ("\ufeff240", r"\ufeff240"),
        ("240\u3164", r"240\u3164"),  # a letter that shows nothing
        ("240\ufe0f", r"240\ufe0f"),
        ("\u2800", r"\u2800"),
        ("a\u00a0b", r"a\xa0b"),
        ("a\u2028b", r"a\u2028b"),
        ("\U000e0041", r"\U000e0041"),  # a tag: text that nobody sees
        ("\udc80", r"\udc80"),  # an octet that was no UTF-8
        ("\ue000", r"\ue000"),
    ],
)
def test_hidden_characters_are_written_out(text: str, safe: str) -> None:
    assert shown(text) == safe


@pytest.mark.parametrize(
    "text", ["", "240", "Jörg Müller", "井上", "a b", "سلام", "'\"<>&\\", "😀"]
)
def test_what_people_write_stays(text: str) -> None:
    assert shown(text) == text


def test_no_character_of_unicode_slips_through() -> None:
    safe = shown("".join(map(chr, range(sys.maxunicode + 1))))
    assert [c for c in safe if c != " " and unicodedata.category(c) in HIDDEN] == []


@given(st.text())
def test_shown_text_is_printable_and_shown_twice_the_same(text: str) -> None:
    safe = shown(text)
    assert safe.isprintable()
    assert shown(safe) == safe


@given(st.text(st.characters(categories=("L", "N", "P", "S"), max_codepoint=0x24FF)))
def test_letters_digits_and_signs_are_kept(text: str) -> None:
    blank = {"\u115f", "\u1160"}  # letters that show nothing
    assert shown(text) == text or blank & set(text)


@given(st.text(st.characters(categories=("Cc", "Cf", "Zl", "Zp")), min_size=1))
def test_an_escape_is_ascii(text: str) -> None:
    assert shown(text).isascii()


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 calls"), (1, "1 call"), (2, "2 calls"), (12000, "12,000 calls")]
)
def test_numbers_agree_with_their_noun(number: int, words: str) -> None:
    assert count(number, "call", "calls") == words
