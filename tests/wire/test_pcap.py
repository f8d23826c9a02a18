"""Records of pcap and pcapng: walked, damaged, cut, still being written."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from ringfence.wire import _columns as columns
from ringfence.wire._batch import Batch
from ringfence.wire._pcap import MAX_CAPTURED, take, walk_pcap, walk_pcapng
from ringfence.wire.decoder import MAX_RESYNCS, Decoder
from tests.wire_cases.compile import Packet, packets_of
from tests.wire_cases.files import PCAPS, WAYS, Pcap, Pcapng
from tests.wire_cases.reading import decode, tables

FRAME = packets_of("packet\neth\nip4 203.0.113.7 > 192.0.2.1\nudp 5071 > 5060\nsip OPTIONS one")[0]
SECOND = 1_000_000_000
BEGAN = 1_767_225_600 * SECOND  # 2026
PACKETS = [replace(FRAME, time_ns=BEGAN + n * SECOND + n * 1000) for n in range(12)]
ALL = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)


def record_sizes(way: Pcap | Pcapng) -> tuple[int, int]:
    """Octets in front of the first record, and of each record."""
    none, one, two = (len(way.file(PACKETS[:n])) for n in range(3))
    return (one - (two - one), two - one) if none < one else (none, two - one)


@ALL
def test_each_record_gives_its_time_number_and_position(way: Pcap | Pcapng) -> None:
    head, size = record_sizes(way)
    rows = decode(way.file(PACKETS)).rows
    assert [row["time"] for row in rows] == [packet.time_ns for packet in PACKETS]
    assert [row["packet"] for row in rows] == list(range(1, 13))
    assert [row["position"] for row in rows] == [head + n * size for n in range(12)]


def test_nanoseconds_are_kept() -> None:
    odd = [replace(FRAME, time_ns=BEGAN + 123_456_789)]
    assert decode(PCAPS["ns <"].file(odd)).rows[0]["time"] == BEGAN + 123_456_789
    assert decode(PCAPS["us <"].file(odd)).rows[0]["time"] == BEGAN + 123_456_000


def test_clock_past_2038_is_no_sign() -> None:
    late = [replace(FRAME, time_ns=(2**32 - 1) * SECOND)]
    assert decode(Pcap().file(late)).rows[0]["time"] == (2**32 - 1) * SECOND


@pytest.mark.parametrize("name", ["us <", "modified >", "pcapng < 9"])
def test_file_cut_at_every_octet_of_its_last_record(name: str) -> None:
    way = WAYS[name]
    whole = way.file(PACKETS[:3])
    _, size = record_sizes(way)
    last = decode(whole).rows[2]
    for cut in range(1, size + 1):
        decoded = decode(whole[:-cut])
        assert decoded.damages == []
        assert 2 <= len(decoded.rows) <= 3
        for row in decoded.rows[2:]:
            assert bytes(last["message"]).startswith(bytes(row["message"]))
            assert [row[name] for name in ("packet", "time", "position", "interface")] == [
                last[name] for name in ("packet", "time", "position", "interface")
            ]
            is_cut = row["message"] != last["message"]
            assert decoded.counts == ({"R_CUT_PACKETS": 1} if is_cut else {})


def test_cut_packet_of_every_kind_is_used() -> None:
    for order in ("<", ">"):
        way = Pcapng(order)
        head = way.section() + way.interface(113) + way.interface(1)
        kinds = (way.packet(PACKETS[1], 1), way.obsolete_packet(PACKETS[1], 1))
        for block in kinds:
            (row,) = decode(head + block[:-60]).rows
            assert (row["time"], row["interface"]) == (PACKETS[1].time_ns, 1)
        head = way.section() + way.interface(1) + way.packet(PACKETS[0])
        row = decode(head + way.simple_packet(FRAME)[:-60]).rows[1]
        assert (row["time"], row["interface"]) == (PACKETS[0].time_ns, 0)


def test_last_packet_is_used_as_far_as_it_goes() -> None:
    for way in WAYS.values():
        decoded = decode(way.file(PACKETS[:2])[:-40])
        assert [row["method"] for row in decoded.rows] == [columns.M_OPTIONS] * 2
        assert decoded.rows[1]["call_id"] == b"one@203.0.113.7"


@ALL
def test_growing_file_gives_each_record_when_it_is_whole(way: Pcap | Pcapng) -> None:
    octets = way.file(PACKETS[:3])
    head, size = record_sizes(way)
    decoder, seen = Decoder(), []
    for at in range(len(octets)):
        decoder.room()[0] = octets[at]
        seen += [at for table in decoder.decode(1) for _ in table.rows()]
    assert list(decoder.decode(0, last=True)) == []
    assert seen == [head + n * size - 1 for n in (1, 2, 3)]


@ALL
@pytest.mark.parametrize("broken", [0, 3, 10])
def test_damaged_record_costs_itself_alone(way: Pcap | Pcapng, broken: int) -> None:
    """Its length became enormous: found again at the next record, and said where."""
    head, size = record_sizes(way)
    octets = bytearray(way.file(PACKETS))
    at = head + broken * size
    where = at + (8 if isinstance(way, Pcap) else 4)
    octets[where : where + 4] = b"\x7f\xff\xff\xfd"
    decoded = decode(bytes(octets))
    wanted = [n + 1 for n in range(12) if n != broken]
    if broken == 10 and isinstance(way, Pcap):
        wanted = wanted[:10]  # one record alone is not believed
        assert decoded.damages == [(at, 2 * size)]
    else:
        assert decoded.damages == [(at, size)]
    times = [(int(row["time"]) - BEGAN) // SECOND + 1 for row in decoded.rows]
    assert times == wanted
    assert decoded.counts == {"R_RECORD_DAMAGED": 1}


@ALL
def test_octets_lost_in_the_middle_of_a_file(way: Pcap | Pcapng) -> None:
    """A disk block of zeros, or nothing at all, where records were."""
    head, size = record_sizes(way)
    octets = way.file(PACKETS)
    start = head + 3 * size - 100
    for hole in (bytes(512), b"", bytes(range(256))):
        decoded = decode(octets[:start] + hole + octets[start + 512 :])
        assert len(decoded.damages) <= 2
        assert {row["time"] for row in decoded.rows} >= {
            p.time_ns for p in PACKETS[:2] + PACKETS[6:]
        }


def test_fraction_of_a_second_may_not_be_a_second() -> None:
    for name, unit in (("us <", 1_000_000), ("ns <", SECOND)):
        good = PCAPS[name].file(PACKETS)
        bad = bytearray(good)
        bad[24 + 4 : 24 + 8] = struct.pack("<I", unit)
        assert decode(bytes(bad)).damages[0][0] == 24
        bad[24 + 4 : 24 + 8] = struct.pack("<I", unit - 1)
        assert decode(bytes(bad)).damages == []


def test_longest_packet_is_believed_a_longer_one_is_not() -> None:
    fits = replace(FRAME, octets=FRAME.octets.ljust(MAX_CAPTURED, b"\0"))
    over = replace(FRAME, octets=FRAME.octets.ljust(MAX_CAPTURED + 4, b"\0"))
    for way in WAYS.values():
        assert len(decode(way.file([fits, FRAME])).rows) == 2
    for way in PCAPS.values():
        assert decode(way.file([over, *PACKETS])).damages[0][0] == 24


def test_too_much_damage_ends_the_walk_and_says_so() -> None:
    way = Pcap()
    octets = way.header(1)
    for _ in range(MAX_RESYNCS + 5):
        octets += b"\xff" * 50 + b"".join(way.record(packet) for packet in PACKETS[:5])
    decoder = Decoder()
    rows = sum(len(table) for table in tables(decoder, octets))
    assert rows == MAX_RESYNCS * 5
    assert len(decoder.damages) == MAX_RESYNCS + 1
    last = decoder.damages[-1]
    assert last.offset + last.skipped == len(octets)
    assert f"gave up after {MAX_RESYNCS} damaged places" in last.describe()


def test_damage_names_its_place() -> None:
    octets = Pcap().file(PACKETS[:6]) + b"\xff" * 70 + Pcap().file(PACKETS)[24:]
    decoder = Decoder()
    list(tables(decoder, octets))
    (damage,) = decoder.damages
    at = len(Pcap().file(PACKETS[:6]))
    assert damage.describe() == (f"at octet {at}: record header makes no sense; 70 octets skipped")


def test_interface_that_was_never_described_is_damage() -> None:
    way = Pcapng()
    octets = way.section() + way.interface(1)
    octets += b"".join(way.packet(packet, n == 3) for n, packet in enumerate(PACKETS))
    decoded = decode(octets)
    assert len(decoded.damages) == 1
    assert len(decoded.rows) == 11


def test_packet_without_any_interface_is_damage() -> None:
    way = Pcapng()
    decoded = decode(way.section() + way.simple_packet(FRAME) + way.packet(FRAME))
    assert decoded.rows == []
    assert len(decoded.damages) >= 1


def test_packet_longer_than_its_block_is_damage() -> None:
    way = Pcapng()
    block = bytearray(way.packet(FRAME))
    block[20:24] = struct.pack("<I", len(block) - 28)
    octets = way.section() + way.interface(1) + bytes(block) + way.packet(FRAME) * 2
    decoded = decode(octets)
    assert decoded.damages == [(len(way.section() + way.interface(1)), len(block))]
    assert len(decoded.rows) == 2


def test_blocks_of_every_packet_kind_are_read() -> None:
    for order in ("<", ">"):
        way = Pcapng(order)
        octets = way.section() + way.interface(113) + way.interface(1)
        octets += way.obsolete_packet(PACKETS[0], 1) + way.packet(PACKETS[1], 1)
        assert [row["time"] for row in decode(octets).rows] == [p.time_ns for p in PACKETS[:2]]
        assert [row["interface"] for row in decode(octets).rows] == [1, 1]


def test_simple_packet_stands_at_the_time_of_the_one_before() -> None:
    """It has none of its own, and is of the first interface."""
    way = Pcapng()
    octets = way.section() + way.interface(1) + way.packet(PACKETS[5]) + way.simple_packet(FRAME)
    rows = decode(octets).rows
    assert [row["time"] for row in rows] == [PACKETS[5].time_ns] * 2
    assert rows[1]["message"] == rows[0]["message"]


def test_simple_packet_cut_by_the_snapshot_length() -> None:
    way = Pcapng()
    cut = Packet(0, 1, FRAME.octets[:200], len(FRAME.octets))
    decoded = decode(way.section() + way.interface(1) + way.simple_packet(cut))
    assert decoded.counts == {"R_CUT_PACKETS": 1}
    assert decoded.rows[0]["method"] == columns.M_OPTIONS


def test_length_that_swallows_the_records_behind_it_is_damage() -> None:
    """More plausible than enormous, and as false: they are found inside of it."""
    for way, at in ((Pcap(), 8), (Pcapng(), 4)):
        head, size = record_sizes(way)
        octets = bytearray(way.file(PACKETS))
        where = head + 2 * size + at
        octets[where : where + 4] = struct.pack("<I", 200_000)
        decoded = decode(bytes(octets))
        assert decoded.damages == [(head + 2 * size, size)]
        assert len(decoded.rows) == 11


def test_block_that_ends_with_another_length_is_damage() -> None:
    """It would swallow what stands behind it."""
    way = Pcapng()
    block = bytearray(way.packet(PACKETS[0]))
    twice = struct.pack("<I", 2 * len(block))
    for kind in (b"", struct.pack("<I", 0x0BAD)):
        lie = kind + bytes(block[len(kind) : 4]) + twice + bytes(block[8:])
        octets = way.section() + way.interface(1) + lie + way.packet(PACKETS[1]) * 3
        decoded = decode(octets)
        assert decoded.damages == [(len(way.section() + way.interface(1)), len(block))]
        assert len(decoded.rows) == 3


def test_full_rows_stop_the_walk_before_the_next_record() -> None:
    for way in WAYS.values():
        assert decode(way.file(PACKETS), rows=5).lines == decode(way.file(PACKETS)).lines


def test_walkers_say_what_they_stopped_for() -> None:
    octets = bytearray(b"".join(Pcap().record(packet) for packet in PACKETS))
    batch = Batch(octets, 4)
    at = walk_pcap(batch, 0, len(octets))
    assert (batch.stop, batch.n, at) == (columns.STOP_FULL, 4, len(octets) // 3)
    batch.n = 0
    assert walk_pcap(batch, at, len(octets) // 2 + 9) == len(octets) // 2
    assert batch.stop == columns.STOP_NEED_MORE
    block = bytearray(Pcapng().section())
    batch = Batch(block, 4)
    assert walk_pcapng(batch, 0, len(block)) == 0
    assert batch.stop == columns.STOP_BLOCK


def test_packets_are_counted_and_dated_whatever_they_carry() -> None:
    batch = Batch(bytearray(64), 1)
    for time in (7, 5, 9):
        batch.time = time
        assert take(batch, 0, 10, 20, 105) == 0
    assert (batch.packets, batch.first_time, batch.last_time) == (3, 5, 9)
    assert batch.counts[columns.R_CUT_PACKETS] == 3
