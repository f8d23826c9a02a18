"""Letters as they were read by a person and found good."""

from __future__ import annotations

import os
from pathlib import Path

_FOLDER = Path(__file__).parent / "golden"


def agrees(name: str, text: str) -> None:
    """Compare with golden/NAME; RINGFENCE_GOLDEN=write writes it anew, to be read again."""
    path = _FOLDER / name
    if os.environ.get("RINGFENCE_GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text()
