"""Packets found many at once are those that are found one by one."""

from __future__ import annotations

import struct
import sys

import numpy as np
import pytest

from ringfence.wire.decoder import Decoder
from ringfence.wire.spans import Spans, ring_spans
from tests.search.scene import fed
from tests.wire_cases.compile import packets_of
from tests.wire_cases.files import MICROSECONDS, MODIFIED, NANOSECONDS, Pcap, Pcapng

PACKETS = """
packet 1.000000007
eth
ip4 203.0.113.7 > 192.0.2.1
udp 5071 > 5060
sip OPTIONS one
packet 2.5
eth
ip4 203.0.113.7 > 192.0.2.1
udp 5071 > 5060
sip OPTIONS two
"""


def positions(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(numbers, np.uint64)


@pytest.mark.parametrize("kind", [NANOSECONDS, MICROSECONDS, MODIFIED])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("rows", [1, 64])
def test_spans_of_pcap_are_its_records(kind: int, order: str, rows: int) -> None:
    octets = Pcap(kind, order).file(packets_of(PACKETS))
    seen = 0
    for _, decoder, table in fed(octets, Decoder(rows)):
        spans = decoder.spans(table.wide["position"])
        assert spans is not None
        for row in table.rows():
            place, packet = table.number(row, "position"), table.number(row, "packet")
            record = decoder.record_at(place, packet, 0)
            assert record is not None
            start, length = int(spans.starts[row]), int(spans.lengths[row])
            assert bytes(table.octets[start : start + length]) == record.octets
            assert (int(spans.times[row]), spans.link) == (record.time_ns, record.link)
            assert int(spans.originals[row]) == record.original
            seen += 1
    assert seen == 2


def test_other_captures_are_read_one_by_one() -> None:
    for _, decoder, table in fed(Pcapng().file(packets_of(PACKETS)), Decoder()):
        assert decoder.spans(table.wide["position"]) is None


def test_place_outside_of_the_buffer_is_none() -> None:
    octets = Pcap(NANOSECONDS).file(packets_of(PACKETS))
    for _, decoder, _ in fed(octets, Decoder()):
        assert decoder.spans(positions(1 << 40)) is None
        assert decoder.spans(positions(len(octets) - 3)) is None


def ring(status: int = 1, captured: int = 5) -> bytes:
    """A block's one packet as the kernel writes it: struct tpacket3_hdr, sockaddr_ll, octets."""
    head = struct.pack("=IIIIIIHH", 0, 1_700_000_000, 7, captured, 9, status, 82, 96)
    return b"block" + head.ljust(82, b"\0") + b"HELLO" + b"rest"


def test_spans_of_a_ring_are_its_packets() -> None:
    octets = bytearray(ring())
    spans = ring_spans(octets, 100, len(octets), 1, positions(105))
    assert isinstance(spans, Spans)
    start, length = int(spans.starts[0]), int(spans.lengths[0])
    assert octets[start : start + length] == b"HELLO"
    assert int(spans.times[0]) == 1_700_000_000_000_000_007
    assert (int(spans.originals[0]), spans.link) == (9, 1)
    assert sys.byteorder in ("little", "big")


@pytest.mark.parametrize(
    ("octets", "place"),
    [
        (ring(status=0x11), 105),  # the kernel took a VLAN tag off
        (ring(captured=500), 105),
        (ring(), 99),
        (ring(), 160),
    ],
)
def test_ring_whose_packet_is_not_as_it_came_is_read_one_by_one(octets: bytes, place: int) -> None:
    assert ring_spans(bytearray(octets), 100, len(octets), 1, positions(place)) is None
