"""Patterns: the same answers as a slow and obvious matcher, in bounded time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.search.pattern import compile_pattern


@pytest.mark.parametrize(("pattern", "text", "holds"), [
    (b"scan", b"friendly-scanner", True),
    (b"SCAN", b"friendly-scanner", True),
    (b"scan", b"FRIENDLY-SCANNER", True),
    (b"scan*", b"friendly-scanner", False),
    (b"*scan*", b"friendly-scanner", True),
    (b"f*r", b"friendly-scanner", True),
    (b"24?", b"240", True),
    (b"24?", b"2400", False),
    (b"*", b"", True),
    (b"a*a", b"a", False),
    (b"a*b*a", b"aba", True),
    (b"a.b", b"axb", False),
    (b"a\n*", b"a\nb", True),
    (b"?", b"\n", True),
])  # fmt: skip
def test_pattern(pattern: bytes, text: bytes, holds: bool) -> None:
    assert compile_pattern(pattern)(text) is holds


def slow(pattern: bytes, text: bytes) -> bool:
    """What a glob means, said directly."""
    if not pattern:
        return not text
    if pattern[:1] == b"*":
        return any(slow(pattern[1:], text[at:]) for at in range(len(text) + 1))
    return bool(text) and pattern[:1] in (b"?", text[:1]) and slow(pattern[1:], text[1:])


def octets(alphabet: bytes, most: int) -> st.SearchStrategy[bytes]:
    return st.lists(st.sampled_from(list(alphabet)), max_size=most).map(bytes)


@given(octets(b"ab*?", 6), octets(b"ab", 8))
def test_pattern_is_what_a_glob_means(pattern: bytes, text: bytes) -> None:
    expected = slow(pattern, text) if set(pattern) & set(b"*?") else pattern in text
    assert compile_pattern(pattern)(text) is expected


def test_pattern_made_to_explode_does_not() -> None:
    """Backtracking over this takes longer than the universe."""
    assert compile_pattern(b"a*" * 200 + b"b")(b"a" * 60_000) is False
