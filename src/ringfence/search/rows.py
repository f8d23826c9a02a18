"""The rows of one table as two NumPy arrays and the octets behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ringfence.wire import _columns as columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ringfence.wire.table import MessageTable

    Numbers = NDArray[np.intp]
    Answers = NDArray[np.bool_]

# From this share of a table on, filling all of it is cheaper than row by row.
_FILL_ALL_FROM = 4


class Rows:
    """One table, for as long as it lives: every column by name."""

    def __init__(self, table: MessageTable) -> None:
        self.table = table
        n = len(table)
        slots = np.frombuffer(table.batch.slots, np.int32).reshape(-1, columns.SLOT_WIDTH)
        wide = np.frombuffer(table.batch.wide, np.uint64).reshape(-1, columns.WIDE_WIDTH)
        self._slots = slots[:n]
        self._wide = wide[:n]
        self._view = memoryview(table.octets)

    def __len__(self) -> int:
        return len(self._slots)

    def all(self) -> Numbers:
        """Every row number, in the order of the capture."""
        return np.arange(len(self._slots))

    def one(self, row: int) -> Numbers:
        """A single row."""
        return np.array([row])

    def fill(self, rows: Numbers) -> None:
        """Fill the finer columns of these rows."""
        if len(rows) * _FILL_ALL_FROM >= len(self._slots):
            self.table.fill_parts()
            return
        for row in rows.tolist():
            self.table.fill_parts_of(row)

    def narrow(self, name: str, rows: Numbers) -> NDArray[np.int32]:
        """A 32-bit column of these rows."""
        column: NDArray[np.int32] = self._slots[rows, columns.NUMBERS[name]]
        return column

    def wide(self, name: str, rows: Numbers) -> NDArray[np.uint64]:
        """A 64-bit column of these rows."""
        column: NDArray[np.uint64] = self._wide[rows, columns.WIDE[name]]
        return column

    def numbers(self, name: str, rows: Numbers) -> NDArray[np.int32] | NDArray[np.uint64]:
        """A column of numbers of these rows, whichever width it has."""
        return self.narrow(name, rows) if name in columns.NUMBERS else self.wide(name, rows)

    def lengths(self, name: str, rows: Numbers) -> NDArray[np.int32]:
        """Octets of a text column of these rows."""
        column: NDArray[np.int32] = self._slots[rows, columns.SPANS[name] + 1]
        return column

    def texts(self, name: str, rows: Numbers) -> list[bytes]:
        """A text column of these rows; b"" where it is not there."""
        slot = columns.SPANS[name]
        view = self._view
        spans = self._slots[rows, slot : slot + 2].tolist()
        return [bytes(view[at : at + length]) for at, length in spans]

    def method_texts(self, rows: Numbers) -> list[bytes]:
        """First word of the start line: the method of a request, as spelled."""
        spans = self._slots[rows, columns.TEXT : columns.TEXT + 2].tolist()
        view = self._view
        return [
            bytes(view[at : at + min(length, _MAX_METHOD)]).split(None, 1)[0]
            for at, length in spans
        ]

    def cseq_method_texts(self, rows: Numbers) -> list[bytes]:
        """Second word of CSeq, as spelled; b"" when there is none."""
        return [[*value.split(None, 1), b"", b""][1] for value in self.texts("cseq", rows)]

    def packed(self, side: str, rows: Numbers) -> list[int]:
        """Addresses of "source" or "destination" as 128-bit numbers; IPv4 as ::ffff:a.b.c.d."""
        high = self.wide(f"{side}_high", rows).tolist()
        low = self.wide(f"{side}_low", rows).tolist()
        return [h << 64 | w for h, w in zip(high, low, strict=True)]

    def messages(self, rows: Numbers) -> list[bytes]:
        """All octets of each message."""
        return [self.table.message(row) for row in rows.tolist()]


# A method that is longer is shown cut.
_MAX_METHOD = 64
