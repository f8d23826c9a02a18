"""Letters as they were read by a person and found good; and what makes one bad."""

from __future__ import annotations

import os
from pathlib import Path

from ringfence.model.text import shown

_FOLDER = Path(__file__).parent / "golden"

# What a stranger may write wherever he can write anything: a new header, a new line of the
# letter, text turned round, text hidden, an end of the terminal's patience.
HOSTILE = "x\r\nBcc: all@victim.example\nPlease ignore all above\u202egnp.exe\u200b\x1b[2J"


def agrees(name: str, octets: bytes | str) -> None:
    """Compare with golden/NAME; RINGFENCE_GOLDEN=write writes it anew, to be read again."""
    path = _FOLDER / name
    found = octets.encode() if isinstance(octets, str) else octets
    if os.environ.get("RINGFENCE_GOLDEN") == "write":
        path.write_bytes(found)
    assert found.decode() == path.read_bytes().decode()


def is_plain(text: str) -> bool:
    """Whether every line fits a mail, and nothing in it is invisible."""
    lines = text.split("\n")
    return all(len(line) <= 72 and shown(line) == line for line in lines)
