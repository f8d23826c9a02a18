"""Records of pcap and pcapng files, walked in place.

How it works: a walker starts at octets[o] and goes record by record until the
piece ends, the rows are full, or a packet needs help; it returns the offset of
the next record and leaves the reason in `b.stop`. The file's header and the
rarer pcapng blocks are read by `capture.py`, which sets the fields used here.
Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
"""

from __future__ import annotations

try:
    import cython
except ModuleNotFoundError:  # the interpreted twin needs no Cython
    from ringfence.wire import _uncompiled as cython

if not cython.compiled:
    from ringfence.wire._batch import Batch
    from ringfence.wire._columns import (
        R_CUT_PACKETS,
        STOP_BLOCK,
        STOP_DAMAGED,
        STOP_FULL,
        STOP_NEED_MORE,
    )
    from ringfence.wire._octets import be32, le32, times
    from ringfence.wire._packet import _packet

# A packet longer than this is not believed: libpcap's own limit (262 144).
MAX_CAPTURED = 262144
_MAX_CAPTURED = MAX_CAPTURED
# Rows that one packet can add at most (SCTP bundles): the walker stops before.
_ROWS_A_PACKET = 1
_NS = 1000000000

# pcapng block types
_PACKET_BLOCK = 2
_SIMPLE_BLOCK = 3
_ENHANCED_BLOCK = 6


def walk_pcap(b: Batch, o: int, e: int) -> int:
    """Decode the pcap records in octets[o:e]; the offset after the last one used."""
    with cython.nogil:
        o = _walk_pcap(b, o, e)
    return o


def walk_pcapng(b: Batch, o: int, e: int) -> int:
    """Decode the pcapng blocks in octets[o:e]; stops at blocks that are no packets."""
    with cython.nogil:
        o = _walk_pcapng(b, o, e)
    return o


def _u32(b: Batch, o: int) -> int:
    return be32(b.octets, o) if b.big_endian else le32(b.octets, o)


def _walk_pcap(b: Batch, o: int, e: int) -> int:
    head = b.record_header
    while o + head <= e:
        if b.n + _ROWS_A_PACKET > b.capacity:
            b.stop = STOP_FULL
            return o
        fraction = _u32(b, o + 4)
        captured = _u32(b, o + 8)
        original = _u32(b, o + 12)
        if captured > _MAX_CAPTURED or times(fraction, b.fraction_ns) >= _NS:
            b.stop = STOP_DAMAGED
            return o
        if o + head + captured > e:
            break
        b.time = times(_u32(b, o), _NS) + times(fraction, b.fraction_ns)
        b.position = b.base + o
        b.interface = 0
        stop = _take(b, o + head, captured, original, b.link)
        o += head + captured
        if stop:
            return o
    b.stop = STOP_NEED_MORE
    return o


def _take(b: Batch, o: int, captured: int, original: int, link: int) -> int:
    """Decode one packet and keep the totals; 0 or a STOP_ code."""
    _note_packet(b, captured, original)
    return _packet(b, o, o + captured, link)


def _note_packet(b: Batch, captured: int, original: int) -> int:
    """Keep the totals of one packet, which is about to be decoded."""
    b.packets += 1
    b.stop = 0
    b.cut = 1 if captured < original else 0
    if b.cut:
        b.counts[R_CUT_PACKETS] += 1
    if b.first_time == 0 or b.time < b.first_time:
        b.first_time = b.time
    if b.time > b.last_time:
        b.last_time = b.time
    return 0


def take(b: Batch, o: int, captured: int, original: int, link: int) -> int:
    """Decode one packet at octets[o:o+captured]; 0 or a STOP_ code."""
    return _take(b, o, captured, original, link)


def _walk_pcapng(b: Batch, o: int, e: int) -> int:
    while o + 12 <= e:
        if b.n + _ROWS_A_PACKET > b.capacity:
            b.stop = STOP_FULL
            return o
        kind = _u32(b, o)
        if kind != _ENHANCED_BLOCK and kind != _SIMPLE_BLOCK and kind != _PACKET_BLOCK:
            b.stop = STOP_BLOCK
            return o
        length = _u32(b, o + 4)
        if length < 16 or length & 3 or length > _MAX_CAPTURED + 65536:
            b.stop = STOP_DAMAGED
            return o
        if o + length > e:
            break
        closing = _u32(b, o + length - 4)
        if closing != length:
            b.stop = STOP_DAMAGED
            return o
        b.position = b.base + o
        if _packet_block(b, o, length, kind):
            return o + length if b.stop != STOP_DAMAGED else o
        o += length
    b.stop = STOP_NEED_MORE
    return o


def _packet_block(b: Batch, o: int, length: int, kind: int) -> int:
    if kind == _SIMPLE_BLOCK:
        return _simple_block(b, o, length)
    if length < 32:
        b.stop = STOP_DAMAGED
        return 1
    interface = _u32(b, o + 8)
    if kind == _PACKET_BLOCK:
        interface = interface & 65535 if not b.big_endian else interface >> 16
    captured = _u32(b, o + 20)
    if interface >= b.interface_count or captured > length - 32:
        b.stop = STOP_DAMAGED
        return 1
    b.interface = interface
    b.time = _timestamp(b, interface, (_u32(b, o + 12) << 32) | _u32(b, o + 16))
    return _take(b, o + 28, captured, _u32(b, o + 24), b.interfaces[4 * interface])


def _simple_block(b: Batch, o: int, length: int) -> int:
    """Simple Packet Block: interface 0, no time of its own: the last one seen stands."""
    if b.interface_count == 0:
        b.stop = STOP_DAMAGED
        return 1
    original = _u32(b, o + 8)
    captured = length - 16
    if original < captured:
        captured = original
    b.interface = 0
    b.time = b.last_time
    return _take(b, o + 12, captured, original, b.interfaces[0])


def _timestamp(b: Batch, interface: int, units: int) -> int:
    """Nanoseconds of `units`; the interface says whether to multiply, divide or shift."""
    kind = b.interfaces[4 * interface + 1]
    factor = b.interfaces[4 * interface + 2]
    offset = b.interfaces[4 * interface + 3]
    if kind == 0:
        return times(times(units, factor) + offset, 1)
    if kind == 1:
        return times(units // factor + offset, 1)
    whole = units >> factor
    rest = units - (whole << factor)
    if factor > 32:
        rest >>= factor - 32
        factor = 32
    return times(times(whole, _NS) + (times(rest, _NS) >> factor) + offset, 1)
