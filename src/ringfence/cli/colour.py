"""Colours of tones, written directly: a list of a million lines has no time for more."""

from __future__ import annotations

_CODES = {
    "request": "1",
    "progress": "2",
    "success": "32",
    "challenge": "33",
    "failure": "31",
    "dim": "2",
}


def painted(text: str, tone: str) -> str:
    """The text in the colour of its tone; which must be safe to show already."""
    code = _CODES.get(tone)
    return f"\x1b[{code}m{text}\x1b[0m" if code and text else text
