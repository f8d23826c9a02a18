"""Layers off a packet: every link, tunnel and carrier, and headers that lie about them."""

from __future__ import annotations

import pytest

from ringfence.wire import _columns as columns
from ringfence.wire._batch import Batch
from ringfence.wire._packet import MAX_LAYERS, datagram, hep, message_piece, packet
from ringfence.wire._pcap import take
from tests.wire_cases.compile import Case, Packet, cases, message, packets_of
from tests.wire_cases.files import WAYS, Pcapng
from tests.wire_cases.reading import REASONS, counts_of, decode

CASES = cases()
WHOLE_UDP = packets_of(
    "packet\neth\nip4 203.0.113.7 > 192.0.2.1\nudp 5071 > 5060\nsip OPTIONS one"
)[0]
HELP = (columns.STOP_TCP, columns.STOP_FRAGMENT, columns.STOP_HEP)


def name_of(case: Case) -> str:
    return case.name.removesuffix(".txt")


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_case(case: Case) -> None:
    decoded = decode(Pcapng().file(case.packets))
    assert decoded.lines == case.expected
    assert decoded.damages == []


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_the_way_a_capture_is_written_changes_nothing(case: Case) -> None:
    links = {captured.link for captured in case.packets}
    for way in WAYS.values():
        if len(links) == 1 or isinstance(way, Pcapng):
            assert decode(way.file(case.packets)).lines == case.expected


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_cut_at_every_octet_a_packet_is_counted_or_used(case: Case) -> None:
    """And what stands behind the packet in the buffer changes nothing."""
    for captured in case.packets:
        for size in range(len(captured.octets)):
            ended = outcome(captured, size, b"\0" * 64)
            assert ended == outcome(captured, size, captured.octets[size:] + message("BYE", "x"))
            stop, rows, counts = ended
            counts.pop("R_CUT_PACKETS")
            assert rows + (stop in HELP) == 1 or sum(counts.values()) == 1


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_any_octet_of_a_header_may_be_anything(case: Case) -> None:
    """Each of the first octets becomes 0, 255 and its opposite: a count, a row or a request."""
    for captured in case.packets:
        for at in range(min(len(captured.octets), 80)):
            for octet in (0, 255, captured.octets[at] ^ 255):
                octets = captured.octets[:at] + bytes([octet]) + captured.octets[at + 1 :]
                changed = Packet(0, captured.link, octets, captured.original)
                stop, rows, _ = outcome(changed, len(octets), b"")
                assert stop in (0, *HELP)
                assert rows <= 1


def test_link_numbers_that_are_not_known_are_counted() -> None:
    for link in (2, 105, 147, 276 + 65536, 2**28 - 1):
        batch = Batch(bytearray(64), 1)
        assert packet(batch, 0, 64, link) == 0
        assert counts_of(batch) == {"R_LINK_UNKNOWN": 1}


def test_more_layers_than_a_network_has_are_refused() -> None:
    tags = "\n".join(["vlan 1"] * (MAX_LAYERS - 3))
    inside = "ip4 203.0.113.7 > 192.0.2.1\nudp 5071 > 5060\nsip OPTIONS one"
    (fits,) = packets_of(f"packet\neth\n{tags}\n{inside}")
    (deeper,) = packets_of(f"packet\neth\nvlan 1\n{tags}\n{inside}")
    assert outcome(fits, len(fits.octets), b"") == (0, 1, {})
    assert outcome(deeper, len(deeper.octets), b"") == (0, 0, {"R_LAYERS_TOO_MANY": 1})


def test_labels_that_never_end_are_refused() -> None:
    (endless,) = packets_of("packet\neth\n" + "mpls 1 endless\n" * 40)
    assert outcome(endless, len(endless.octets), b"")[2] == {"R_LAYERS_TOO_MANY": 1}


def test_headers_of_any_checksum_are_read() -> None:
    """Network cards compute checksums after the capture saw the packet."""
    for ip, udp in ((0, 0), (0xFFFF, 0xFFFF), (0x1234, 1)):
        octets = bytearray(WHOLE_UDP.octets)
        octets[24:26] = ip.to_bytes(2, "big")
        octets[40:42] = udp.to_bytes(2, "big")
        changed = Packet(0, 1, bytes(octets), len(octets))
        assert outcome(changed, len(octets), b"") == (0, 1, {})


