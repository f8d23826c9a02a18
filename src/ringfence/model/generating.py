"""What is wanted of `ringfence generate`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class What(StrEnum):
    """What is made."""

    PIN = "pin"
    ID = "id"
    PASSWORD = "password"  # noqa: S105  a name, not a password


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of it. Length 0: the usual."""

    what: What
    count: int = 1
    extension: str = ""
    keypad: bool = False
    length: int = 0
