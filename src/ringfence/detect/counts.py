"""The numbers that the tally keeps of one source, by name."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.detect import _fields as f

_FIELDS = {name.lower(): value for name, value in vars(f).items() if isinstance(value, int)}


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of one source, by field name in small letters."""

    row: tuple[int, ...]

    def __getattr__(self, name: str) -> int:
        return self.row[_FIELDS[name]]
