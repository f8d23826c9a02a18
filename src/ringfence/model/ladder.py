"""A line of a drawn ladder, and the tones in which messages are shown everywhere."""

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


def tone_of(status: int) -> str:
    """The tone of a message: of a request (0) or of a response."""
    if status == 0:
        return "request"
    if status in (401, 407):
        return "challenge"
    return {1: "progress", 2: "success", 3: "progress"}.get(status // 100, "failure")
