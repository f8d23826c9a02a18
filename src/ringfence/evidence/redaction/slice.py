"""The attackers' packets, redacted: `redact_slice` writes them, `RedactedSlice` yields them.

How it works: for each message from or to an accused source the packets it came in are
taken, stripped to shells, filled with the redacted text, and put out in the order of
the capture. A datagram in fragments is put together, redacted, and cut as it was; TCP
goes through `streams.py`. Where that cannot be (a packed payload, packets that were
lost), the redacted message stands alone in a new UDP packet, and its comment says so.
Rules: nothing but such messages is written: no media, no digits, no other traffic.
"""

from __future__ import annotations

import heapq
import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np

from ringfence.evidence.redaction.checksums import internet_checksum, transport_checksum
from ringfence.evidence.redaction.message import MessageRedactor
from ringfence.evidence.redaction.packet import datagram_shell, shell_of
from ringfence.evidence.redaction.people import People
from ringfence.evidence.redaction.pseudonyms import Pseudonyms
from ringfence.evidence.redaction.shell import FRAGMENT, MESSAGE, NOTHING, SEGMENT, Shell
from ringfence.evidence.redaction.streams import Direction
from ringfence.wire import _columns as columns
from ringfence.wire.decoder import Decoder
from ringfence.wire.pcapng_writer import PcapngWriter
from ringfence.wire.records import Record, packets_of
from ringfence.wire.table import MessageTable

# TCP directions with something begun (some 16 KiB each); the one begun first goes out masked.
MAX_DIRECTIONS: Final = 4096
# Packets held back until an earlier one is ready (some 8 MiB).
MAX_HELD_BACK: Final = 8192
_RAW_IP: Final = 101
# What one IP datagram carries, UDP header and IPv6 header taken off.
_MAX_TEXT: Final = 65_535 - 48
_STREAMS: Final = frozenset((columns.T_TCP, columns.T_TLS, columns.T_WS, columns.T_WSS))

Tables = Iterable[tuple[int, Decoder, MessageTable]]
StreamKey = tuple[bytes, bytes, int, int]


@dataclass(frozen=True, slots=True)
class RedactedPacket:
    """One packet that may leave the house."""

    input: int
    packet: int  # its number in the capture
    time_ns: int
    link: int
    octets: bytes
    original: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Redacted:
    """What was written."""

    messages: int
    packets: int
    rebuilt: int  # messages in new packets
    left_out: int  # repeated segments
    omitted: int  # messages beyond the most of their source


@dataclass(frozen=True, slots=True)
class _Row:
    """What of a row is needed: the table is gone when its packets go out."""

    input: int
    packet: int
    time_ns: int
    source: bytes
    destination: bytes
    source_port: int
    destination_port: int
    transport: int
    message: bytes
    by_accused: bool


