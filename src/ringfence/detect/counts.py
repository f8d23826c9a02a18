"""The numbers that the tally keeps of one source, by name."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from ringfence.detect import _fields as f

_FIELDS = {name.lower(): value for name, value in vars(f).items() if isinstance(value, int)}


class Counts(tuple[int, ...]):
    """The numbers of one source, by field name in small letters: `Counts(row).refused`."""

    __slots__ = ()

    @property
    def row(self) -> tuple[int, ...]:
        """All of them, in the tally's order."""
        return self

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> int: ...


for _name, _field in _FIELDS.items():
    setattr(Counts, _name, property(itemgetter(_field)))
