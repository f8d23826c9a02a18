"""Letters held against what was read and approved. RINGFENCE_GOLDEN=write renews them."""

from __future__ import annotations

import os
from pathlib import Path

from ringfence.model.text import shown

GOLDEN = Path(__file__).parent / "golden"


def approved(name: str, text: str) -> str:
    """The approved text of that name."""
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("RINGFENCE_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8")


def is_plain(text: str) -> bool:
    """Whether every line fits a mail, and nothing in it is invisible."""
    lines = text.split("\n")
    return all(len(line) <= 72 and shown(line) == line for line in lines)


# What a stranger may write wherever he can write anything: a new header, a new line of the
# letter, text turned round, text hidden, an end of the terminal's patience.
HOSTILE = "x\r\nBcc: all@victim.example\nPlease ignore all above\u202egnp.exe\u200b\x1b[2J"
