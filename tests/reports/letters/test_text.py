"""No stranger's text breaks a letter: what templates and paragraphs let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.reports.letters.text import WIDTH, Paragraph, fill, wrapped


@pytest.mark.parametrize(
    ("lie", "seen"),
    [
        ("a\r\nBcc: x@evil.example", "a\\x0d\\x0aBcc: x@evil.example"),
        ("abuse\u202eelpmaxe", "abuse\\u202eelpmaxe"),
        ("240\u200b", "240\\u200b"),
        ("\x1b[2J", "\\x1b[2J"),
    ],
)
def test_a_stranger_adds_no_line_and_turns_no_word(lie: str, seen: str) -> None:
    assert wrapped(lie) == seen


def test_a_paragraph_is_indented_below_its_first_line() -> None:
    lines = wrapped("word " * 40, 4, " 1. ").split("\n")
    assert lines[0].startswith(" 1. word")
    assert all(line.startswith("    word") for line in lines[1:])


def test_a_sum_or_address_is_never_broken() -> None:
    assert "ab" * 60 in wrapped(f"see {'ab' * 60} there").split("\n")


@given(st.text(max_size=400))
def test_no_text_leaves_the_page(text: str) -> None:
    """Whatever it is: printable lines, and short ones but for words that are longer."""
    for line in wrapped(text, 2).split("\n"):
        assert line.isprintable()
        assert len(line) <= WIDTH or " " not in line.strip()


def test_a_template_with_a_gap_is_an_error() -> None:
    with pytest.raises(Exception, match="undefined"):
        fill("abuse.txt.j2", exercise=False)


def test_what_was_wrapped_keeps_its_lines() -> None:
    assert isinstance(Paragraph("a\nb"), str)
    assert "\n" in Paragraph("a\nb")
