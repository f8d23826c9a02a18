"""Hostile text, and whether a letter shows nothing but what can be seen."""

from __future__ import annotations

from hypothesis import strategies as st

from ringfence.model.text import shown

_NASTY = (
    "\r\nBcc: x@y.example\r\n",
    "\n\n--=_0\nContent-Type: text/html\n\n",
    "=?utf-8?q?=0d=0aBcc:?=",
    '"<a@b>,',
    "{{ 7 * 7 }}",
    "{% raw %}",
    "\u202e", "\u200b", "\u2028", "\ufeff", "\x1b[2J", "\x00", "\x85", "\udc80",
    "\N{HANGUL FILLER}", "\N{PILE OF POO}", "ü", "x" * 1200,
)  # fmt: skip


def hostile() -> st.SearchStrategy[str]:
    """Anything, and often what breaks headers, lines and eyes."""
    parts = st.sampled_from(_NASTY) | st.text(max_size=12)
    return st.lists(parts, max_size=4).map("".join)


def is_clean(text: str) -> bool:
    """No line holds a control, invisible or direction-changing character, or is too long."""
    lines = text.split("\n")
    return all(shown(line) == line and len(line.encode()) <= 998 for line in lines)
