"""A configuration as a picture that a mobile's camera reads. It holds what the file holds."""

from __future__ import annotations

import io

import segno

# Level M: a scratch or a reflection costs 15 % of it at the most.
_ERROR = "m"
_SCALE, _BORDER = 6, 4


def png(text: str) -> bytes:
    """As a picture."""
    made = io.BytesIO()
    segno.make(text, error=_ERROR, micro=False).save(made, kind="png", scale=_SCALE, border=_BORDER)
    return made.getvalue()


def terminal(text: str) -> str:
    """In blocks and blanks, two rows to a line."""
    made = io.StringIO()
    segno.make(text, error=_ERROR, micro=False).terminal(made, border=2, compact=True)
    return made.getvalue()
