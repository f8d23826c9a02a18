"""Fields of a form: never longer than the form takes, cut where a sentence ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.text import shown
from ringfence.reports.letters.fields import fit, length

REST = "More is in the evidence."


def test_what_fits_is_whole() -> None:
    field = fit([["One.", "Two."], ["Three."]], 100, REST)
    assert field.lines == ("One. Two.", "", "Three.")
    assert not field.cut
    assert field.says == f"{len('One. Two.') + 4 + len('Three.')} of 100 characters used"


def test_what_does_not_fit_ends_with_a_sentence_and_says_so() -> None:
    field = fit([["One is here.", "Two is far too long for this field of ours."]], 45, REST)
    assert field.lines == ("One is here.", "", REST)
    assert "shortened" in field.says


def test_a_field_filled_to_the_last_character_is_not_cut() -> None:
    assert not fit([["x" * 60]], 60, REST).cut
    assert fit([["x" * 61]], 60, REST).cut


def test_a_line_end_counts_as_two_and_an_emoji_too() -> None:
    assert length("a\nb") == 4
    assert length("\U0001f600") == 2


@given(
    st.lists(st.lists(st.text(max_size=200), max_size=4), max_size=8),
    st.integers(min_value=0, max_value=400),
)
def test_no_text_exceeds_its_limit_or_hides_a_character(
    paragraphs: list[list[str]], limit: int
) -> None:
    field = fit(paragraphs, limit, REST)
    assert field.used <= limit
    assert all(line == shown(line) for line in field.lines)
