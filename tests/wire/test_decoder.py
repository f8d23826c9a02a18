"""Octets in, tables out: however they are fed, whatever must be put together on the way."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from ringfence.wire import _columns as columns
from ringfence.wire.decoder import ARENA_OCTETS, BLOCK_OCTETS, Decoder
from ringfence.wire.errors import WireError
from ringfence.wire.gathering import MAX_DEPTH
from tests.wire_cases.compile import Case, Packet, cases, message, packets_of
from tests.wire_cases.files import WAYS, Pcap, Pcapng
from tests.wire_cases.reading import decode, describe, row_of, tables

CASES = cases()
TUNNEL = "packet\neth\nip4 203.0.113.7 > 192.0.2.1\nudp 5071 > 5060\nsip OPTIONS one"
FRAME = packets_of(TUNNEL)[0]


def name_of(case: Case) -> str:
    return case.name.removesuffix(".txt")


# -- feeding -------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_rows_do_not_depend_on_the_pieces_that_came(case: Case) -> None:
    octets = Pcapng().file(case.packets)
    whole = decode(octets)
    for step in (1, 7, 1000):
        assert decode(octets, step) == whole


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_damage_does_not_depend_on_the_pieces_that_came(way: Pcap | Pcapng) -> None:
    packets = [replace(FRAME, time_ns=10**18 + n * 10**9) for n in range(20)]
    octets = way.file(packets)
    third = len(octets) // 3
    damaged = octets[:third] + b"\xff" * 50 + octets[third : 2 * third] + octets[2 * third + 60 :]
    whole = decode(damaged)
    assert len(whole.damages) == 2
    for step in (1, 7, 1000):
        assert decode(damaged, step) == whole


def test_room_is_never_empty() -> None:
    """A record as long as any, fed by octets: the buffer holds it and more."""
    longest = replace(FRAME, octets=FRAME.octets.ljust(262_144, b"\0"))
    octets = Pcapng().file([longest, FRAME, longest, longest, longest])
    decoder = Decoder()
    at = rows = 0
    while at < len(octets):
        room = decoder.room()
        assert 0 < len(room) <= BLOCK_OCTETS
        size = min(len(room), 60_000)
        room[:size] = octets[at : at + size].ljust(size, b"\0")
        rows += sum(len(table) for table in decoder.decode(min(size, len(octets) - at)))
        at += size
    rows += sum(len(table) for table in decoder.decode(0, last=True))
    assert rows == 5


def test_nothing_at_all_is_an_error() -> None:
    with pytest.raises(WireError, match="empty"):
        list(Decoder().decode(0, last=True))


def test_first_octets_wait_for_the_others() -> None:
    decoder = Decoder()
    octets = Pcap().file([FRAME])
    decoder.room()[:20] = octets[:20]
    assert list(decoder.decode(20)) == []
    assert decoder.format is None
    assert len(decoder.room()) == BLOCK_OCTETS - 20


# -- tables --------------------------------------------------------------------------------


def test_more_rows_than_a_table_holds() -> None:
    octets = Pcap().file([replace(FRAME, time_ns=n) for n in range(2500)])
    sizes = []
    for table in tables(Decoder(1024), octets):
        assert {table.message(row) for row in table.rows()} == {message("OPTIONS", "one")}
        sizes.append(len(table))
    assert max(sizes) <= 1024
    assert sum(sizes) == 2500


@pytest.mark.parametrize("rows", [1, 2, 3, 1000])
def test_size_of_tables_changes_nothing(rows: int) -> None:
    for case in CASES:
        assert decode(Pcapng().file(case.packets), rows=rows).lines == case.expected


def test_more_put_together_than_the_arena_holds() -> None:
    """Its octets go where a table's rows point: the table is handed out first."""
    body = "x" * 60_000
    text = "OPTIONS sip:{n}@a SIP/2.0\r\nCall-ID: {n}\r\nContent-Length: 60000\r\n\r\n{body}"
    head = "packet\nraw\nip6 2001:db8::7 > 2001:db8::1 length=0\ntcp 40000 > 5060"
    frames = packets_of("\n".join([head] * 30))
    packets, sequence = [], 1000
    for n, frame in enumerate(frames):
        payload = text.format(n=n, body=body).encode()
        octets = bytearray(frame.octets + payload)
        octets[44:48] = struct.pack(">I", sequence)
        sequence += len(payload)
        packets.append(Packet(n + 1, frame.link, bytes(octets), len(octets)))
    assert 30 * len(body) > 2 * ARENA_OCTETS
    for step in (None, 100_000):
        decoded = decode(Pcap().file(packets), step, rows=1024)
        assert [row["call_id"] for row in decoded.rows] == [b"%d" % n for n in range(30)]
        assert all(octets.endswith(b"x" * 60_000) for octets in decoded.texts)


