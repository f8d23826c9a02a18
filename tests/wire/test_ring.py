"""The walk over a block of an interface's ring: what the kernel writes, and lies."""

from __future__ import annotations

import sys

import pytest

from fuzz.packets import ethernet, ipv4, ipv6, ring_block, ring_packet, udp
from ringfence.wire import _columns as columns
from ringfence.wire._batch import Batch
from ringfence.wire._ring import HEAD_OCTETS, LOOPBACK, OUTGOING, walk_ring
from tests.wire_cases.compile import message

HEAD = 48
SIP = message("OPTIONS", "one")
FRAME = ethernet(ipv4(udp(SIP)))
COOKED = 113


def walked(block: bytes, *, link: int = 1, rows: int = 16, start: int = HEAD) -> tuple[Batch, int]:
    """A batch after one walk over the block, and where the walk ended."""
    batch = Batch(bytearray(block), rows)
    batch.link = link
    batch.big_endian = int(sys.byteorder == "big")
    return batch, walk_ring(batch, start, len(block))


def numbers(batch: Batch, column: int) -> list[int]:
    return [batch.slots[row * columns.SLOT_WIDTH + column] for row in range(batch.n)]


def wides(batch: Batch, column: int) -> list[int]:
    return [batch.wide[row * columns.WIDE_WIDTH + column] for row in range(batch.n)]


def test_each_packet_gives_its_time_number_and_position() -> None:
    packets = [ring_packet(FRAME, number=n) for n in range(5)]
    block = ring_block(packets)
    batch, end = walked(block)
    assert (batch.stop, end) == (columns.STOP_NEED_MORE, len(block))
    assert wides(batch, columns.TIME) == [(1_700_000_000 + n) * 10**9 + n for n in range(5)]
    assert wides(batch, columns.PACKET) == [1, 2, 3, 4, 5]
    assert wides(batch, columns.POSITION) == [HEAD + n * len(packets[0]) for n in range(5)]
    assert (batch.first_time, batch.last_time) == (17 * 10**17, 17 * 10**17 + 4 * 10**9 + 4)


def test_rows_say_which_interface_a_packet_came_by() -> None:
    batch, _ = walked(ring_block([ring_packet(FRAME)]))
    assert numbers(batch, columns.INTERFACE) == [2]


def test_full_rows_stop_before_the_next_packet() -> None:
    packets = [ring_packet(FRAME, number=n) for n in range(3)]
    block = ring_block(packets)
    batch, end = walked(block, rows=2)
    assert (batch.stop, batch.n, end) == (columns.STOP_FULL, 2, HEAD + 2 * len(packets[0]))
    batch.n = 0
    assert walk_ring(batch, end, len(block)) == len(block)
    assert wides(batch, columns.PACKET) == [3]


def test_packet_that_needs_help_is_handed_over_and_passed() -> None:
    first = ring_packet(ethernet(ipv4(udp(SIP)[:64], fragment=0x2000)))
    block = ring_block([first, ring_packet(FRAME)])
    batch, end = walked(block)
    assert (batch.stop, end) == (columns.STOP_FRAGMENT, HEAD + len(first))
    assert bytes(block[batch.help_start : batch.help_end]) == udp(SIP)[:64]
    assert walk_ring(batch, end, len(block)) == len(block)
    assert batch.n == 1


def test_loopback_shows_a_packet_as_it_leaves_and_as_it_arrives_and_it_counts_once() -> None:
    block = ring_block(
        [ring_packet(FRAME, kind=kind, hardware=LOOPBACK) for kind in (OUTGOING, 0, OUTGOING, 0)]
    )
    batch, end = walked(block)
    assert (batch.n, batch.packets, end) == (2, 2, len(block))


def test_loopback_packet_that_leaves_last_ends_the_block() -> None:
    block = ring_block([ring_packet(FRAME, kind=OUTGOING, hardware=LOOPBACK)])
    batch, end = walked(block)
    assert (batch.stop, batch.packets, end) == (columns.STOP_NEED_MORE, 0, len(block))


def test_our_own_replies_on_a_wire_are_read() -> None:
    batch, _ = walked(ring_block([ring_packet(FRAME, kind=OUTGOING)]))
    assert batch.n == 1


@pytest.mark.parametrize(
    ("protocol", "octets"), [(0x0800, ipv4(udp(SIP))), (0x86DD, ipv6(udp(SIP)))]
)
def test_packets_whose_link_the_kernel_took_off(protocol: int, octets: bytes) -> None:
    batch, _ = walked(ring_block([ring_packet(octets, protocol=protocol)]), link=COOKED)
    assert numbers(batch, columns.IP_VERSION) == [4 if protocol == 0x0800 else 6]


def test_protocol_that_is_none_of_ip_is_counted() -> None:
    batch, _ = walked(ring_block([ring_packet(bytes(28), protocol=0x0806)]), link=COOKED)
    assert (batch.n, batch.counts[columns.R_NOT_IP]) == (0, 1)


def test_packet_cut_by_the_kernel_is_marked() -> None:
    batch, _ = walked(ring_block([ring_packet(FRAME, original=len(FRAME) + 9)]))
    assert batch.counts[columns.R_CUT_PACKETS] == 1


# -- lies --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lie",
    [
        {"following": 1 << 20},
        {"following": 0xFFFFFFFF},
        {"following": 1},
        {"following": HEAD_OCTETS},
        {"captured": 5000},
        {"captured": 0xFFFFFFFF},
        {"start": HEAD_OCTETS - 1},
        {"start": 0},
        {"fraction": 1_000_000_000},
    ],
    ids=str,
)
def test_packet_that_lies_ends_the_block(lie: dict[str, int]) -> None:
    """What was read before it stays, what it points at is never read."""
    sound = ring_packet(FRAME)
    start = lie.get("start", 82)
    liar = ring_packet(FRAME, **(lie | {"start": max(start, HEAD_OCTETS)}))
    liar = liar[:24] + start.to_bytes(2, sys.byteorder) + liar[26:]
    batch, end = walked(ring_block([sound, liar, sound]))
    assert (batch.stop, batch.n, end) == (columns.STOP_DAMAGED, 1, HEAD + len(sound))


def test_chain_that_leads_to_the_middle_of_nothing_ends() -> None:
    """Each step goes forward by a header at least: no block goes round in circles."""
    steps = b"".join(
        ring_packet(b"", start=HEAD_OCTETS, following=HEAD_OCTETS)[:HEAD_OCTETS] for _ in range(40)
    )
    block = ring_block([]) + steps
    batch, end = walked(block)
    assert (batch.packets, end) == (40, len(block))


def test_header_cut_by_the_end_is_damage() -> None:
    packets = [ring_packet(FRAME), ring_packet(FRAME)]
    block = ring_block(packets)[: HEAD + len(packets[0]) + 40]
    batch, end = walked(block)
    assert (batch.stop, batch.n, end) == (columns.STOP_DAMAGED, 1, HEAD + len(packets[0]))


def test_empty_block_is_no_damage() -> None:
    batch, end = walked(ring_block([]))
    assert (batch.stop, end) == (columns.STOP_NEED_MORE, HEAD)
