"""Tones of messages."""

from __future__ import annotations

import pytest

from ringfence.model.ladder import TONES, LadderLine, tone_of


@pytest.mark.parametrize(("status", "tone"), [
    (0, "request"),
    (100, "progress"),
    (183, "progress"),
    (200, "success"),
    (302, "progress"),
    (401, "challenge"),
    (407, "challenge"),
    (403, "failure"),
    (503, "failure"),
    (604, "failure"),
    (999, "failure"),
    (-1, "failure"),
])  # fmt: skip
def test_tone(status: int, tone: str) -> None:
    assert tone_of(status) == tone
    assert tone in TONES


def test_a_line_without_a_label_is_plain() -> None:
    assert LadderLine("x") == LadderLine("x", "plain", 0, 0)
