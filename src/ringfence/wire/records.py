"""The packets that a message came in: found again while its table is at hand.

How it works: a message that came in one packet has that packet's record still in
the decoder's buffer, at the row's position. What was put together (IP fragments,
TCP segments) has not: `PacketKeeper` keeps a copy of each such packet until the
message that it belongs to was handed out. A keeper is only there when somebody
wants packets; decoding costs nothing without.
"""

from __future__ import annotations

import struct
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ringfence.wire import _columns as columns
from ringfence.wire import capture
from ringfence.wire._batch import Batch
from ringfence.wire.anomaly import Anomaly

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ringfence.wire.table import MessageTable

# Octets of packets kept for messages that are not whole yet (32 MiB): a thousand
# connections, each with 32 KiB begun. Who waited longest goes first; its message
# is then exported without its first packets.
MAX_KEPT_OCTETS = 32 * 1024 * 1024
# What a kept packet costs beside its octets.
_RECORD_OCTETS = 256

_ENHANCED, _SIMPLE, _OLD_PACKET = 6, 3, 2
_CUT: int = Anomaly.CUT_BY_CAPTURE.value
_LOW_WORD = 0xFFFFFFFFFFFFFFFF
_STREAMS = frozenset((columns.T_TCP, columns.T_WS))

# Which packets belong together: STOP_TCP with the addresses and ports of a direction,
# or STOP_FRAGMENT with the addresses, identification and protocol of a datagram.
Key = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Record:
    """One packet as captured: number in its file, time, link type, octets, length on the wire."""

    packet: int
    time_ns: int
    link: int
    octets: bytes
    original: int


class PacketHolder(Protocol):
    """A decoder, as far as packets are asked of it."""

    keeper: PacketKeeper | None

    def record_at(self, position: int, packet: int, time_ns: int) -> Record | None:
        """The record at this position of the capture, while the buffer holds it."""
        ...


def read_record(
    batch: Batch, kind: str, buffer: bytearray, end: int, position: int, packet: int, time_ns: int
) -> Record | None:
    """The record at this position of the capture, None when buffer[:end] does not hold it.

    `time_ns` counts for records without a time of their own (simple packet blocks).
    """
    at = position - batch.base
    if at < 0 or at >= end:
        return None
    if kind == capture.PCAP:
        return _pcap_record(batch, buffer, end, at, packet)
    return _pcapng_record(batch, buffer, end, at, packet, time_ns)


def _pcap_record(batch: Batch, buffer: bytearray, end: int, at: int, packet: int) -> Record | None:
    start = at + batch.record_header
    if start > end:
        return None
    order = ">" if batch.big_endian else "<"
    seconds, fraction, captured, original = struct.unpack_from(order + "IIII", buffer, at)
    octets = bytes(buffer[start : min(start + captured, end)])
    time_ns = seconds * 1_000_000_000 + fraction * batch.fraction_ns
    return Record(packet, time_ns, batch.link, octets, original)


def _pcapng_record(
    batch: Batch, buffer: bytearray, end: int, at: int, packet: int, time_ns: int
) -> Record | None:
    order = ">" if batch.big_endian else "<"
    if at + 28 > end:
        return None
    kind, length, first = struct.unpack_from(order + "III", buffer, at)
    if kind == _SIMPLE:
        if not batch.interface_count:
            return None
        octets = bytes(buffer[at + 12 : min(at + 12 + min(first, length - 16), end)])
        return Record(packet, time_ns, batch.interfaces[0], octets, first)
    if kind not in (_ENHANCED, _OLD_PACKET):
        return None
    high, low, captured, original = struct.unpack_from(order + "IIII", buffer, at + 12)
    if kind == _OLD_PACKET:
        first = first >> 16 if batch.big_endian else first & 0xFFFF
    if first >= batch.interface_count:
        return None
    octets = bytes(buffer[at + 28 : min(at + 28 + captured, end)])
    link, *clock = batch.interfaces[4 * first : 4 * first + 4]
    return Record(packet, _nanoseconds(high << 32 | low, clock), link, octets, original)


def _nanoseconds(units: int, clock: list[int]) -> int:
    """The same arithmetic as `_timestamp` in `_pcap.py`."""
    kind, factor, offset_ns = clock
    if kind == 0:
        time_ns = units * factor
    elif kind == 1:
        time_ns = units // factor
    else:
        time_ns = units * 1_000_000_000 >> factor
    return time_ns + offset_ns & _LOW_WORD


@dataclass(slots=True)
class _Kept:
    record: Record
    given: bool = False


