"""Blocks of an interface's ring: `_ring.walk_ring`, `live.LiveDecoder`.

The first octet chooses Ethernet or packets without a link's header, the rest is the
block. Invariant: whatever stands in a block, it ends in tables, within as many steps
as its octets allow; every span lies inside its message, and that in the block or the
arena; what is listed as a packet is what was decoded as one, in the same order, with
the same number; a row's packet is found at its position; the same block again gives
the same, further on.
"""

from __future__ import annotations

import zlib

from fuzz import packets
from fuzz.harness import hold
from fuzz.messages import request, response
from ringfence.wire import live
from ringfence.wire._ring import HEAD_OCTETS
from ringfence.wire.records import PacketKeeper, packets_of

TOKENS = (
    b"\x08\x00\x45\x00", b"\x86\xdd\x60", b"\x04\x00\x04\x03\x04\x06", b"\x04\x03\x04\x06",
    b"\x44\0\0\0", b"\x52\0\x60\0", b"\x50\0\x5e\0", b"\xff\xff\xff\xff", b"\0\0\0\0",
    b"\xff\xff", b"\x30\0\0\0", b"\x10\0\0\0\0\0\0\0",
)  # fmt: skip
BOUNDS = {live: {"ARENA_OCTETS": 131_072}}

_SHAPE = live.Shape(block_octets=8192, blocks=2)
_ROWS = 3


def check(octets: bytes) -> object:
    """One block, twice: in the first place of a ring, and in the second."""
    memory = bytearray(_SHAPE.octets + live.ARENA_OCTETS)
    link = live.COOKED if octets[:1] and octets[0] & 1 else live.ETHERNET
    one = live.LiveDecoder(memory, _SHAPE, link, _ROWS)
    one.keeper = PacketKeeper()
    block = octets[1 : 1 + _SHAPE.block_octets]
    outcomes = []
    for number in range(_SHAPE.blocks):
        at = number * _SHAPE.block_octets
        memory[at : at + len(block)] = block
        hold(one.is_ready(number) == (len(block) > 8 and bool(block[8] & 1)), "whose is it")
        outcomes.append(_read(one, number))
    hold(outcomes[0][0] == outcomes[1][0], "another place gives other packets")
    hold(one.damaged in (0, 2), "damage in one place alone")
    list(one.finish())
    return outcomes, tuple(one.batch.counts), one.batch.packets


def _read(one: live.LiveDecoder, number: int) -> tuple[object, object]:
    before, damaged = one.batch.packets, one.damaged
    block = one.take(number)
    records = list(block.records())
    hold(len(records) <= _SHAPE.block_octets // HEAD_OCTETS, "more packets than octets")
    seen = []
    for table in block.tables():
        hold(0 < len(table) <= _ROWS, "a table without rows, or with too many")
        table.fill_parts()
        rows = list(table.rows())
        for row, found in zip(rows, packets_of(one, table, rows), strict=True):
            _check_row(one, table.number(row, "text"), table.number(row, "text_length"), number)
            hold(before < table.number(row, "packet") <= one.batch.packets, "whose packet")
            seen.append((table.message(row), found))
    decoded = one.batch.packets - before
    hold(decoded == len(records), "packets listed are not those decoded")
    hold([record.packet - before for record in records] == list(range(1, decoded + 1)), "numbers")
    hold(one.damaged - damaged in (0, 1), "one block, two damages")
    one.give_back(number)
    hold(not one.is_ready(number), "kept")
    return [(record.time_ns, record.link, record.octets) for record in records], seen


def _check_row(one: live.LiveDecoder, at: int, length: int, number: int) -> None:
    start = number * _SHAPE.block_octets
    in_block = start <= at and at + length <= start + _SHAPE.block_octets
    in_arena = at >= _SHAPE.octets and at + length <= len(one.buffer)
    hold(length > 0 and (in_block or in_arena), "a message of nowhere")


def seeds() -> list[bytes]:
    """UDP, TCP, fragments, HEP, tags; loopbacks; lies about every length."""
    sip = request(b"OPTIONS")
    ip = packets.ipv4(packets.udp(sip))
    frames = [packets.ethernet(ip), packets.ethernet(packets.ipv4(packets.udp(response())))]
    datagram = packets.udp(sip)
    fragments = [
        packets.ethernet(packets.ipv4(datagram[:64], fragment=0x2000)),
        packets.ethernet(packets.ipv4(datagram[64:], fragment=8)),
    ]
    segments = [
        packets.ethernet(packets.ipv4(packets.tcp(piece, at), packets.TCP))
        for piece, at in ((sip[:100], 1), (sip[100:], 101))
    ]
    packed = packets.ethernet(packets.ipv4(packets.udp(packets.hep3(zlib.compress(sip), 16))))
    whole = [packets.ring_packet(one, number=n) for n, one in enumerate(frames * 3)]
    cooked = [packets.ring_packet(ip, start=96), packets.ring_packet(b"\0" * 28, protocol=0x0806)]
    six = packets.ring_packet(packets.ipv6(packets.udp(sip)), protocol=0x86DD, tag=7)
    lies: list[dict[str, int]] = [
        {"following": 1 << 20}, {"following": 20}, {"following": 0}, {"captured": 5000},
        {"start": 60}, {"start": 68}, {"start": 9000}, {"fraction": 1_000_000_000}, {"original": 9},
    ]  # fmt: skip
    ethernet = [
        packets.ring_block(whole),
        packets.ring_block(map(packets.ring_packet, fragments)),
        packets.ring_block(map(packets.ring_packet, [*segments, packed])),
        packets.ring_block(
            [packets.ring_packet(frames[0], kind=kind, hardware=772) for kind in (4, 0)]
        ),
        packets.ring_block([packets.ring_packet(frames[0], tag=200), *whole]),
        *(
            packets.ring_block([whole[0], packets.ring_packet(frames[0], **lie), whole[1]])
            for lie in lies
        ),
        packets.ring_block(whole, first=20),
        packets.ring_block(whole, first=8000),
        packets.ring_block(whole, length=100),
        packets.ring_block(whole, length=1 << 30),
        packets.ring_block(whole, count=0),
        packets.ring_block(whole, status=0),
        b"",
    ]
    return [
        *(b"\0" + one for one in ethernet),
        b"\1" + packets.ring_block([*cooked, six]),
        b"\1" + packets.ring_block([cooked[0][:60] + bytes(8) + cooked[0][68:]] * 2),
    ]
