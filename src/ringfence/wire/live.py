"""Blocks of an interface's ring in, tables of messages out; whoever owns the socket waits.

How it works: the kernel writes packets into the blocks of a ring that both see, and
says in a block's status when it is ours. The kernels walk it where it lies; nothing is
copied but what reassembly needs. The buffer is [ block | block | ... | arena ]. Rows
point into their block: it is given back only after its tables were looked at.
Source: linux/if_packet.h (TPACKET_V3), Documentation/networking/packet_mmap.rst.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ringfence.wire import _columns as columns
from ringfence.wire._ring import HEAD_OCTETS, LOOPBACK, OUTGOING, walk_ring
from ringfence.wire.gathering import ROWS, Gathering
from ringfence.wire.records import Record
from ringfence.wire.spans import Spans, ring_spans
from ringfence.wire.table import MessageTable

if TYPE_CHECKING:
    from mmap import mmap

    from ringfence.wire.spans import Positions

ETHERNET = 1
# The kernel took the link's header off; a record has one of LINKTYPE_LINUX_SLL instead.
COOKED = 113
# Behind the ring: what reassembly makes whole between two tables.
ARENA_OCTETS = 512 * 1024

# struct tpacket_block_desc, as far as it says something to us.
_BLOCK_HEAD = struct.Struct("=8xIIII")  # status, packets, first packet, length
BLOCK_HEAD_OCTETS = 48
_STATUS_AT = 8
_OURS = 1
# struct tpacket3_hdr and the sockaddr_ll behind it; its protocol is in network order.
_HEAD = struct.Struct("=IIIIIIHHIIH10xH2sIHBB8s")
_HAS_TAG, _HAS_TAG_KIND = 0x10, 0x40
_VLAN = 0x8100
_HELP = (columns.STOP_TCP, columns.STOP_FRAGMENT, columns.STOP_HEP)
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Shape:
    """How a ring is divided."""

    block_octets: int
    blocks: int

    @property
    def octets(self) -> int:
        """The whole ring."""
        return self.block_octets * self.blocks


class LiveDecoder(Gathering):
    """One interface being decoded. Not thread-safe; `batch` counts what was not decoded.

    `memory` is the ring and ARENA_OCTETS behind it; `link` is ETHERNET or COOKED.
    """

    def __init__(
        self, memory: bytearray | mmap, shape: Shape, link: int = ETHERNET, rows: int = ROWS
    ) -> None:
        super().__init__(memory, shape.octets, rows)
        self.shape = shape
        self.batch.link = link
        self.batch.big_endian = int(sys.byteorder == "big")
        self.taken = 0  # blocks
        self.packets = 0  # that the kernel put into them
        self.damaged = 0  # blocks that made no sense, and were left where they ceased to
        self._start = 0
        self._first = 0
        self._end = 0

    def is_ready(self, number: int) -> bool:
        """Whether the kernel has handed this block over."""
        at = number * self.shape.block_octets + _STATUS_AT
        return bool(int.from_bytes(self.buffer[at : at + 4], sys.byteorder) & _OURS)

    def take(self, number: int) -> Block:
        """The block of this number, which is ready; one at a time."""
        self._forget_rows()
        size = self.shape.block_octets
        self._start = number * size
        # Positions go on from block to block, lap after lap: no two packets share one.
        self.batch.base = self.taken * size - self._start
        self.taken += 1
        _, packets, first, length = _BLOCK_HEAD.unpack_from(self.buffer, self._start)
        self.packets += packets
        self._first = self._end = self._start + first
        if BLOCK_HEAD_OCTETS <= first <= length <= size:
            self._end = self._start + length if packets else self._first
        else:
            self._first = self._end = self._start
            self._note_damage()
        return Block(self, self.batch.packets)

    def give_back(self, number: int) -> None:
        """The kernel may write over this block; its rows are gone."""
        self._forget_rows()
        self._first = self._end = self._start
        at = number * self.shape.block_octets + _STATUS_AT
        self.buffer[at : at + 4] = bytes(4)

    def record_at(self, position: int, packet: int, time_ns: int) -> Record | None:  # noqa: ARG002  a ring's packets have their time
        """The record at this position, while its block is ours; else None."""
        return self._record(position - self.batch.base, packet)[0]

    def spans(self, positions: Positions) -> Spans | None:
        """Packets of the block that is ours, many at once; None where they are read one by one."""
        if self.batch.link != ETHERNET:
            return None
        return ring_spans(
            memoryview(self.buffer), self.batch.base, self._end, self.batch.link, positions
        )

    def walk(self) -> Iterator[MessageTable]:
        """Tables of the messages in the block that was taken."""
        batch, at = self.batch, self._first
        while True:
            at = walk_ring(batch, at, self._end)
            stop = batch.stop
            if stop == columns.STOP_FULL:
                yield from self._table()
            elif stop in _HELP:
                yield from self._help(stop)
            else:
                break
        if stop == columns.STOP_DAMAGED:
            self._note_damage()
        yield from self._table()

    def records(self, packets: int) -> Iterator[Record]:
        """Packets of the block that was taken; `packets` came before it."""
        at: int | None = self._first
        while at is not None:
            record, at = self._record(at, packets + 1)
            if record is not None:
                packets += 1
                yield record

    def _note_damage(self) -> None:
        self.damaged += 1
        self.batch.counts[columns.R_RECORD_DAMAGED] += 1

    def _record(self, at: int, packet: int) -> tuple[Record | None, int | None]:
        """The packet whose header stands at `at`, and where the next header stands."""
        if at < self._first or at + HEAD_OCTETS > self._end:
            return None, None
        (
            following, seconds, fraction, captured, original, status, start, _, _, tag, tag_kind,
            _, protocol, _, hardware, kind, address_octets, address,
        ) = _HEAD.unpack_from(self.buffer, at)  # fmt: skip
        limit = at + following if following else self._end
        beyond = limit > self._end or at + start + captured > limit
        if beyond or start < HEAD_OCTETS or fraction >= _SECOND_NS:
            return None, None
        further = limit if following else None
        if kind == OUTGOING and hardware == LOOPBACK:
            return None, further
        octets = bytes(self.buffer[at + start : at + start + captured])
        kind_of_tag = (tag_kind if status & _HAS_TAG_KIND else _VLAN).to_bytes(2, "big")
        # The kernel took the tag off and wrote it down: it is put back where it was.
        put_back = tag.to_bytes(4, "big")[2:] if status & _HAS_TAG else b""
        if self.batch.link == ETHERNET:
            octets = octets[:12] + (kind_of_tag + put_back if put_back else b"") + octets[12:]
            original += 4 if put_back else 0
        else:
            head = struct.pack(">HHH", kind, hardware, address_octets) + address
            inside = kind_of_tag + put_back + protocol if put_back else protocol
            octets = head + inside + octets
            original += len(head) + len(inside)
        time_ns = seconds * _SECOND_NS + fraction
        return Record(packet, time_ns, self.batch.link, octets, original), further


@dataclass(frozen=True, slots=True)
class Block:
    """The packets of one block, as long as it is ours."""

    decoder: LiveDecoder
    before: int  # packets before it

    def tables(self) -> Iterator[MessageTable]:
        """Its messages, each table valid until the next; once."""
        return self.decoder.walk()

    def records(self) -> Iterator[Record]:
        """Its packets as captured, each a copy; costs an object a packet."""
        return self.decoder.records(self.before)
