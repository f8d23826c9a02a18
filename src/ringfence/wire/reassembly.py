"""What the kernels cannot do packet by packet: fragments, TCP, packed HEP.

How it works: the walker stopped and left a packet in the batch's `help_` fields;
`pieces` takes it from there and returns whatever became whole by it: reassembled
datagrams, SIP messages out of TCP streams, HEP packets. The decoder copies each
piece behind the buffer and has the kernels read it like any packet.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ringfence.wire import _columns as columns
from ringfence.wire._batch import IGNORED_STREAMS, Batch, stream_hash
from ringfence.wire.anomaly import Anomaly
from ringfence.wire.connections import Carried, TcpMessages
from ringfence.wire.fragments import Datagram, FragmentTable

# A packed HEP payload may not unpack to more than a SIP message can be.
MAX_INFLATED = 65_535


@dataclass(frozen=True, slots=True)
class Piece:
    """Octets that became whole, and what stands around them."""

    kind: str  # "message", "hep" or "datagram"
    octets: bytes
    source: bytes
    destination: bytes
    source_port: int
    destination_port: int
    time_ns: int
    transport: int
    protocol: int
    notes: Anomaly


class Reassembly:
    """Tables of unfinished datagrams and open streams of one capture."""

    def __init__(self) -> None:
        self._fragments = FragmentTable()
        self._tcp = TcpMessages()

    def pieces(self, batch: Batch, stop: int, octets: bytes) -> Iterable[Piece]:
        """What the packet in the batch's help fields, with these octets, makes whole."""
        if stop == columns.STOP_TCP:
            return self._segment(batch, octets)
        if stop == columns.STOP_FRAGMENT:
            return self._fragment(batch, octets)
        return self._packed_hep(batch, octets)

    def finish(self, batch: Batch) -> Iterator[Piece]:
        """The capture ended: whatever still waits, as far as it goes."""
        for datagram in self._fragments.finish():
            yield _datagram_piece(datagram)
        yield from self._carried(batch, self._tcp.finish)

    def unfinished(self) -> dict[str, int]:
        """Counters of what was given up, by reason; zeros left out."""
        counts = {
            "fragments never completed": self._fragments.expired + self._fragments.evicted,
            "datagrams too large": self._fragments.too_large + self._fragments.too_many_pieces,
            "TCP octets missing (holes)": self._tcp.streams.holes,
            "TCP segments out of place": self._tcp.streams.strays,
            "TCP streams given up": self._tcp.streams.evicted,
            "TCP messages not waited for": self._tcp.cut,
            "WebSocket messages not decodable": self._tcp.undecodable,
        }
        return {reason: count for reason, count in counts.items() if count}

    def _fragment(self, batch: Batch, octets: bytes) -> Iterator[Piece]:
        key = (*_addresses(batch), batch.help_ident, batch.protocol)
        more = bool(batch.help_more)
        for datagram in self._fragments.add(key, batch.help_offset, more, octets, batch.time):
            yield _datagram_piece(datagram)

    def _segment(self, batch: Batch, octets: bytes) -> Iterator[Piece]:
        source, destination = _addresses(batch)
        key = (source, destination, batch.source_port, batch.destination_port)
        digest = stream_hash(batch)  # now: decoding a piece changes the current packet
        tcp = self._tcp
        yield from self._carried(
            batch,
            lambda: tcp.segment(
                key,
                batch.help_sequence,
                batch.help_flags,
                octets,
                batch.time,
                acknowledged=batch.help_acknowledged,
            ),
        )
        batch.want_acknowledgements = 1 if tcp.streams.octets_waiting else 0
        if tcp.ignores(key):  # its later segments cost the kernel one look
            batch.ignored[digest % IGNORED_STREAMS] = digest

    def _carried(self, batch: Batch, read: Callable[[], Iterable[Carried]]) -> Iterator[Piece]:
        """The pieces of one reading; directions that turned out to be no SIP are counted."""
        encrypted, other = self._tcp.encrypted, self._tcp.other
        carried = read()
        batch.counts[columns.R_TLS_ENCRYPTED] += self._tcp.encrypted - encrypted
        batch.counts[columns.R_TCP_OTHER] += self._tcp.other - other
        for one in carried:
            yield _stream_piece(one)

    def _packed_hep(self, batch: Batch, octets: bytes) -> Iterator[Piece]:
        inflated = _inflate(octets)
        if inflated is None:
            batch.counts[columns.R_HEP_DAMAGED] += 1
            return
        source, destination = _addresses(batch)
        yield Piece(
            "message",
            inflated,
            source,
            destination,
            batch.source_port,
            batch.destination_port,
            batch.time,
            batch.transport,
            0,
            Anomaly(0),
        )


def _addresses(batch: Batch) -> tuple[bytes, bytes]:
    source = (batch.source_high << 64 | batch.source_low).to_bytes(16, "big")
    destination = (batch.destination_high << 64 | batch.destination_low).to_bytes(16, "big")
    return source, destination


def _datagram_piece(datagram: Datagram) -> Piece:
    source, destination, _ident, protocol = datagram.key
    notes = Anomaly.FRAGMENTS_OVERLAP if datagram.overlapped else Anomaly(0)
    if not datagram.complete:
        notes |= Anomaly.CUT_BY_CAPTURE
    return Piece(
        "datagram",
        datagram.payload,
        source,
        destination,
        0,
        0,
        datagram.time_ns,
        0,
        protocol,
        notes,
    )


def _stream_piece(carried: Carried) -> Piece:
    source, destination, source_port, destination_port = carried.key
    found = carried.found
    notes = Anomaly.TCP_RESYNCHRONISED if found.resynchronised else Anomaly(0)
    if found.overlap_differs:
        notes |= Anomaly.TCP_OVERLAP_DIFFERS
    if not found.complete:
        notes |= Anomaly.CUT_BY_CAPTURE
    return Piece(
        "hep" if found.kind == "hep" else "message",
        found.octets,
        source,
        destination,
        source_port,
        destination_port,
        carried.time_ns,
        columns.T_WS if carried.verdict == "websocket" else columns.T_TCP,
        0,
        notes,
    )


def _inflate(octets: bytes) -> bytes | None:
    """The payload of a packed HEP chunk (zlib or gzip), None when it does not unpack."""
    unpacker = zlib.decompressobj(wbits=47)
    try:
        return unpacker.decompress(octets, MAX_INFLATED)
    except zlib.error:
        return None
