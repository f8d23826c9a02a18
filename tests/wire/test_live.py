"""Blocks of a ring to tables: what is put together over blocks, and whose memory it is."""

from __future__ import annotations

import zlib

import pytest

from fuzz.packets import (
    TCP,
    ethernet,
    hep3,
    ipv4,
    ring_block,
    ring_packet,
    tcp,
    udp,
)
from ringfence.wire import _columns as columns
from ringfence.wire.live import ARENA_OCTETS, COOKED, ETHERNET, LiveDecoder, Shape
from ringfence.wire.records import PacketKeeper, Record, packets_of
from tests.wire_cases.compile import message

SHAPE = Shape(block_octets=8192, blocks=4)
SIP = [message("OPTIONS", f"m{n}") for n in range(12)]
IP = [ipv4(udp(one)) for one in SIP]
FRAMES = [ethernet(one) for one in IP]


class Kernel:
    """Fills blocks in turn, as a kernel does, and takes none that was not given back."""

    def __init__(self, link: int = ETHERNET, rows: int = 64) -> None:
        self.memory = bytearray(SHAPE.octets + ARENA_OCTETS)
        self.decoder = LiveDecoder(self.memory, SHAPE, link, rows)
        self.next = 0

    def hand_over(self, *packets: bytes) -> int:
        return self.lay(ring_block(packets))

    def lay(self, block: bytes) -> int:
        number = self.next % SHAPE.blocks
        assert not self.decoder.is_ready(number)
        at = number * SHAPE.block_octets
        self.memory[at : at + len(block)] = block
        self.next += 1
        return number

    def messages(self, number: int) -> list[bytes]:
        """What the decoder finds in a block, before it gives it back."""
        found = [
            table.text(row, "call_id")
            for table in self.decoder.take(number).tables()
            for row in table.rows()
        ]
        self.decoder.give_back(number)
        return found


def names(*numbers: int) -> list[bytes]:
    return [b"m%d@203.0.113.7" % n for n in numbers]


def test_block_is_ours_when_the_kernel_says_so_until_it_is_given_back() -> None:
    kernel = Kernel()
    assert not kernel.decoder.is_ready(0)
    number = kernel.hand_over(ring_packet(FRAMES[0]))
    assert kernel.decoder.is_ready(number)
    assert kernel.messages(number) == names(0)
    assert not kernel.decoder.is_ready(number)


def test_message_in_segments_of_two_blocks() -> None:
    kernel = Kernel()
    segments = [
        ring_packet(ethernet(ipv4(tcp(piece, at), TCP)))
        for piece, at in ((SIP[0][:50], 1), (SIP[0][50:], 51))
    ]
    first = kernel.hand_over(segments[0])
    assert kernel.messages(first) == []
    assert kernel.messages(kernel.hand_over(segments[1])) == names(0)


def test_datagram_in_fragments_of_two_blocks() -> None:
    kernel = Kernel()
    whole = udp(SIP[3])
    first = kernel.hand_over(ring_packet(ethernet(ipv4(whole[:64], fragment=0x2000))))
    assert kernel.messages(first) == []
    second = kernel.hand_over(
        ring_packet(FRAMES[4]), ring_packet(ethernet(ipv4(whole[64:], fragment=8)))
    )
    assert kernel.messages(second) == names(4, 3)


def test_packed_hep_is_unpacked_behind_the_ring() -> None:
    kernel = Kernel()
    packed = ethernet(ipv4(udp(hep3(zlib.compress(SIP[5]), 16), target=9060)))
    number = kernel.hand_over(ring_packet(packed), ring_packet(FRAMES[6]))
    table = next(kernel.decoder.take(number).tables())
    assert [table.text(row, "call_id") for row in table.rows()] == names(5, 6)
    assert table.number(0, "text") >= SHAPE.octets > table.number(1, "text")


def test_rows_point_into_the_block_and_nothing_is_copied() -> None:
    kernel = Kernel()
    kernel.messages(kernel.hand_over(ring_packet(FRAMES[0])))
    number = kernel.hand_over(ring_packet(FRAMES[1]))
    table = next(kernel.decoder.take(number).tables())
    at = table.number(0, "text")
    assert SHAPE.block_octets < at < 2 * SHAPE.block_octets
    assert kernel.memory[at : at + len(SIP[1])] == SIP[1]


def test_block_with_more_messages_than_rows_gives_several_tables() -> None:
    kernel = Kernel(rows=5)
    number = kernel.hand_over(*map(ring_packet, FRAMES))
    assert [len(table) for table in kernel.decoder.take(number).tables()] == [5, 5, 2]


def test_positions_grow_lap_after_lap() -> None:
    kernel = Kernel()
    seen: list[int] = []
    for lap in range(3 * SHAPE.blocks):
        number = kernel.hand_over(ring_packet(FRAMES[lap]), ring_packet(FRAMES[0]))
        for table in kernel.decoder.take(number).tables():
            seen += [table.number(row, "position") for row in table.rows()]
        kernel.decoder.give_back(number)
    assert len(seen) == 6 * SHAPE.blocks
    assert sorted(set(seen)) == seen