class RedactedSlice:
    """Iterate it once; the counts are whole after that.

    `most` messages from and to each accused source are taken: the first ones.
    """

    def __init__(
        self, tables: Tables, people: People, pseudonyms: Pseudonyms, most: int | None = None
    ) -> None:
        self._tables = tables
        self._people = people
        self._redactor = MessageRedactor(people, pseudonyms)
        self._names = self._redactor.names
        self._low = np.array([_low_word(packed) for packed in people.accused], np.uint64)
        self._directions: dict[StreamKey, Direction] = {}
        self._of_packet: dict[int, Direction] = {}
        self._held: dict[int, None] = {}  # packets with something begun, as they came
        self._ready: list[tuple[int, int, RedactedPacket]] = []
        self._serial = 0
        self._input = 0
        self._whole: dict[int, list[Shell]] = {}  # shells of the fragments of a datagram
        self._most = most
        self._taken: Counter[bytes] = Counter()  # messages of each accused source
        self.messages = self.packets = self.rebuilt = self.left_out = self.omitted = 0

    def __iter__(self) -> Iterator[RedactedPacket]:
        for number, decoder, table in self._tables:
            if number != self._input:
                self._end_of_input()
                yield from self._due(everything=True)
                self._input = number
            chosen = self._chosen(table)
            for row, records in zip(chosen, packets_of(decoder, table, chosen), strict=True):
                self._take(self._read(table, row, number), records)
            yield from self._due()
        self._end_of_input()
        yield from self._due(everything=True)

    def counts(self) -> Redacted:
        return Redacted(self.messages, self.packets, self.rebuilt, self.left_out, self.omitted)

    def _chosen(self, table: MessageTable) -> list[int]:
        accused, wide = self._people.accused, table.wide
        near = np.isin(wide["source_low"], self._low) | np.isin(wide["destination_low"], self._low)
        chosen = []
        for row in np.flatnonzero(near).tolist():
            ends = table.address(row, "source"), table.address(row, "destination")
            source = next((end for end in ends if end in accused), None)
            if source is not None and self._is_wanted(source):
                chosen.append(row)
        return chosen

    def _is_wanted(self, source: bytes) -> bool:
        """Whether one more message of this source is taken."""
        if self._most is not None and self._taken[source] >= self._most:
            self.omitted += 1
            return False
        self._taken[source] += 1
        return True

    def _read(self, table: MessageTable, row: int, number: int) -> _Row:
        source, destination = table.address(row, "source"), table.address(row, "destination")
        asker = source if table.number(row, "method") else destination
        return _Row(
            number,
            table.number(row, "packet"),
            table.number(row, "time"),
            source,
            destination,
            table.number(row, "source_port"),
            table.number(row, "destination_port"),
            table.number(row, "transport"),
            table.message(row),
            asker in self._people.accused,
        )

    def _take(self, row: _Row, records: list[Record] | None) -> None:
        """Put one message out, in its packets or in a new one."""
        self.messages += 1
        shells = [shell_of(record, self._names) for record in records or ()]
        if any(shell.kind == FRAGMENT for shell in shells):
            shells = self._put_together(shells)
        if len(shells) == 1 and shells[0].kind == MESSAGE and row.message in shells[0].payload:
            shell = shells[0]
            shell.fill(0, self._redact(row, shell.payload))
            self._emit(shell)
            return
        if not self._take_segments(row, shells):
            self._rebuild(row, len(shells))

    def _redact(self, row: _Row, octets: bytes) -> bytes:
        return self._redactor.redact(octets, by_accused=row.by_accused)

    def _take_segments(self, row: _Row, shells: list[Shell]) -> bool:
        direction = self._of_packet.get(row.packet)
        for shell in shells:
            if shell.kind == SEGMENT:
                direction = self._direction(shell)
                self._add(direction, shell)
        if direction is None and row.transport in _STREAMS:
            key = (row.source, row.destination, row.source_port, row.destination_port)
            direction = self._directions.get(key)
        if direction is None:
            return False
        framed = row.transport in (columns.T_WS, columns.T_WSS)
        return direction.place(
            row.message, lambda octets: self._redact(row, octets), self._names, framed=framed
        )

    def _direction(self, shell: Shell) -> Direction:
        key = (shell.source, shell.destination, shell.source_port, shell.destination_port)
        direction = self._directions.get(key)
        if direction is None:
            if len(self._directions) >= MAX_DIRECTIONS:
                oldest = next(iter(self._directions))
                self._close(oldest)
            direction = self._directions[key] = Direction(self._emit)
        return direction

    def _add(self, direction: Direction, shell: Shell) -> None:
        if shell.record is not None:
            self._held[shell.record.packet] = None
            self._of_packet[shell.record.packet] = direction
        direction.add(shell)

    def _close(self, key: StreamKey) -> None:
        direction = self._directions.pop(key)
        direction.flush()

    def _put_together(self, shells: list[Shell]) -> list[Shell]:
        """Fragments to the datagrams that they are parts of; others stay as they are."""
        groups: dict[tuple[bytes, bytes, int, int], list[Shell]] = {}
        out: list[Shell] = []
        for shell in shells:
            if shell.kind == FRAGMENT:
                key = (shell.source, shell.destination, shell.ident, shell.protocol)
                groups.setdefault(key, []).append(shell)
            else:
                out.append(shell)
        for parts in groups.values():
            whole = self._datagram(parts)
            if whole is not None:
                out.append(whole)
        return out

    def _datagram(self, parts: list[Shell]) -> Shell | None:
        """What the fragments are together; None when one is missing."""
        text = bytearray()
        for part in sorted(parts, key=lambda one: one.offset):
            if part.offset > len(text):
                return None
            text += part.payload[len(text) - part.offset :]
        first = min(parts, key=lambda one: one.offset)
        whole = datagram_shell(bytes(text), first, self._names)
        whole.record = max(
            (part.record for part in parts if part.record), key=lambda record: record.packet
        )
        self._whole[id(whole)] = [*parts]
        return whole

    def _emit(self, shell: Shell) -> None:
        """This packet is ready, or each fragment of it."""
        parts = self._whole.pop(id(shell), None)
        if parts is not None:
            octets = shell.finish()
            for part in parts:
                part.fill(0, octets[part.offset : part.offset + len(part.payload)])
                part.kind = shell.kind
                self._emit(part)
            return
        record = shell.record
        if record is None:
            return
        self._held.pop(record.packet, None)
        self._of_packet.pop(record.packet, None)
        if shell.kind == NOTHING:
            self.left_out += 1
            return
        self._push(
            RedactedPacket(
                self._input,
                record.packet,
                record.time_ns,
                record.link,
                shell.finish(),
                record.original,
            )
        )

    def _rebuild(self, row: _Row, packets: int) -> None:
        """The message alone in a new packet: its own could not be rewritten."""
        self.rebuilt += 1
        source = self._names.address(row.source, claimed=False)
        destination = self._names.address(row.destination, claimed=False)
        text = self._redact(row, row.message)[:_MAX_TEXT]
        octets = new_packet(source, destination, row.source_port, row.destination_port, text)
        name = columns.TRANSPORTS[row.transport].upper()
        comment = (
            f"A new packet: this message came over {name} in {packets or 'other'} packets that "
            "cannot be rewritten octet by octet. Its redacted text, time and ports are those."
        )
        self._push(
            RedactedPacket(
                row.input, row.packet, row.time_ns, _RAW_IP, octets, len(octets), comment
            )
        )

    def _push(self, packet: RedactedPacket) -> None:
        self._serial += 1
        heapq.heappush(self._ready, (packet.packet, self._serial, packet))

    def _due(self, *, everything: bool = False) -> Iterator[RedactedPacket]:
        """Packets before which nothing is missing any more."""
        while len(self._ready) > MAX_HELD_BACK and self._held:
            self._give_up(min(self._held))
        limit = min(self._held) if self._held and not everything else None
        while self._ready and (limit is None or self._ready[0][0] < limit):
            self.packets += 1
            yield heapq.heappop(self._ready)[2]

    def _give_up(self, packet: int) -> None:
        direction = self._of_packet.get(packet)
        if direction is not None:
            direction.flush()
        self._held.pop(packet, None)

    def _end_of_input(self) -> None:
        for direction in self._directions.values():
            direction.flush()
        self._directions.clear()
        self._of_packet.clear()
        self._held.clear()
        self._whole.clear()


