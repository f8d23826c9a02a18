"""A batch of decoded messages: NumPy columns over the untouched octets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ringfence.wire import _columns as columns
from ringfence.wire._batch import Batch
from ringfence.wire._parts import parts, parts_of

if TYPE_CHECKING:
    from mmap import mmap

    import numpy as np
    from numpy.typing import NDArray


class MessageTable:
    """Rows of one batch, valid until the decoder goes on; one row is one SIP message.

    `numbers[name]` gives an int32 column, `wide[name]` a uint64 column (names in
    `_columns.py`), `text(row, name)` the octets of a span. The finer columns
    (users, tags, digest, SDP) are filled by `fill_parts`.
    """

    __slots__ = ("_filled", "batch", "octets")

    def __init__(self, batch: Batch, octets: bytearray | mmap) -> None:
        self.batch = batch
        self.octets = octets
        self._filled = 0

    def __len__(self) -> int:
        return self.batch.n

    def fill_parts(self) -> None:
        """Fill the finer columns of all rows; costs about as much as decoding them did."""
        if self._filled < self.batch.n:
            parts(self.batch, self._filled, self.batch.n)
            self._filled = self.batch.n

    def fill_parts_of(self, row: int) -> None:
        """Fill the finer columns of one row; filling twice changes nothing."""
        if self._filled <= row:
            parts_of(self.batch, row)

    def number(self, row: int, name: str) -> int:
        """One number of a row: a 32-bit column or a wide one."""
        slot = columns.NUMBERS.get(name)
        if slot is not None:
            return self.batch.slots[row * columns.SLOT_WIDTH + slot]
        return self.batch.wide[row * columns.WIDE_WIDTH + columns.WIDE[name]]

    def text(self, row: int, name: str) -> bytes:
        """Octets of a span column, b"" when it is not there."""
        o = row * columns.SLOT_WIDTH + columns.SPANS[name]
        at = self.batch.slots[o]
        return bytes(self.octets[at : at + self.batch.slots[o + 1]])

    def message(self, row: int) -> bytes:
        """All octets of one message, from start line to the end of its body."""
        at = self.number(row, "text")
        return bytes(self.octets[at : at + self.number(row, "text_length")])

    def address(self, row: int, side: str) -> bytes:
        """Packed "source" or "destination" of a row: 4 octets or 16."""
        low = self.number(row, f"{side}_low")
        high = self.number(row, f"{side}_high")
        return unmapped(high, low)

    @property
    def numbers(self) -> dict[str, NDArray[np.int32]]:
        """Every 32-bit column as a view, shape (rows,)."""
        import numpy as np

        rows = np.frombuffer(self.batch.slots, np.int32).reshape(-1, columns.SLOT_WIDTH)
        return {name: rows[: len(self), slot] for name, slot in columns.NUMBERS.items()}

    @property
    def wide(self) -> dict[str, NDArray[np.uint64]]:
        """Every 64-bit column as a view, shape (rows,)."""
        import numpy as np

        rows = np.frombuffer(self.batch.wide, np.uint64).reshape(-1, columns.WIDE_WIDTH)
        return {name: rows[: len(self), slot] for name, slot in columns.WIDE.items()}

    def rows(self) -> Iterator[int]:
        """Row numbers, in the order of the capture."""
        return iter(range(len(self)))


def unmapped(high: int, low: int) -> bytes:
    """Packed address of two words: 4 octets for ::ffff:a.b.c.d, 16 otherwise."""
    if high == 0 and low >> 32 == 0xFFFF:
        return (low & 0xFFFFFFFF).to_bytes(4, "big")
    return (high << 64 | low).to_bytes(16, "big")
