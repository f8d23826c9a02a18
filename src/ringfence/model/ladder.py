"""A line of a drawn ladder."""

from __future__ import annotations

from dataclasses import dataclass

TONES = ("plain", "request", "progress", "success", "challenge", "failure")


@dataclass(frozen=True, slots=True)
class LadderLine:
    """Text that is safe to show, and which part of it (start to end) has the tone."""

    text: str
    tone: str = "plain"
    start: int = 0
    end: int = 0
