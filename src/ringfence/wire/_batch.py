"""One batch: the buffer that the kernels walk and the rows that they fill.

How it works: the decoder reads a piece of the capture into `octets`, a walker
(`_pcap.py`) goes through its records, `_packet.py` takes the layers off each
packet, `_sip.py` adds a row for each SIP message, `_parts.py` fills the finer
columns of rows that somebody wants. Rows point into `octets`, so they live
until the next piece is read. Whatever the kernels cannot do alone (TCP,
fragments) they leave in the `help_` fields and stop; the decoder does it,
puts the result behind the piece (the arena) and calls them again.
"""

from __future__ import annotations

import array
from typing import TYPE_CHECKING

try:
    import cython
except ModuleNotFoundError:  # the interpreted twin needs no Cython
    from ringfence.wire import _uncompiled as cython

from ringfence.wire import _columns as columns

if TYPE_CHECKING:
    from mmap import mmap

if not cython.compiled:
    from ringfence.wire._octets import mix

# Media flows seen, by receiving address and port: 8 192 buckets of four, 1 MiB.
# A flood of made-up flows can push out idle ones (oldest of its bucket first);
# it costs call lengths, never a verdict.
MEDIA_BUCKETS = 8192
_MEDIA_BUCKETS = MEDIA_BUCKETS
MEDIA_WAYS = 4
MEDIA_WIDTH = 4  # key, packets, first, last
# Ports are used again by later calls, whose streams are others: the SSRC (RFC 3550 5.1)
# stands in these bits of the key.
MEDIA_STREAM = 0xFFFF_FFFF
_MEDIA_FLOW = 0xFFFF_FFFF_0000_0000
# A silence this long (10 s, in ns) ends a flow: some phones keep one SSRC for ever.
MEDIA_GAP_NS = 10_000_000_000
_MEDIA_GAP_NS = MEDIA_GAP_NS
# Interfaces of one pcapng section; more are refused by the decoder.
MAX_INTERFACES = 1024
# TCP directions known to carry no SIP: one slot a hash, a newcomer replaces.
IGNORED_STREAMS = 65536
_IGNORED_STREAMS = IGNORED_STREAMS


class Batch:
    """The state of one walk: buffer, rows, current packet, counters."""

    def __init__(self, octets: bytearray | mmap, rows: int) -> None:
        self.octets = octets
        self.capacity = rows
        self.slots = array.array("i", bytes(4 * rows * columns.SLOT_WIDTH))
        self.wide = array.array("Q", bytes(8 * rows * columns.WIDE_WIDTH))
        self.counts = array.array("Q", bytes(8 * columns.REASONS))
        self.media = array.array("Q", bytes(8 * MEDIA_WIDTH * MEDIA_WAYS * MEDIA_BUCKETS))
        self.interfaces = array.array("Q", bytes(8 * 4 * MAX_INTERFACES))
        self.ignored = array.array("Q", bytes(8 * IGNORED_STREAMS))
        self.n = 0
        self.base = 0
        self.packets = 0
        self.interface_count = 0
        self.record_header = 16
        self.big_endian = 0
        self.fraction_ns = 1000
        self.link = 1
        self.stop = 0
        self.want_acknowledgements = 0
        self.first_time = 0
        self.last_time = 0
        self.start_packet()

    def start_packet(self) -> None:
        """Forget the packet before."""
        self.time = 0
        self.interface = 0
        self.position = 0
        self.source_high = 0
        self.source_low = 0
        self.destination_high = 0
        self.destination_low = 0
        self.source_port = 0
        self.destination_port = 0
        self.ip_version = 0
        self.transport = 0
        self.layer = 0
        self.protocol = 0
        self.end = 0
        self.cut = 0
        self.notes = 0
        self.help_start = 0
        self.help_end = 0
        self.help_sequence = 0
        self.help_acknowledged = 0
        self.help_flags = 0
        self.help_ident = 0
        self.help_offset = 0
        self.help_more = 0


def stream_hash(b: Batch) -> int:
    """Hash of the direction (addresses and ports) of the current packet."""
    return _stream_hash(b)


def _stream_hash(b: Batch) -> int:
    h = mix(b.source_port * 65536 + b.destination_port, b.source_low)
    h = mix(h, b.source_high)
    h = mix(h, b.destination_low)
    return mix(h, b.destination_high)


def media_hash(high: int, low: int, port: int) -> int:
    """Key of the media flow towards this address and port."""
    return _media_hash(high, low, port)


def _media_hash(high: int, low: int, port: int) -> int:
    return mix(mix(port + 1, low), high)


def note_media(b: Batch, stream: int) -> int:
    """Count the current packet, of this SSRC, as media towards its destination."""
    return _note_media(b, stream)


def _note_media(b: Batch, stream: int) -> int:
    key = _media_hash(b.destination_high, b.destination_low, b.destination_port)
    bucket = (key % _MEDIA_BUCKETS) * 16
    key = (key & _MEDIA_FLOW) | stream
    oldest = bucket
    for i in range(4):
        o = bucket + 4 * i
        if b.media[o] == key:
            if b.time > b.media[o + 3] + _MEDIA_GAP_NS:
                b.media[o + 1] = 0
            if b.media[o + 1] == 0:
                b.media[o + 2] = b.time
            b.media[o + 1] += 1
            b.media[o + 3] = b.time
            return 0
        if b.media[o + 3] < b.media[oldest + 3]:
            oldest = o
    b.media[oldest] = key
    b.media[oldest + 1] = 1
    b.media[oldest + 2] = b.time
    b.media[oldest + 3] = b.time
    return 0
