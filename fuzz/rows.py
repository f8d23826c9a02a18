"""A batch with a guarded buffer, for harnesses that call kernels directly.

How it works: the octets under test stand between two guards whose content the
caller chooses. A kernel that reads beyond its range sees other octets with
another guard, so running it twice tells; its spans must lie inside the range.
"""

from __future__ import annotations

import array

from fuzz.harness import hold
from ringfence.wire import _columns as columns
from ringfence.wire._batch import Batch

# Longer inputs are cut: what takes more octets than this is a matter of work, not of decoding.
MAX_OCTETS = 60_000
_GUARD = 64
_ZEROS = bytes(_GUARD)
# What a kernel that reads too far would take for more of the message.
_ALLURING = b'";tag=9>@x:7\r\n 5: 4;branch=7,nonce="1"\n\n'.ljust(_GUARD, b"7")
GUARDS = (_ZEROS, _ALLURING)
KNOWN_NUMBERS = {columns.METHOD: 16, columns.CSEQ_METHOD: 16, columns.TRANSPORT: 7}
_SPANS = tuple(columns.SPANS.values())


class Desk:
    """A reused batch of a few rows, and the arrays that it fills."""

    def __init__(self, rows: int = 4) -> None:
        self.octets = bytearray(MAX_OCTETS + 2 * _GUARD)
        self.batch = Batch(self.octets, rows)
        self.slots = array.array("i", bytes(4 * rows * columns.SLOT_WIDTH))
        self.wide = array.array("Q", bytes(8 * rows * columns.WIDE_WIDTH))
        self.batch.slots = self.slots
        self.batch.wide = self.wide

    def lay(self, octets: bytes, guard: bytes = _ZEROS) -> tuple[int, int]:
        """Put the octets between guards, forget all rows; where they start and end."""
        octets = octets[:MAX_OCTETS]
        end = _GUARD + len(octets)
        self.octets[: end + _GUARD] = guard + octets + guard
        self.batch.n = 0
        return _GUARD, end

    def row(self, number: int) -> tuple[bytes, bytes]:
        """All numbers of a row, to compare."""
        slot, wide = number * columns.SLOT_WIDTH, number * columns.WIDE_WIDTH
        return (
            self.slots[slot : slot + columns.SLOT_WIDTH].tobytes(),
            self.wide[wide : wide + columns.WIDE_WIDTH].tobytes(),
        )

    def check_row(self, number: int, start: int, end: int) -> None:
        """Lengths add up, every span lies inside the message, the message inside the range."""
        base = number * columns.SLOT_WIDTH
        slots = self.slots[base : base + columns.SLOT_WIDTH]
        text, size = slots[columns.TEXT], slots[columns.TEXT_LENGTH]
        head, body = slots[columns.HEAD_LENGTH], slots[columns.BODY_LENGTH]
        hold(text >= start and size >= 0 and text + size <= end, "message outside its packet")
        hold(head > 0 and body >= 0 and head + body == size, "head and body are not the message")
        for span in _SPANS:
            at, length = slots[span], slots[span + 1]
            if length or at:
                hold(length >= 0 and text <= at and at + length <= text + size, f"span {span}")
        for column, limit in KNOWN_NUMBERS.items():
            hold(0 <= slots[column] < limit, f"number {column}")
