"""Rows of one batch, and behind them what reassembly makes whole.

How it works: a walker stops at a packet that it cannot decode alone; reassembly takes
it, and what becomes whole by it is copied into the arena, the last part of the buffer,
where the kernels read it like any packet. So every row points into one buffer, in the
order of the packets, until a table was handed out and looked at. `Decoder` feeds the
buffer from a capture, `LiveDecoder` walks the blocks of an interface.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ringfence.wire import _columns as columns
from ringfence.wire._batch import Batch
from ringfence.wire._packet import datagram, hep, message_piece
from ringfence.wire.reassembly import Piece, Reassembly
from ringfence.wire.records import PacketKeeper, Record
from ringfence.wire.table import MessageTable

if TYPE_CHECKING:
    from mmap import mmap

# Rows of a table: a table of this many fits the cache while it is looked at.
ROWS = 1024
# A datagram inside a datagram inside ...: reassembled this deep.
MAX_DEPTH = 8


class Gathering(ABC):
    """A buffer whose last part, from `arena` on, is for what is put together."""

    def __init__(self, buffer: bytearray | mmap, arena: int, rows: int = ROWS) -> None:
        self.buffer: bytearray | mmap = buffer
        self.batch = Batch(buffer, rows)
        self.reassembly = Reassembly()
        self.keeper: PacketKeeper | None = None  # set it to get at packets: see records.py
        self._arena_begins = arena
        self._arena = arena

    @abstractmethod
    def record_at(self, position: int, packet: int, time_ns: int) -> Record | None:
        """The record at this position, while a table that names it is at hand; else None."""

    def finish(self) -> Iterator[MessageTable]:
        """No more packets come: whatever still waits, as far as it goes."""
        for piece in self.reassembly.finish(self.batch):
            yield from self._piece(piece, 0)
        yield from self._table()

    def _table(self) -> Iterator[MessageTable]:
        if self.batch.n:
            yield MessageTable(self.batch, self.buffer)
        self._forget_rows()

    def _forget_rows(self) -> None:
        self.batch.n = 0
        self._arena = self._arena_begins

    def _help(self, stop: int, depth: int = 0) -> Iterator[MessageTable]:
        batch = self.batch
        if self.keeper is not None:
            record = self.record_at(batch.position, batch.packets, batch.time)
            self.keeper.note(batch, stop, record)
        octets = bytes(self.buffer[batch.help_start : batch.help_end])
        for piece in self.reassembly.pieces(batch, stop, octets):
            yield from self._piece(piece, depth)

    def _piece(self, piece: Piece, depth: int) -> Iterator[MessageTable]:
        batch, room = self.batch, len(self.buffer) - self._arena_begins
        if len(piece.octets) > room or depth > MAX_DEPTH:
            batch.counts[columns.R_LAYERS_TOO_MANY] += 1
            return
        if batch.n == batch.capacity or self._arena + len(piece.octets) > len(self.buffer):
            yield from self._table()
        start = self._arena
        self._arena += len(piece.octets)
        self.buffer[start : self._arena] = piece.octets
        _envelop(batch, piece)
        if piece.kind == "datagram":
            stop = datagram(batch, piece.protocol, start, self._arena)
            if stop:
                yield from self._help(stop, depth + 1)
        elif piece.kind == "hep":
            stop = hep(batch, start, self._arena)
            if stop:
                yield from self._help(stop, depth + 1)
        else:
            message_piece(batch, start, self._arena)


def _envelop(batch: Batch, piece: Piece) -> None:
    """Set the batch's current packet to what stands around the piece."""
    source, destination = (
        int.from_bytes(piece.source, "big"),
        int.from_bytes(piece.destination, "big"),
    )
    low = 0xFFFFFFFFFFFFFFFF
    batch.source_high, batch.source_low = source >> 64, source & low
    batch.destination_high, batch.destination_low = destination >> 64, destination & low
    batch.source_port, batch.destination_port = piece.source_port, piece.destination_port
    batch.ip_version = 4 if source >> 32 == 0xFFFF else 6
    batch.time = piece.time_ns
    batch.transport = piece.transport
    batch.notes = piece.notes.value
    batch.cut = 0
