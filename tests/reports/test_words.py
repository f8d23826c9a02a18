"""Words for codes and figures."""

from __future__ import annotations

import pytest

from ringfence.model.incident import KINDS, PROOFS
from ringfence.model.text import count
from ringfence.reports import words as w


def test_each_kind_and_each_proof_has_words() -> None:
    assert set(w.KINDS) == set(KINDS)
    assert set(w.PROOFS) == set(PROOFS)


@pytest.mark.parametrize(("names", "said"), [
    ([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"),
    (["a", "b", "c", "d"], "a, b, c and 1 more"),
])  # fmt: skip
def test_lists_are_sentences(names: list[str], said: str) -> None:
    assert w.listed(names, 3) == said


@pytest.mark.parametrize(("seconds", "said"), [
    (None, "not seen"), (0.4, "0:00"), (480.955, "8:00"), (3723.0, "1:02:03"),
])  # fmt: skip
def test_lengths(seconds: float | None, said: str) -> None:
    assert w.lasting(seconds) == said


@pytest.mark.parametrize(("first", "last", "said"), [
    ("2026-01-01T00:00:00.1Z", "2026-01-01T00:00:00.9Z", "2026-01-01 00:00:00"),
    ("2026-01-01T00:00:00.1Z", "2026-01-01T10:00:00.9Z", "2026-01-01 00:00:00 to 10:00:00"),
    ("2026-01-01T23:00:00Z", "2026-01-02T01:00:00Z", "2026-01-01 23:00:00 to 2026-01-02 01:00:00"),
    ("", "", "unknown"),
])  # fmt: skip
def test_spans_name_the_day_once(first: str, last: str, said: str) -> None:
    assert w.span(first, last) == said


@pytest.mark.parametrize(("weight", "said"), [
    (30.0, "1,000 to 1"), (10.0, "10 to 1"), (3.0, "2 to 1"), (-10.0, "1 to 10"),
    (234.6, "more than a million to one"),
])  # fmt: skip
def test_odds(weight: float, said: str) -> None:
    assert w.odds(weight) == said


def test_amounts() -> None:
    assert [w.money(0.4, "USD"), w.money(1234.5, "EUR"), w.money(12.0, None)] == [
        "0.40 USD", "1,234 EUR", "12",
    ]  # fmt: skip
    assert [w.minutes(1.0), w.minutes(13.68), w.minutes(1234.0)] == [
        "1.0 minute", "13.7 minutes", "1,234 minutes",
    ]  # fmt: skip
    assert [count(1, "byte"), w.octets(4096)] == ["1 byte", "4,096 bytes"]


def test_countries_and_lines_have_names() -> None:
    assert [w.country("GB"), w.country(None), w.country("Q9")] == [
        "United Kingdom",
        "unknown",
        "Q9",
    ]
    assert [w.line("satellite"), w.line(None), w.line("odd_one")] == [
        "satellite", "unknown", "odd one",
    ]  # fmt: skip


def test_a_minus_does_not_break() -> None:
    assert [w.decibans(-10), w.decibans(41)] == ["\N{MINUS SIGN}10.0", "+41.0"]


def test_a_long_name_with_controls_is_visible_and_cut() -> None:
    assert w.told("\x1b[2J" + "a" * 200) == r"\x1b[2J" + "a" * 88 + "…"


def test_no_moment() -> None:
    assert w.moment(None) == "unknown"