# -- packets -----------------------------------------------------------------------------------


def test_packets_of_a_block_are_listed_as_captured() -> None:
    kernel = Kernel()
    kernel.messages(kernel.hand_over(ring_packet(FRAMES[0])))
    number = kernel.hand_over(ring_packet(FRAMES[1], number=1), ring_packet(FRAMES[2], number=2))
    assert list(kernel.decoder.take(number).records()) == [
        Record(2, 1_700_000_001_000_000_001, 1, FRAMES[1], len(FRAMES[1])),
        Record(3, 1_700_000_002_000_000_002, 1, FRAMES[2], len(FRAMES[2])),
    ]


def test_packets_are_numbered_as_they_are_decoded() -> None:
    """A loopback's packets as they leave have no number."""
    kernel = Kernel()
    number = kernel.hand_over(
        *(ring_packet(FRAMES[n], kind=4 * (n & 1), hardware=772) for n in range(6))
    )
    block = kernel.decoder.take(number)
    table = next(block.tables())
    assert [table.number(row, "packet") for row in table.rows()] == [1, 2, 3]
    assert [record.octets for record in block.records()] == FRAMES[:6:2]
    assert [record.packet for record in block.records()] == [1, 2, 3]
    assert (kernel.decoder.packets, kernel.decoder.batch.packets) == (6, 3)


def test_tag_that_the_kernel_took_off_is_put_back() -> None:
    kernel = Kernel()
    number = kernel.hand_over(ring_packet(FRAMES[0], tag=200))
    (record,) = kernel.decoder.take(number).records()
    assert record.octets == ethernet(IP[0], 0x0800, 0x8100).replace(
        b"\x81\0\0\7", b"\x81\0\0\xc8", 1
    )
    assert record.original == len(FRAMES[0]) + 4


@pytest.mark.parametrize("tag", [None, 200])
def test_packet_without_a_link_header_gets_one_that_wireshark_reads(tag: int | None) -> None:
    kernel = Kernel(COOKED)
    number = kernel.hand_over(ring_packet(IP[0], tag=tag, kind=4))
    (record,) = kernel.decoder.take(number).records()
    inside = b"\x08\0" if tag is None else b"\x81\0\0\xc8\x08\0"
    assert record.link == COOKED
    assert record.octets == b"\0\4\0\1\0\6\2\0\0\0\0\2\0\0" + inside + IP[0]
    assert record.original == len(record.octets)


def test_packets_of_a_message_are_found_while_it_is_at_hand() -> None:
    kernel = Kernel()
    kernel.decoder.keeper = PacketKeeper()
    segments = [
        ethernet(ipv4(tcp(piece, at), TCP))
        for piece, at in ((SIP[0][:50], 1), (SIP[0][50:], 51))
    ]  # fmt: skip
    kernel.messages(kernel.hand_over(ring_packet(segments[0])))
    number = kernel.hand_over(ring_packet(segments[1]), ring_packet(FRAMES[2]))
    table = next(kernel.decoder.take(number).tables())
    found = list(packets_of(kernel.decoder, table, range(2)))
    assert [[one.octets for one in records or ()] for records in found] == [segments, [FRAMES[2]]]


def test_no_packet_of_a_block_that_was_given_back() -> None:
    kernel = Kernel()
    number = kernel.hand_over(ring_packet(FRAMES[0]))
    block = kernel.decoder.take(number)
    (position,) = [table.number(0, "position") for table in block.tables()]
    assert kernel.decoder.record_at(position, 1, 0) is not None
    kernel.decoder.give_back(number)
    assert kernel.decoder.record_at(position, 1, 0) is None
    assert list(block.records()) == []


# -- lies --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lie", [{"first": 20}, {"first": 8000}, {"length": 60}, {"length": 1 << 30}, {"first": 1 << 31}]
)
def test_block_whose_head_makes_no_sense_is_left_alone(lie: dict[str, int]) -> None:
    kernel = Kernel()
    number = kernel.lay(ring_block([ring_packet(FRAMES[0])], **lie))
    assert kernel.messages(number) == []
    assert kernel.decoder.damaged == 1
    assert kernel.decoder.batch.counts[columns.R_RECORD_DAMAGED] == 1
    assert kernel.messages(kernel.hand_over(ring_packet(FRAMES[1]))) == names(1)


def test_damage_in_a_block_ends_it_and_not_the_next() -> None:
    kernel = Kernel()
    number = kernel.hand_over(
        ring_packet(FRAMES[0]), ring_packet(FRAMES[1], captured=9000), ring_packet(FRAMES[2])
    )
    assert kernel.messages(number) == names(0)
    assert kernel.messages(kernel.hand_over(ring_packet(FRAMES[3]))) == names(3)
    assert kernel.decoder.damaged == 1


def test_what_was_not_whole_comes_at_the_end() -> None:
    kernel = Kernel()
    kernel.messages(
        kernel.hand_over(ring_packet(ethernet(ipv4(udp(SIP[0])[:200], fragment=0x2000))))
    )
    assert [len(table) for table in kernel.decoder.finish()] == [1]