def _low_word(packed: bytes) -> int:
    """The low half of an address, as the table has it: IPv4 as ::ffff:a.b.c.d."""
    if len(packed) == 4:
        return 0xFFFF << 32 | int.from_bytes(packed, "big")
    return int.from_bytes(packed[8:], "big")


def new_packet(
    source: bytes, destination: bytes, source_port: int, destination_port: int, text: bytes
) -> bytes:
    """An IP packet with one UDP datagram."""
    udp = struct.pack(">HHHH", source_port, destination_port, 8 + len(text), 0) + text
    checksum = transport_checksum(source, destination, 17, udp)
    udp = udp[:6] + checksum.to_bytes(2, "big") + udp[8:]
    if len(source) == 16 or len(destination) == 16:
        source, destination = source.rjust(16, b"\0"), destination.rjust(16, b"\0")
        return struct.pack(">IHBB", 6 << 28, len(udp), 17, 64) + source + destination + udp
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + source + destination
    checksum = internet_checksum(head)
    return head[:10] + checksum.to_bytes(2, "big") + head[12:] + udp


def redact_slice(
    tables: Tables,
    people: People,
    pseudonyms: Pseudonyms,
    stream: BinaryIO,
    application: str,
    most: int | None = None,
) -> Redacted:
    """Write the attackers' packets, redacted, as pcapng. Inputs are named by number alone.

    Of each source no more than the first `most` messages, from it and to it.

    The decoders of `tables` must have a `PacketKeeper`; raises what they raise, OSError.
    """
    writer = PcapngWriter(application)
    stream.write(writer.start())
    packets = RedactedSlice(tables, people, pseudonyms, most)
    for p in packets:
        name = f"capture {p.input + 1}"
        stream.write(writer.packet(p.link, name, p.time_ns, p.octets, p.original))
    return packets.counts()
