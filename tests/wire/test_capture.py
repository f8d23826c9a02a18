"""What a capture says of itself: format, byte order, clock, interfaces; and what is none."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from ringfence.wire._batch import MAX_INTERFACES, Batch
from ringfence.wire.capture import (
    HEAD_OCTETS,
    PCAP,
    PCAPNG,
    CaptureFormat,
    read_interface,
    read_pcap_header,
    read_section,
    recognise,
)
from ringfence.wire.decoder import BLOCK_OCTETS
from ringfence.wire.errors import WireError
from tests.wire_cases.compile import Packet, packets_of
from tests.wire_cases.files import NANOSECONDS, PCAPNGS, PCAPS, Pcap, Pcapng
from tests.wire_cases.reading import decode

FRAME = packets_of(
    "packet 12.5\neth\nip4 203.0.113.7 > 192.0.2.1\nudp 5071 > 5060\nsip OPTIONS one"
)[0]
SECOND = 1_000_000_000
EDITCAP = "convert it first: `editcap -F pcapng IN OUT` (Debian package wireshark-common)"
TCPDUMP = "`tcpdump -i any -s 0 -w attack.pcap port 5060`"


# -- formats that are read ---------------------------------------------------------------


@pytest.mark.parametrize("name", PCAPS)
def test_pcap_of_every_kind_is_recognised(name: str) -> None:
    octets = PCAPS[name].file([FRAME])
    assert recognise(octets[:HEAD_OCTETS]) == CaptureFormat(PCAP, 24)
    (row,) = decode(octets).rows
    assert row["time"] == FRAME.time_ns


@pytest.mark.parametrize("name", PCAPNGS)
def test_pcapng_of_every_kind_is_recognised(name: str) -> None:
    octets = PCAPNGS[name].file([FRAME])
    assert recognise(octets[:HEAD_OCTETS]) == CaptureFormat(PCAPNG, 0)
    (row,) = decode(octets).rows
    assert row["time"] == FRAME.time_ns


def test_walker_is_set_up_from_the_file_header() -> None:
    batch = Batch(bytearray(8), 1)
    read_pcap_header(batch, Pcap(NANOSECONDS, ">").header(113))
    assert (batch.big_endian, batch.fraction_ns, batch.record_header, batch.link) == (1, 1, 16, 113)
    read_pcap_header(batch, PCAPS["modified <"].header(1))
    assert (batch.big_endian, batch.fraction_ns, batch.record_header, batch.link) == (
        0,
        1000,
        24,
        1,
    )


def test_link_with_a_frame_check_sequence_is_the_link() -> None:
    """The top bits of the link number tell of four octets behind each frame."""
    octets = bytearray(Pcap().file([FRAME]))
    octets[20:24] = struct.pack("<I", 0x14000001)
    assert (
        decode(bytes(octets)).rows[0]["message"] == decode(Pcap().file([FRAME])).rows[0]["message"]
    )


def test_capture_without_a_packet() -> None:
    for octets in (
        Pcap().header(1),
        Pcapng().section(),
        Pcapng().section() + Pcapng().interface(1),
    ):
        decoded = decode(octets)
        assert (decoded.rows, decoded.damages, decoded.packets) == ([], [], 0)


# -- formats that are refused ------------------------------------------------------------


REFUSED = {
    "netmon": (b"GMBU\x00\x02", f"this is a Microsoft Network Monitor capture; {EDITCAP}"),
    "netmon 1": (b"RTSS\x01\x01", f"this is an old Microsoft Network Monitor capture; {EDITCAP}"),
    "snoop": (b"snoop\0\0\0\0\0\0\x02", f"this is a Solaris snoop capture; {EDITCAP}"),
    "ixia": (b"\xa1\xe2\xcb\x12", f"this is an IXIA hardware capture; {EDITCAP}"),
    "navtel": (b"\xa1\x2b\x3c\x4d", f"this is a Navtel capture; {EDITCAP}"),
    "sniffer": (b"TRSNIFF data    \x1a", f"this is a Sniffer capture; {EDITCAP}"),
    "netxray": (b"XCP\x00002.002\0", f"this is a NetXRay capture; {EDITCAP}"),
    "erf": (
        struct.pack("<II", 0, 0x50000000) + bytes.fromhex("02 04 0064 0000 0054") + bytes(16),
        f"this looks like an Endace ERF capture; {EDITCAP}",
    ),
    "bzip2": (b"BZh91AY&SY", "this is a bzip2 file; unpack it first: `bunzip2 FILE`"),
    "zip": (b"PK\x03\x04\x14\0", "this is a zip archive; unpack it first: `unzip FILE`"),
    "sqlite": (b"SQLite format 3\0", "this is an SQLite database; give the capture itself"),
    "log": (
        b"[2026-01-01 00:00:00] NOTICE[1]: chan_sip.c: Registration from\n",
        f"if it is a log of the phone system, capture packets instead: {TCPDUMP}",
    ),
    "text in Latin": ("Störung: größere Last".encode(), f"capture packets instead: {TCPDUMP}"),
    "bytes above 127": (
        b"\xfd7zX" + b"\xff" * 28,
        "not a capture file: it begins with fd 37 7a 58 ff",
    ),
    "empty": (b"", "the file is empty; was the capture stopped before a packet came?"),
    "random": (
        bytes.fromhex("d7a56d3cfcf9a44dc716691acdaba1b8a9126465"),
        "it begins with d7 a5 6d 3c fc f9 a4 4d, which is neither pcap nor pcapng",
    ),
    "program": (
        b"\x7fELF\x02\x01\x01\0",
        "not a capture file: it begins with 7f 45 4c 46 02 01 01 00",
    ),
    "cut pcap": (Pcap().header(1)[:23], "the pcap file header is cut off: 24 octets are needed"),
    "zeros": (bytes(64), "not a capture file: it begins with 00 00 00 00 00 00 00 00"),
}


@pytest.mark.parametrize(("octets", "advice"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_capture_is_refused_with_advice(octets: bytes, advice: str) -> None:
    with pytest.raises(WireError) as refused:
        recognise(octets[:HEAD_OCTETS])
    assert advice in str(refused.value)
    with pytest.raises(WireError) as refused:
        decode(octets)
    assert advice in str(refused.value)


def test_refusal_does_not_depend_on_how_the_octets_come() -> None:
    for octets, advice in REFUSED.values():
        with pytest.raises(WireError) as refused:
            decode(octets, step=1)
        assert advice in str(refused.value)


# -- pcapng ------------------------------------------------------------------------------


def test_sections_of_different_byte_order() -> None:
    packets = [replace(FRAME, time_ns=n * SECOND) for n in range(1, 5)]
    octets = b""
    for packet, order in zip(packets, "<><>", strict=True):
        octets += Pcapng(order, 9).file([packet])
    decoded = decode(octets)
    assert [row["time"] for row in decoded.rows] == [packet.time_ns for packet in packets]
    assert decoded.damages == []


def test_interfaces_end_with_their_section() -> None:
    way = Pcapng()
    octets = way.section() + way.interface(1) + way.section() + way.packet(FRAME)
    assert len(decode(octets).damages) == 1


def test_each_packet_is_of_the_link_of_its_interface() -> None:
    text = "packet\n{}\nip4 203.0.113.7 > 192.0.2.1\nudp 5071 > 5060\nsip OPTIONS one"
    packets = [packets_of(text.format(link))[0] for link in ("eth", "sll", "raw", "null", "sll2")]
    decoded = decode(Pcapng().file(packets))
    assert len(decoded.rows) == 5
    links = sorted(packet.link for packet in packets)
    assert [row["interface"] for row in decoded.rows] == [links.index(p.link) for p in packets]


# What if_tsresol may say: powers of ten, powers of two; with the unit that remains, in ns.
RESOLUTIONS = {
    "0": (0, SECOND), "3": (3, 1_000_000), "6": (6, 1000), "9": (9, 1), "12": (12, 1),
    "18": (18, 1), "2^-0": (0x80, SECOND), "2^-10": (0x8A, 976_563), "2^-20": (0x94, 954),
    "2^-32": (0xA0, 1),
}  # fmt: skip


@pytest.mark.parametrize(("resolution", "unit"), RESOLUTIONS.values(), ids=RESOLUTIONS)
@pytest.mark.parametrize("order", ["<", ">"])
def test_clock_of_any_resolution(order: str, resolution: int, unit: int) -> None:
    # 64 bits hold a year and a half of picoseconds.
    when = 9 * SECOND + 123_456_789 if 9 < resolution < 128 else 1_767_225_600_123_456_789
    row = decode(Pcapng(order, resolution).file([replace(FRAME, time_ns=when)])).rows[0]
    assert 0 <= when - int(row["time"]) <= unit


@pytest.mark.parametrize("resolution", [0xBF, 0xB0, 0xA1])
def test_finer_binary_clocks_lose_nothing_that_counts(resolution: int) -> None:
    when = 1 * SECOND + 123_456_789
    way = Pcapng("<", resolution)
    row = decode(way.file([replace(FRAME, time_ns=when)])).rows[0]
    assert abs(when - int(row["time"])) <= 1


@pytest.mark.parametrize("resolution", [19, 127, 0xC0, 0xFF])
def test_clock_finer_than_any_clock_is_damage(resolution: int) -> None:
    octets = Pcapng("<").section() + Pcapng("<", resolution).interface(1)
    decoded = decode(octets + Pcapng().section() + Pcapng().interface(1) + Pcapng().packet(FRAME))
    assert len(decoded.damages) == 1
    assert len(decoded.rows) == 1


@pytest.mark.parametrize("offset_s", [1_700_000_000, 1, -3600, 0])
def test_clock_that_starts_elsewhere(offset_s: int) -> None:
    """if_tsoffset: seconds to add."""
    for order in ("<", ">"):
        for resolution in (6, 9, 12, 0x94):
            when = max(offset_s, 0) * SECOND + 5 * SECOND
            way = Pcapng(order, resolution, offset_s)
            assert decode(way.file([replace(FRAME, time_ns=when)])).rows[0]["time"] == when


def test_comments_and_other_options_are_passed_over() -> None:
    way = Pcapng("<", 9)
    comment = way.option(1, "Wählversuch um 3 Uhr".encode()) + way.option(0, b"")
    octets = way.section("made by hand")
    octets += way.interface(1, way.option(2, b"eth0"), way.option(3, b"to the provider"))
    octets += way.packet(FRAME, 0, comment)
    decoded = decode(octets)
    assert (len(decoded.rows), decoded.damages) == (1, [])
    assert decoded.rows[0]["time"] == FRAME.time_ns


OTHER_BLOCKS = {
    "names": 4, "statistics": 5, "journal": 9, "secrets": 10, "custom": 0x0BAD,
    "custom 2": 0x40000BAD, "reserved": 0x7FFFFFFF, "nobody's": 0x12345678, "zero": 0,
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHER_BLOCKS.values(), ids=OTHER_BLOCKS)
def test_blocks_that_are_not_known_are_passed_over(kind: int) -> None:
    for order in ("<", ">"):
        way = Pcapng(order)
        for size in (0, 4, 1000, BLOCK_OCTETS // 2, 2 * BLOCK_OCTETS + 4):
            other = way.block(kind, bytes(size))
            octets = way.section() + other + way.interface(1) + other + way.packet(FRAME) + other
            decoded = decode(octets + way.packet(FRAME))
            assert (len(decoded.rows), decoded.damages) == (2, [])


def test_block_longer_than_any_is_damage() -> None:
    way = Pcapng()
    lie = struct.pack("<II", 0x0BAD, 16 * 1024 * 1024 + 4) + bytes(8)
    decoded = decode(way.section() + way.interface(1) + lie + way.packet(FRAME))
    assert len(decoded.damages) == 1
    assert len(decoded.rows) == 1


def test_interface_block_longer_than_the_buffer_is_damage() -> None:
    way = Pcapng()
    long = way.interface(1, way.option(1, bytes(60_000)), *[way.option(1, bytes(60_000))] * 20)
    decoded = decode(way.section() + way.interface(1) + long + way.packet(FRAME))
    assert len(decoded.damages) == 1
    assert len(decoded.rows) == 1


def test_interface_with_a_long_comment_is_read() -> None:
    way = Pcapng("<", 9)
    octets = way.section() + way.interface(1, way.option(1, b"x" * 60_000)) + way.packet(FRAME)
    for step in (None, 1000):
        assert decode(octets, step).rows[0]["time"] == FRAME.time_ns


def test_options_that_lie_about_their_length_end_the_options() -> None:
    way = Pcapng()
    lie = struct.pack("<HH", 2, 40_000) + b"eth0"
    octets = way.section() + way.block(1, struct.pack("<HHI", 1, 0, 0) + lie) + way.packet(FRAME)
    assert decode(octets).rows[0]["time"] == FRAME.time_ns


def test_options_of_the_wrong_size_are_not_believed() -> None:
    way = Pcapng()
    wrong = way.option(9, b"\x09\x09") + way.option(14, b"\x01")
    octets = way.section() + way.interface(1, wrong) + way.packet(FRAME)
    assert decode(octets).rows[0]["time"] == FRAME.time_ns


def test_section_without_a_byte_order_is_damage() -> None:
    with pytest.raises(WireError) as damaged:
        read_section(Batch(bytearray(8), 1), b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x1a\x2b\x3c\x00", 40)
    assert damaged.value.offset == 40


def test_interface_block_too_short_for_its_fields() -> None:
    with pytest.raises(WireError) as damaged:
        read_interface(Batch(bytearray(8), 1), bytes(16), 28)
    assert damaged.value.offset == 28


def test_more_interfaces_than_a_machine_has_are_refused() -> None:
    """Each takes a place in a table: a file may describe any number."""
    way = Pcapng()
    octets = way.section() + way.interface(113) * (MAX_INTERFACES - 1)
    octets += way.interface(1) + way.packet(FRAME, MAX_INTERFACES - 1)
    assert len(decode(octets).rows) == 1
    octets += way.interface(1) + way.packet(FRAME, MAX_INTERFACES)
    octets += way.packet(FRAME, MAX_INTERFACES - 1)
    decoded = decode(octets)
    assert len(decoded.rows) == 2
    assert len(decoded.damages) == 2


def test_pcapng_joined_to_pcapng_is_one_capture() -> None:
    """`cat a.pcapng b.pcapng` is a capture, and people do it."""
    two = Pcapng().file([FRAME]) + Pcapng(">").file([FRAME])
    for step in (None, 1, 7):
        assert len(decode(two, step).rows) == 2


def test_snapshot_length_cuts_the_packet_not_the_record() -> None:
    cut = Packet(FRAME.time_ns, 1, FRAME.octets[:150], len(FRAME.octets))
    for way in (Pcap(), Pcapng()):
        decoded = decode(way.file([cut, FRAME]))
        assert len(decoded.rows) == 2
        assert decoded.counts == {"R_CUT_PACKETS": 1}