class PacketKeeper:
    """Packets of messages that are put together, kept until those were handed out."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, deque[_Kept]] = OrderedDict()  # least recent first
        self._key_of: dict[int, Key] = {}
        self._octets = 0
        self.dropped = 0  # packets given up because too much was kept

    def __len__(self) -> int:
        return len(self._key_of)

    def note(self, batch: Batch, stop: int, record: Record | None) -> None:
        """Keep the batch's current packet, for which the walker stopped."""
        if record is None or stop not in (columns.STOP_TCP, columns.STOP_FRAGMENT):
            return
        key = _key(batch, stop)
        before = self._key_of.get(record.packet)
        if before == key:
            return
        kept = self._kept.setdefault(key, deque())
        if before is None:
            kept.append(_Kept(record))
            self._octets += len(record.octets) + _RECORD_OCTETS
        else:  # fragments that made a TCP segment: their packets go over to its direction
            kept.extend(self._kept.pop(before, ()))
        self._key_of[record.packet] = key
        self._kept.move_to_end(key)
        self._keep_bound()

    def take(self, table: MessageTable, row: int) -> list[Record] | None:
        """Packets of this row that none took before; None: it came in one packet."""
        key = self._find(table, row)
        if key is None:
            return None
        packet = table.number(row, "packet")
        taken = [k for k in self._kept[key] if k.record.packet <= packet and not k.given]
        for kept in taken:
            kept.given = True
        return [kept.record for kept in taken]

    def settle(self, table: MessageTable, row: int) -> None:
        """This row was handed out: forget its packets; in a stream the last may begin the next."""
        key = self._find(table, row)
        if key is None:
            return
        last = table.number(row, "packet") - (key[0] == columns.STOP_TCP)
        kept = self._kept[key]
        while kept and kept[0].record.packet <= last:
            self._forget(kept.popleft())
        if not kept:
            del self._kept[key]

    def _find(self, table: MessageTable, row: int) -> Key | None:
        if not self._kept:  # nothing is being put together: most captures, most of the time
            return None
        if table.number(row, "transport") in _STREAMS:
            direction = _direction(table, row)
            if direction in self._kept:
                return direction
        key = self._key_of.get(table.number(row, "packet"))
        if key not in self._kept:
            return None
        # A datagram given up has nothing to do with the packet that was current then.
        given_up = key is not None and key[0] == columns.STOP_FRAGMENT and _is_cut(table, row)
        return None if given_up else key

    def _keep_bound(self) -> None:
        while self._octets > MAX_KEPT_OCTETS:
            key, kept = next(iter(self._kept.items()))
            if kept:
                oldest = kept.popleft()
                self.dropped += not oldest.given
                self._forget(oldest)
            if not kept:
                del self._kept[key]

    def _forget(self, kept: _Kept) -> None:
        self._octets -= len(kept.record.octets) + _RECORD_OCTETS
        self._key_of.pop(kept.record.packet, None)


def packets_of(
    holder: PacketHolder, table: MessageTable, chosen: Sequence[int]
) -> Iterator[list[Record] | None]:
    """For each chosen row (ascending): its packets that no row before it had; None: not found."""
    keeper = holder.keeper
    wanted = set(chosen)
    for row in range(len(table)) if keeper else chosen:
        if row in wanted:
            yield _packets_of_row(holder, table, row)
        if keeper:
            keeper.settle(table, row)


def _packets_of_row(holder: PacketHolder, table: MessageTable, row: int) -> list[Record] | None:
    kept = holder.keeper.take(table, row) if holder.keeper else None
    if kept is not None:
        return kept
    at = row * columns.WIDE_WIDTH
    time_ns, packet, position = table.batch.wide[at + columns.TIME : at + columns.POSITION + 1]
    record = holder.record_at(position, packet, time_ns)
    if record is None or (len(record.octets) >= record.original and _is_cut(table, row)):
        return None  # given up incomplete: what is current now is not its packet
    return [record]


def _is_cut(table: MessageTable, row: int) -> bool:
    return bool(table.batch.wide[row * columns.WIDE_WIDTH + columns.ANOMALIES] & _CUT)


def _key(batch: Batch, stop: int) -> Key:
    source = batch.source_high << 64 | batch.source_low
    destination = batch.destination_high << 64 | batch.destination_low
    if stop == columns.STOP_TCP:
        return stop, source, destination, batch.source_port, batch.destination_port
    return stop, source, destination, batch.help_ident, batch.protocol


def _direction(table: MessageTable, row: int) -> Key:
    source = table.number(row, "source_high") << 64 | table.number(row, "source_low")
    destination = table.number(row, "destination_high") << 64 | table.number(row, "destination_low")
    ports = table.number(row, "source_port"), table.number(row, "destination_port")
    return columns.STOP_TCP, source, destination, *ports
