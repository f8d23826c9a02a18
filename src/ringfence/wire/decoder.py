"""Capture octets in, tables of messages out; whoever reads the file feeds it.

How it works: the caller writes the next octets of the capture into `room()` and
calls `decode`, which yields tables until it needs more. The buffer is
[ unread record | new octets | ... | arena ]: what reassembly makes whole is
copied into the arena, so that every row points into one buffer, in the order
of the capture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ringfence.wire import _columns as columns
from ringfence.wire import capture
from ringfence.wire._pcap import MAX_CAPTURED, take, walk_pcap, walk_pcapng
from ringfence.wire.errors import WireError
from ringfence.wire.gathering import ROWS, Gathering
from ringfence.wire.records import Record, read_record
from ringfence.wire.resync import next_block, next_record
from ringfence.wire.spans import Spans, pcap_spans
from ringfence.wire.table import MessageTable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Octets read at a time: fits the second-level cache, and amortises a call.
BLOCK_OCTETS = 1024 * 1024
# Behind it: what reassembly makes whole between two tables.
ARENA_OCTETS = 512 * 1024
# A longer pcapng block (16 MiB, as Wireshark has it) is not believed.
MAX_BLOCK = 16 * 1024 * 1024
# A damaged record ends the walk; the next plausible one is sought this often.
MAX_RESYNCS = 16


@dataclass(frozen=True, slots=True)
class Damage:
    """A place where the capture makes no sense, and how much was skipped."""

    offset: int
    skipped: int
    what: str

    def describe(self) -> str:
        """One line: where, how much was skipped, why."""
        return f"at octet {self.offset}: {self.what}; {self.skipped} octets skipped"


class Decoder(Gathering):
    """One capture being decoded. Not thread-safe; `batch` counts what was not decoded."""

    buffer: bytearray

    def __init__(self, rows: int = ROWS) -> None:
        super().__init__(bytearray(BLOCK_OCTETS + ARENA_OCTETS), BLOCK_OCTETS, rows)
        self.damages: list[Damage] = []
        self.format: capture.CaptureFormat | None = None
        self._start = 0
        self._end = 0
        self._skip = 0
        self._lost: tuple[int, str] | None = None  # where the walk ended, and why

    def room(self) -> memoryview:
        """Where the next octets go; never empty. What was decoded before is gone then."""
        self._keep_rest()
        return memoryview(self.buffer)[self._end : BLOCK_OCTETS]

    def decode(self, added: int, last: bool = False) -> Iterator[MessageTable]:
        """Tables of the messages in the `added` octets; `last` says that no more come.

        Raises WireError when the first octets are not those of a capture.
        """
        self._end += added
        if self.format is None and not self._begin(last):
            return
        yield from self._walk(last)
        if last:
            yield from self.finish()

    def _begin(self, last: bool) -> bool:
        if self._end < capture.HEAD_OCTETS and not last:
            return False
        head = bytes(self.buffer[: min(self._end, capture.HEAD_OCTETS)])
        self.format = capture.recognise(head)
        if self.format.name == capture.PCAP:
            capture.read_pcap_header(self.batch, head)
        self._start = self.format.header_octets
        return True

    def _walk(self, last: bool) -> Iterator[MessageTable]:
        batch = self.batch
        walker = walk_pcap if self.format and self.format.name == capture.PCAP else walk_pcapng
        while self._found_place(last):
            skipped = min(self._skip, self._end - self._start)
            self._start += skipped
            self._skip -= skipped
            self._start = walker(batch, self._start, self._end)
            stop = batch.stop
            if stop == columns.STOP_FULL:
                yield from self._table()
            elif stop in (columns.STOP_TCP, columns.STOP_FRAGMENT, columns.STOP_HEP):
                yield from self._help(stop)
            elif stop == columns.STOP_NEED_MORE:
                if not last or not self._hides_records():
                    break
                self._lose_place("record longer than the rest of the capture")
            elif stop == columns.STOP_DAMAGED:
                self._lose_place("record header makes no sense")
            elif batch.n and self._is_section():
                yield from self._table()  # its rows name interfaces of the section before
            elif not self._block(last):
                break
        if last:
            yield from self._cut_record()
        yield from self._table()

    def record_at(self, position: int, packet: int, time_ns: int) -> Record | None:
        """The record at this position, while a table that names it is at hand; else None."""
        kind = self.format.name if self.format else ""
        return read_record(self.batch, kind, self.buffer, self._end, position, packet, time_ns)

    def spans(self, positions: NDArray[np.uint64]) -> Spans | None:
        """Packets at these positions, while a table that names them is at hand (`spans.py`)."""
        if self.format is None or self.format.name != capture.PCAP:
            return None
        return pcap_spans(self.batch, self.buffer, self._end, positions)

    def _is_section(self) -> bool:
        return self.buffer[self._start : self._start + 4] == b"\x0a\x0d\x0d\x0a"

    def _block(self, last: bool) -> bool:
        """Read the pcapng block at the start that is no packet; False: more is needed."""
        batch = self.batch
        position = batch.base + self._start
        head = bytes(self.buffer[self._start : self._start + 12])
        order: Literal["big", "little"] = "big" if batch.big_endian else "little"
        kind = int.from_bytes(head[:4], order)
        try:
            if kind == capture.SECTION_BLOCK:
                length = capture.read_section(batch, head, position)
            else:
                length = int.from_bytes(head[4:8], order)
            if length < 12 or length & 3 or length > MAX_BLOCK:
                raise WireError(f"pcapng block of {length} octets", offset=position)
            if length <= BLOCK_OCTETS // 2 or kind == capture.INTERFACE_BLOCK:
                if self._start + length > self._end:
                    if not last and length <= BLOCK_OCTETS // 2:
                        return False
                    raise WireError(f"pcapng block of {length} octets is cut off", offset=position)
                block = bytes(self.buffer[self._start : self._start + length])
                if block[-4:] != block[4:8]:
                    raise WireError("pcapng block whose two lengths disagree", offset=position)
                if kind == capture.INTERFACE_BLOCK:
                    capture.read_interface(batch, block, position)
        except WireError as error:
            self._lose_place(str(error))
            return True
        self._skip = length
        return True

    def _lose_place(self, what: str) -> None:
        """What stands at the start makes no sense: seek the next plausible record behind it."""
        self.batch.counts[columns.R_RECORD_DAMAGED] += 1
        self._lost = (self.batch.base + self._start, what)
        self._start += 1

    def _hides_records(self) -> bool:
        """Whether the last record, cut by the end, holds records: then its length is damaged."""
        if self._end - self._start < self.batch.record_header or self._skip:
            return False
        return self._find(self._start + 1, final=True)[1]

    def _find(self, start: int, *, final: bool) -> tuple[int, bool]:
        """The next plausible record from `start`, see `resync`."""
        is_pcap = self.format is not None and self.format.name == capture.PCAP
        find = next_record if is_pcap else next_block
        return find(self.batch, self.buffer, start, self._end, final)

    def _found_place(self, last: bool) -> bool:
        """Whether a record starts at the start; nothing gathered so far is lost meanwhile."""
        if self._lost is None:
            return True
        offset, what = self._lost
        found = False
        if len(self.damages) >= MAX_RESYNCS:
            what = f"{what}; gave up after {MAX_RESYNCS} damaged places"
            self._start = self._end
        else:
            final = last or (self._start == 0 and self._end == BLOCK_OCTETS)
            self._start, found = self._find(self._start, final=final)
        if found or last:
            self.damages.append(Damage(offset, self.batch.base + self._start - offset, what))
            self._lost = None
        return found

    def _cut_record(self) -> Iterator[MessageTable]:
        """The last record of a file still growing: decode as much of it as is there."""
        batch = self.batch
        start, self._start = self._start, self._end
        position = batch.base + start
        record = None if self._skip else self.record_at(position, batch.packets, batch.last_time)
        if record is None or not record.octets:
            return
        head, batch.interface = self._head_of_record(start)
        batch.time, batch.position = record.time_ns, position
        captured = min(len(record.octets), MAX_CAPTURED)
        stop = take(batch, start + head, captured, record.original, record.link)
        if stop:
            yield from self._help(stop)

    def _head_of_record(self, start: int) -> tuple[int, int]:
        """Octets in front of the packet in the record at `start`, and its interface."""
        if self.format is not None and self.format.name == capture.PCAP:
            return self.batch.record_header, 0
        order: Literal["big", "little"] = "big" if self.batch.big_endian else "little"
        kind = int.from_bytes(self.buffer[start : start + 4], order)
        if kind == capture.SIMPLE_BLOCK:
            return 12, 0
        size = 2 if kind == capture.OLD_PACKET_BLOCK else 4
        return 28, int.from_bytes(self.buffer[start + 8 : start + 8 + size], order)

    def _keep_rest(self) -> None:
        rest = self._end - self._start
        self.buffer[:rest] = self.buffer[self._start : self._end]
        self.batch.base += self._start
        self._start = 0
        self._end = rest
