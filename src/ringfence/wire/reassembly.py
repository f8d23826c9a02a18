"""What the kernels cannot do packet by packet: fragments, TCP, packed HEP.

How it works: the walker stopped and left a packet in the batch's `help_` fields;
`pieces` takes it from there and returns whatever became whole by it: reassembled
datagrams, SIP messages out of TCP streams, HEP packets. The decoder copies each
piece behind the buffer and has the kernels read it like any packet.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ringfence.wire import _columns as columns
from ringfence.wire._batch import IGNORED_STREAMS, Batch, stream_hash
from ringfence.wire.anomaly import Anomaly
from ringfence.wire.fragments import Datagram, FragmentTable
from ringfence.wire.stream import Found, MessageStream
from ringfence.wire.tcp import Run, StreamKey, TcpStreams

# A packed HEP payload may not unpack to more than a SIP message can be.
MAX_INFLATED = 65_535
# Byte streams being searched for messages; the one that was quiet longest goes.
MAX_MESSAGE_STREAMS = 32_768


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
        self._streams = TcpStreams()
        self._messages: OrderedDict[StreamKey, MessageStream] = OrderedDict()

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
        for run in self._streams.finish():
            yield from self._run(batch, run)

    def unfinished(self) -> dict[str, int]:
        """Counters of what was given up, by reason; zeros left out."""
        counts = {
            "fragments never completed": self._fragments.expired + self._fragments.evicted,
            "datagrams too large": self._fragments.too_large + self._fragments.too_many_pieces,
            "TCP octets missing (holes)": self._streams.holes,
            "TCP streams given up": self._streams.evicted,
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
        runs = self._streams.segment(
            key,
            batch.help_sequence,
            batch.help_flags,
            octets,
            batch.time,
            acknowledged=batch.help_acknowledged,
        )
        for run in runs:
            yield from self._run(batch, run)
        batch.want_acknowledgements = 1 if self._streams.octets_waiting else 0

    def _run(self, batch: Batch, run: Run) -> Iterator[Piece]:
        stream = self._messages.get(run.key)
        if stream is None or run.new_connection:
            stream = self._messages[run.key] = MessageStream()
            if len(self._messages) > MAX_MESSAGE_STREAMS:
                self._messages.popitem(last=False)
        self._messages.move_to_end(run.key)
        for found in stream.feed(run.octets, run.after_gap):
            yield _stream_piece(run, found, stream.verdict)
        if run.last:
            del self._messages[run.key]
        elif stream.verdict in ("tls", "other"):
            self._give_up(batch, run.key, stream.verdict)

    def _give_up(self, batch: Batch, key: StreamKey, verdict: str) -> None:
        """Nothing to read in this stream: its later segments cost the kernel one look."""
        reason = columns.R_TLS_ENCRYPTED if verdict == "tls" else columns.R_TCP_OTHER
        batch.counts[reason] += 1
        self._streams.ignore(key)
        del self._messages[key]
        source, destination = _addresses(batch)
        if key == (source, destination, batch.source_port, batch.destination_port):
            digest = stream_hash(batch)
            batch.ignored[digest % IGNORED_STREAMS] = digest

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
        "datagram", datagram.payload, source, destination, 0, 0, datagram.time_ns, 0, protocol, notes
    )


def _stream_piece(run: Run, found: Found, verdict: str) -> Piece:
    source, destination, source_port, destination_port = run.key
    notes = Anomaly.TCP_RESYNCHRONISED if found.resynchronised else Anomaly(0)
    if run.overlap_differs:
        notes |= Anomaly.TCP_OVERLAP_DIFFERS
    return Piece(
        "hep" if found.kind == "hep" else "message",
        found.octets,
        source,
        destination,
        source_port,
        destination_port,
        run.time_ns,
        columns.T_WS if verdict == "websocket" else columns.T_TCP,
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