def test_ports_and_addresses_of_the_innermost_header_count() -> None:
    (row,) = decode(
        Pcapng().file(
            packets_of(
                """
packet
eth
ip4 198.51.100.1 > 198.51.100.2
udp 2152 > 2152
gtpu 7
ip6 2001:db8::7 > ::ffff:192.0.2.1
udp 65535 > 1
sip OPTIONS one
"""
            )
        )
    ).rows
    assert row["ip_version"] == 6
    assert row["source_port"] == 65535
    assert row["destination_port"] == 1
    assert row["source_high"] == 0x20010DB8 << 32
    assert row["source_low"] == 7
    assert row["destination_low"] == 0xFFFF_C000_0201


def test_hep_time_stands_for_that_of_the_packet() -> None:
    text = """
packet 100
eth
ip4 198.51.100.1 > 198.51.100.2
udp 40000 > 9060
hep3 203.0.113.7:5071 > 192.0.2.1:5060 time={time}
sip OPTIONS one
"""
    told = decode(Pcapng().file(packets_of(text.format(time="12.345678")))).rows[0]
    silent = decode(Pcapng().file(packets_of(text.format(time="0.000001")))).rows[0]
    assert told["time"] == 12_345_678_000
    assert silent["time"] == 100_000_000_000


def test_hep_piece_of_a_stream_that_is_too_short_is_damaged() -> None:
    batch = Batch(bytearray(b"HEP3\x00\x06"), 1)
    assert hep(batch, 0, 6) == 0
    assert counts_of(batch) == {"R_HEP_DAMAGED": 1}


def test_hep_without_a_payload_is_damaged_whatever_came_before() -> None:
    """The request for help of the packet before must not stand for this one."""
    batch = Batch(bytearray(b"HEP3\x00\x08\x00\x00"), 1)
    batch.stop = columns.STOP_HEP
    assert hep(batch, 0, 8) == 0
    assert counts_of(batch) == {"R_HEP_DAMAGED": 1}


def test_datagram_put_together_is_read_from_its_transport_header() -> None:
    octets = bytes.fromhex("13cf13c400000000") + message("OPTIONS", "one")
    batch = Batch(bytearray(octets), 1)
    assert datagram(batch, 17, 0, len(octets)) == 0
    assert (batch.n, batch.source_port, batch.destination_port) == (1, 5071, 5060)


def test_message_piece_says_whether_a_row_came() -> None:
    octets = message("OPTIONS", "one")
    batch = Batch(bytearray(octets), 1)
    assert message_piece(batch, 0, len(octets)) == 1
    assert message_piece(Batch(bytearray(b"nothing of that kind"), 1), 0, 20) == 0


def test_segments_of_a_direction_known_to_be_something_else_cost_one_look() -> None:
    (segment,) = packets_of("packet\neth\nip4 203.0.113.7 > 192.0.2.1\ntcp 1 > 2\n! junk")
    octets = segment.octets
    batch = Batch(bytearray(octets), 1)
    assert packet(batch, 0, len(octets), 1) == columns.STOP_TCP
    assert octets[batch.help_start : batch.help_end] == b"junk"
    from ringfence.wire._batch import IGNORED_STREAMS, stream_hash

    batch.ignored[stream_hash(batch) % IGNORED_STREAMS] = stream_hash(batch)
    batch.stop = 0
    assert packet(batch, 0, len(octets), 1) == 0
    assert counts_of(batch) == {"R_TCP_OTHER": 1}


def test_acknowledgements_are_asked_for_only_while_octets_wait() -> None:
    (bare,) = packets_of("packet\neth\nip4 203.0.113.7 > 192.0.2.1\ntcp 1 > 2 ack=77")
    batch = Batch(bytearray(bare.octets), 1)
    assert packet(batch, 0, len(bare.octets), 1) == 0
    assert counts_of(batch) == {"R_TCP_EMPTY": 1}
    batch.want_acknowledgements = 1
    assert packet(batch, 0, len(bare.octets), 1) == columns.STOP_TCP
    assert batch.help_acknowledged == 77


def outcome(captured: Packet, size: int, behind: bytes) -> tuple[int, int, dict[str, int]]:
    """Stop code, rows, counters: the first `size` octets of a packet, other octets behind."""
    batch = DESK
    for reason in REASONS.values():
        batch.counts[reason] = 0
    batch.n = 0
    octets = captured.octets[:size]
    buffer = octets + behind
    BUFFER[: len(buffer)] = buffer
    stop = take(batch, 0, size, captured.original, captured.link)
    return stop, batch.n, counts_of(batch)


BUFFER = bytearray(4096)
DESK = Batch(BUFFER, 1)
