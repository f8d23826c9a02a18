"""The quick bound says strong only where zxcvbn does."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from zxcvbn import zxcvbn

from ringfence.audit.strength import Estimator, at_least
from ringfence.audit.words import ranks

WORDS = sorted(ranks())[:: len(ranks()) // 500]
PARTS = st.one_of(st.sampled_from(WORDS), st.text("abcXYZ0189!", min_size=1, max_size=5))
# zxcvbn knows words of two letters and spellings that the bound leaves out: a factor of 300.
TOLERANCE = 2.5


@given(st.lists(PARTS, min_size=1, max_size=4).map("".join).map(lambda text: text[:24]))
@example("correcthorse")
@example("abcabcabcabc")
@example("industrialisation1")
@example("qwertyqwerty")
@example("p4ssw0rdp4ssw0rd")
@example("24.12.1990anna")
def test_the_bound_does_not_flatter(text: str) -> None:
    assert at_least(text) <= float(zxcvbn(text)["guesses_log10"]) + TOLERANCE


def test_random_letters_are_strong() -> None:
    assert Estimator().withstands("hT7kRw9xQd", (), 9.0)


def test_two_words_are_not() -> None:
    assert not Estimator().withstands("summerwinter", (), 9.0)


def test_the_users_own_words_count_as_guessed() -> None:
    assert at_least("kowalczyk7b", ("kowalczyk",)) < 5 < at_least("kqwxlczvk7b")


def test_a_text_without_end_costs_no_more_than_its_beginning() -> None:
    assert Estimator().withstands("hT7kRw9xQd4mYc3NfGeP" * 1000, (), 9.0)


def test_a_long_word_with_a_digit_is_not_strong_by_its_beginning() -> None:
    assert not Estimator().withstands("industrialisation1", (), 9.0)
