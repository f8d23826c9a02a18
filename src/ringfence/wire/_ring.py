"""Packets of one block of a TPACKET_V3 ring, walked in place.

How it works: the walker starts at a packet's header, octets[o], and goes from
header to header until the block ends, the rows are full, or a packet needs help;
it returns the offset of the next header and leaves the reason in `b.stop`. Each
header names the next one; every step goes forward and stays in octets[:e], so no
block can keep it busy for longer than its octets last. Numbers are in the
machine's own order, which `b.big_endian` tells. `b.link` is 1 where packets begin
with their Ethernet header, anything else where the kernel took the link's header off.
Source: linux/if_packet.h, struct tpacket3_hdr and struct sockaddr_ll behind it.
"""

from __future__ import annotations

try:
    import cython
except ModuleNotFoundError:  # the interpreted twin needs no Cython
    from ringfence.wire import _uncompiled as cython

if not cython.compiled:
    from ringfence.wire._batch import Batch
    from ringfence.wire._columns import STOP_DAMAGED, STOP_FULL, STOP_NEED_MORE
    from ringfence.wire._octets import be16, times
    from ringfence.wire._packet import _network, _packet
    from ringfence.wire._pcap import _note_packet, _u32

# struct tpacket3_hdr (48), struct sockaddr_ll (20).
HEAD_OCTETS = 68
_HEAD_OCTETS = HEAD_OCTETS
_ETHERNET = 1
# A loopback shows each packet twice, as it leaves and as it arrives (PACKET_OUTGOING,
# ARPHRD_LOOPBACK): it counts as it arrives.
OUTGOING = 4
_OUTGOING = OUTGOING
LOOPBACK = 772
_LOOPBACK = LOOPBACK
_NS = 1000000000


def walk_ring(b: Batch, o: int, e: int) -> int:
    """Decode the packets of a block from the header at o on; the offset after the last one."""
    with cython.nogil:
        o = _walk_ring(b, o, e)
    return o


def _u16(b: Batch, o: int) -> int:
    if b.big_endian:
        return be16(b.octets, o)
    return _u32(b, o) & 0xFFFF


def _walk_ring(b: Batch, o: int, e: int) -> int:
    while o + _HEAD_OCTETS <= e:
        if b.n + 1 > b.capacity:
            b.stop = STOP_FULL
            return o
        following = _u32(b, o)
        captured = _u32(b, o + 12)
        start = _u16(b, o + 24)
        fraction = _u32(b, o + 8)
        limit = o + following if following else e
        if limit > e or start < _HEAD_OCTETS or o + start + captured > limit or fraction >= _NS:
            b.stop = STOP_DAMAGED
            return o
        at = o
        o = limit
        if b.octets[at + 58] == _OUTGOING and _u16(b, at + 56) == _LOOPBACK:
            continue
        b.time = times(_u32(b, at + 4), _NS) + fraction
        stop = _captured(b, at, start, captured)
        if stop:
            return o
    b.stop = STOP_NEED_MORE if o == e else STOP_DAMAGED
    return o


def _captured(b: Batch, at: int, start: int, captured: int) -> int:
    """Decode the packet whose header stands at `at`; 0 or a STOP_ code."""
    b.position = b.base + at
    b.interface = _u32(b, at + 52) & 0x7FFFFFFF
    _note_packet(b, captured, _u32(b, at + 16))
    if b.link == _ETHERNET:
        return _packet(b, at + start, at + start + captured, b.link)
    return _network(b, at + start, at + start + captured, be16(b.octets, at + 50))
