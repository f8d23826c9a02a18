"""What is tried first is bounded, and holds what people choose."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ringfence.audit.candidates import MAX_CANDIDATES, candidates, classed, limit_for
from ringfence.model.pbx import Extension

Made = Callable[..., Extension]


@pytest.mark.parametrize("text", [
    "200", "002", "200200", "Fischer", "k4xq7t9w", "00085d1f2a3b", "amp109", "0000",
    "ext200", "200abc", "anna2024", "dragon",
])  # fmt: skip
def test_what_people_choose_is_among_them(anna: Made, text: str) -> None:
    assert text in candidates(anna())


def test_they_are_bounded_and_none_twice(anna: Made) -> None:
    found = candidates(anna())
    assert len(found) == len(set(found)) <= MAX_CANDIDATES


def test_a_class_tells_no_text(anna: Made) -> None:
    for candidate in classed(anna()):
        assert "text" not in repr(candidate)
    assert "fischer" not in " ".join({c.says for c in classed(anna())})


def test_many_extensions_get_fewer_each() -> None:
    assert limit_for(1) == MAX_CANDIDATES
    assert limit_for(5_000) < limit_for(1_000)
    assert limit_for(10**6) > 0
