"""After damage: the next record, found by chaining and never by trust."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from ringfence.wire._batch import Batch
from ringfence.wire._pcap import MAX_CAPTURED
from ringfence.wire.capture import read_pcap_header
from ringfence.wire.resync import CHAIN, next_block, next_record
from tests.wire_cases.compile import Packet, packets_of
from tests.wire_cases.files import PCAPS, Pcap, Pcapng

BEGAN = 1_767_225_600_000_000_000
FRAME = packets_of("packet\neth\nip4 203.0.113.7 > 192.0.2.1\nudp 5071 > 5060\nsip OPTIONS one")[0]
PACKETS = [replace(FRAME, time_ns=BEGAN + n * 10**9) for n in range(8)]
JUNK = random.Random(7).randbytes(3000)  # noqa: S311  seeded on purpose


def batch_of(way: Pcap, last_time: int = BEGAN) -> Batch:
    batch = Batch(bytearray(8), 1)
    read_pcap_header(batch, way.header(1))
    batch.last_time = last_time
    return batch


def records(way: Pcap, packets: list[Packet]) -> bytes:
    return b"".join(way.record(packet) for packet in packets)


def seek(way: Pcap, octets: bytes, *, final: bool = True, start: int = 0) -> tuple[int, bool]:
    return next_record(batch_of(way), bytearray(octets), start, len(octets), final)


@pytest.mark.parametrize("way", PCAPS.values(), ids=PCAPS)
def test_first_of_a_chain_of_records(way: Pcap) -> None:
    assert seek(way, JUNK + records(way, PACKETS)) == (len(JUNK), True)
    assert seek(way, records(way, PACKETS)) == (0, True)


@pytest.mark.parametrize("way", PCAPS.values(), ids=PCAPS)
def test_nothing_in_noise(way: Pcap) -> None:
    assert seek(way, JUNK) == (len(JUNK), False)
    assert seek(way, b"") == (0, False)


def test_shorter_chains_count_where_the_capture_ends() -> None:
    way = Pcap()
    assert seek(way, JUNK + records(way, PACKETS[:2])) == (len(JUNK), True)
    octets = JUNK + records(way, PACKETS[:1])
    assert seek(way, octets) == (len(octets), False)


def test_search_waits_where_more_octets_may_come() -> None:
    """Then it goes on from there: the answer does not depend on how the octets came."""
    way = Pcap()
    octets = JUNK + records(way, PACKETS)
    enough = len(JUNK) + len(records(way, PACKETS[: CHAIN - 1])) + 16
    for end in range(1, len(octets), 7):
        at, found = seek(way, octets[:end], final=False)
        assert at <= len(JUNK)
        assert found == (end >= enough)
        assert seek(way, octets, start=at) == (len(JUNK), True)


@pytest.mark.parametrize(
    "lie",
    [
        replace(FRAME, time_ns=BEGAN + 8 * 86_400 * 10**9),
        replace(FRAME, time_ns=BEGAN - 8 * 86_400 * 10**9),
        replace(PACKETS[0], original=len(FRAME.octets) - 1),
        replace(PACKETS[0], original=MAX_CAPTURED + 1),
        replace(PACKETS[0], octets=b"x" * 13, original=13),
    ],
    ids=["days later", "days before", "more captured than there was", "enormous", "no frame"],
)
def test_record_that_does_not_fit_its_neighbours_is_none(lie: Packet) -> None:
    way = Pcap()
    octets = records(way, [lie]) + records(way, PACKETS)
    assert seek(way, octets) == (len(records(way, [lie])), True)


def test_fraction_beyond_a_second_is_none() -> None:
    way = Pcap()
    octets = bytearray(records(way, PACKETS))
    octets[4:8] = (1_000_000).to_bytes(4, "little")
    assert seek(way, bytes(octets)) == (len(way.record(FRAME)), True)


def test_clock_is_not_asked_before_it_was_seen() -> None:
    way = Pcap()
    octets = bytearray(records(way, PACKETS))
    assert next_record(batch_of(way, 0), octets, 0, len(octets)) == (0, True)


@pytest.mark.parametrize("order", ["<", ">"])
def test_next_block_has_two_lengths_that_agree(order: str) -> None:
    way = Pcapng(order)
    batch = Batch(bytearray(8), 1)
    batch.big_endian = int(order == ">")
    for block in (
        way.packet(FRAME),
        way.simple_packet(FRAME),
        way.obsolete_packet(FRAME),
        way.section(),
    ):
        octets = bytearray(JUNK + block + block)
        assert next_block(batch, octets, 0, len(octets)) == (len(JUNK), True)
        broken = bytearray(JUNK + block[:-1] + b"\xee" + block)
        assert next_block(batch, broken, 0, len(broken)) == (len(JUNK) + len(block), True)
        cut = bytearray(JUNK + block[:-4])
        assert next_block(batch, cut, 0, len(cut), final=False) == (len(JUNK), False)
        assert next_block(batch, cut, 0, len(cut)) == (len(cut), False)


def test_next_section_may_be_of_the_other_byte_order() -> None:
    batch = Batch(bytearray(8), 1)
    octets = bytearray(JUNK + Pcapng(">").file([FRAME]))
    assert next_block(batch, octets, 0, len(octets)) == (len(JUNK), True)