def test_table_is_valid_until_the_next() -> None:
    """Messages of both kinds in one table: from the buffer, and put together behind it."""
    text = """
packet
eth
ip4 203.0.113.7 > 192.0.2.1
tcp 40000 > 5060 split=50,100
sip OPTIONS one

packet
eth
ip4 203.0.113.7 > 192.0.2.1
udp 5071 > 5060
sip OPTIONS two

packet
eth
ip4 203.0.113.7 > 192.0.2.1 split=80
udp 5071 > 5060
sip OPTIONS three
"""
    table = next(tables(Decoder(), Pcap().file(packets_of(text))))
    assert [table.message(row) for row in table.rows()] == [
        message("OPTIONS", name) for name in ("one", "two", "three")
    ]
    table.fill_parts()
    assert [describe(row_of(table, row)).split()[-1] for row in table.rows()] == [
        "one", "two", "three"]  # fmt: skip


# -- what is put together ------------------------------------------------------------------


def test_message_in_segments_stands_at_its_last_packet() -> None:
    text = (
        "packet 7\neth\nip4 203.0.113.7 > 192.0.2.1\ntcp 40000 > 5060 split=50,100\nsip OPTIONS one"
    )
    (row,) = decode(Pcap().file(packets_of(text))).rows
    assert (row["packet"], row["time"], row["transport"]) == (3, 7_000_000_000, columns.T_TCP)
    assert row["ip_version"] == 4


def test_datagram_in_fragments_stands_at_the_packet_that_made_it_whole() -> None:
    text = """
packet 7
eth
ip6 2001:db8::7 > 2001:db8::1
frag split=80,160
udp 5071 > 5060
sip OPTIONS one
"""
    (row,) = decode(Pcap().file(packets_of(text))).rows
    assert (row["packet"], row["time"], row["ip_version"]) == (3, 7_000_000_000, 6)


def test_packet_after_one_put_together_keeps_nothing_of_it() -> None:
    text = """
packet
eth
ip4 198.51.100.9 > 198.51.100.8 split=80,160
udp 1 > 2
sip OPTIONS one

packet cut=260
eth
ip4 203.0.113.7 > 192.0.2.1
udp 5071 > 5060
sip OPTIONS two

packet
eth
ip4 203.0.113.7 > 192.0.2.1
udp 5071 > 5060
sip OPTIONS three
"""
    lines = decode(Pcap().file(packets_of(text))).lines
    assert lines[0] == "udp 198.51.100.9:1 > 198.51.100.8:2 OPTIONS one"
    assert lines[1].startswith("udp 203.0.113.7:5071 > 192.0.2.1:5060 OPTIONS two CUT_BY_CAPTURE")
    assert lines[2] == "udp 203.0.113.7:5071 > 192.0.2.1:5060 OPTIONS three"


def test_fragments_in_fragments_to_a_bound() -> None:
    """Each level is put together anew: an endless nest would be endless work."""
    for depth, counted in ((MAX_DEPTH + 1, False), (MAX_DEPTH + 2, True)):
        levels = [f"ip4 203.0.113.7 > 192.0.2.1 id={n} split=8" for n in range(depth)]
        text = "\n".join(["packet", "raw", *levels, "udp 5071 > 5060", "sip OPTIONS one"])
        decoded = decode(Pcap().file(packets_of(text)))
        assert ("R_LAYERS_TOO_MANY" in decoded.counts) is counted
        assert len(decoded.rows) == (not counted)


def test_end_of_the_capture_gives_what_still_waits() -> None:
    text = """
packet order=0
eth
ip4 203.0.113.7 > 192.0.2.1 split=200
udp 5071 > 5060
sip OPTIONS one

packet order=0
eth
ip4 203.0.113.7 > 192.0.2.1
tcp 40000 > 5060 split=200
sip OPTIONS two

packet order=1
eth
ip4 203.0.113.7 > 192.0.2.1
tcp 40001 > 5060 split=1
sip OPTIONS three

packet
eth
ip4 203.0.113.7 > 192.0.2.1
tcp 40001 > 5060
sip OPTIONS four
"""
    rows = decode(Pcap().file(packets_of(text))).rows
    assert {bytes(row["call_id"]).partition(b"@")[0] for row in rows} >= {
        b"one", b"two", b"four"}  # fmt: skip


def test_media_flows_are_counted_for_call_lengths() -> None:
    rtp = "packet {at}\neth\nip4 203.0.113.7 > 192.0.2.1\nudp 40000 > 40002\n= 80" + " 00" * 40
    packets = packets_of("\n".join(rtp.format(at=at) for at in (10, 11, 12)))
    decoder = Decoder()
    assert list(tables(decoder, Pcap().file(packets))) == []
    flows = [decoder.batch.media[o : o + 4] for o in range(0, len(decoder.batch.media), 4)]
    ((_, count, first, last),) = [flow for flow in flows if flow[0]]
    assert (count, first, last) == (3, 10_000_000_000, 12_000_000_000)


# -- counters ------------------------------------------------------------------------------


def test_every_packet_is_counted_once() -> None:
    for case in CASES:
        assert decode(Pcapng().file(case.packets)).packets == len(case.packets)
