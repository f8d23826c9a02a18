"""The packets of a message are found again, whatever they were put together from."""

from __future__ import annotations

import pytest

from ringfence.wire import records
from ringfence.wire.decoder import Decoder
from ringfence.wire.pcapng_writer import PcapngWriter
from ringfence.wire.records import PacketKeeper, Record, packets_of
from tests.wire_cases.compile import Case, cases, message, read_case
from tests.wire_cases.files import PCAPNGS, PCAPS, Pcap, Pcapng
from tests.wire_cases.reading import decode, tables

UDP = "packet {at}\neth\nip4 203.0.113.7 > 192.0.2.1\nudp 5060 > 5060\nsip OPTIONS {name}\n"
PACKETS = read_case("".join(UDP.format(at=n, name=f"m{n}") for n in range(1, 6))).packets


def taken(
    octets: bytes, step: int | None = None, rows: int = 64, keep: bool = True
) -> list[list[Record] | None]:
    """For every message its packets."""
    decoder = Decoder(rows)
    decoder.keeper = PacketKeeper() if keep else None
    return [
        found
        for table in tables(decoder, octets, step)
        for found in packets_of(decoder, table, list(table.rows()))
    ]


def rewritten(found: list[list[Record] | None]) -> bytes:
    """The packets in a file of their own."""
    writer = PcapngWriter("test")
    blocks = [
        writer.packet(r.link, "", r.time_ns, r.octets, r.original)
        for packets in found
        for r in packets or ()
    ]
    return writer.start() + b"".join(blocks)


def numbers(found: list[list[Record] | None]) -> list[list[int] | None]:
    return [None if packets is None else [r.packet for r in packets] for packets in found]


@pytest.mark.parametrize("form", [*PCAPS.values(), *PCAPNGS.values()], ids=[*PCAPS, *PCAPNGS])
@pytest.mark.parametrize("step", [None, 700, 61])
def test_one_packet_one_message(form: Pcap | Pcapng, step: int | None) -> None:
    found = taken(form.file(PACKETS), step)
    assert numbers(found) == [[n] for n in range(1, 6)]
    assert [(r.octets, r.original, r.link) for packets in found for r in packets or ()] == [
        (packet.octets, packet.original, packet.link) for packet in PACKETS
    ]
    assert [r.time_ns for packets in found for r in packets or ()] == [p.time_ns for p in PACKETS]


@pytest.mark.parametrize("resolution", [0x80 | 32, 0x80 | 20, 12, 3, 0])
def test_clock_of_any_resolution_is_that_of_the_rows(resolution: int) -> None:
    octets = Pcapng(resolution=resolution, offset_s=-1000).file(PACKETS)
    times = [r.time_ns for packets in taken(octets) for r in packets or ()]
    assert times == [row["time"] for row in decode(octets).rows]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_packets_of_every_wire_case_decode_to_the_same_messages(case: Case) -> None:
    """Tunnels, fragments, segments, HEP and WebSocket: nothing is lost, no octet is changed."""
    octets = Pcapng().file(case.packets)
    found = taken(octets)
    again = decode(rewritten(found)).texts
    messages = zip(decode(octets).texts, found, strict=True)
    assert [text for text, packets in messages if packets is not None and text not in again] == []
    originals = {packet.octets for packet in case.packets}
    assert {r.octets for packets in found for r in packets or ()} <= originals


SEGMENTS = """
packet 1
eth
ip4 203.0.113.7 > 192.0.2.1
tcp 5071 > 5060 flags=S
packet 2
eth
ip4 203.0.113.7 > 192.0.2.1
tcp 5071 > 5060 split=100
sip OPTIONS one
packet 3
eth
ip4 203.0.113.8 > 192.0.2.1
udp 5060 > 5060
sip OPTIONS udp
packet 4
eth
ip4 203.0.113.7 > 192.0.2.1
tcp 5071 > 5060
sip OPTIONS two
sip OPTIONS three
"""
TCP = Pcap().file(read_case(SEGMENTS).packets)


def test_segments_of_a_message_are_found_with_its_handshake() -> None:
    found = taken(TCP)
    assert decode(TCP).texts[0] == message("OPTIONS", "one")
    assert numbers(found)[0] == [1, 2, 3]


def test_datagrams_between_segments_are_not_mixed_in() -> None:
    assert numbers(taken(TCP))[1] == [4]


def test_two_messages_in_one_segment_give_it_once() -> None:
    assert numbers(taken(TCP))[2:] == [[5], []]


@pytest.mark.parametrize("rows", [1, 2, 64])
def test_tables_of_any_size_give_the_same(rows: int) -> None:
    assert numbers(taken(TCP, rows=rows)) == [[1, 2, 3], [4], [5], []]


def test_without_a_keeper_the_last_packet_is_found() -> None:
    assert numbers(taken(TCP, keep=False))[0] == [3]


def test_keeper_forgets_what_was_handed_out() -> None:
    decoder = Decoder()
    decoder.keeper = PacketKeeper()
    for table in tables(decoder, TCP):
        for _ in packets_of(decoder, table, []):
            pass
    assert len(decoder.keeper) <= 1  # the last segment: the next message may begin in it


def test_endless_segments_of_nothing_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger begins messages and never ends them."""
    monkeypatch.setattr(records, "MAX_KEPT_OCTETS", 5000)
    begun = (
        "packet {n}\neth\nip4 203.0.113.7 > 192.0.2.1\ntcp {port} > 5060\n"
        "! OPTIONS sip:1@a SIP/2.0\\r\\n\n"
    )
    packets = read_case("".join(begun.format(n=n, port=1000 + n) for n in range(1, 200))).packets
    decoder = Decoder()
    decoder.keeper = PacketKeeper()
    for table in tables(decoder, Pcap().file(packets)):
        list(packets_of(decoder, table, list(table.rows())))
    assert len(decoder.keeper) <= 5000 // 256
    assert decoder.keeper.dropped > 100


def test_sections_that_differ_keep_their_own_links() -> None:
    """Interface 0 is something else in each section of a pcapng file."""
    (ethernet,) = read_case(UDP.format(at=1, name="a")).packets
    (raw,) = read_case(UDP.format(at=2, name="b").replace("eth\n", "raw\n")).packets
    octets = b"".join(
        Pcapng(order).file([packet]) for order, packet in (("<", ethernet), (">", raw))
    )
    found = [r for packets in taken(octets) for r in packets or ()]
    assert [(r.link, r.octets) for r in found] == [(p.link, p.octets) for p in (ethernet, raw)]


def test_simple_packets_and_obsolete_ones() -> None:
    form = Pcapng()
    octets = form.section() + form.interface(1)
    octets += form.obsolete_packet(PACKETS[0]) + form.simple_packet(PACKETS[1])
    found = [r for packets in taken(octets) for r in packets or ()]
    assert [r.octets for r in found] == [packet.octets for packet in PACKETS[:2]]


def test_cut_last_packet_is_given_as_far_as_it_goes() -> None:
    octets = Pcap().file(PACKETS[:2])[:-30]
    *_, (last,) = [packets or [] for packets in taken(octets)]
    assert last.octets == PACKETS[1].octets[:-30]
    assert last.original == len(PACKETS[1].octets)


def test_packet_gone_from_the_buffer_is_not_made_up() -> None:
    decoder = Decoder()
    for _ in tables(decoder, Pcap().file(PACKETS)):
        pass
    assert decoder.record_at(10**12, 1, 0) is None
    decoder.room()
    assert decoder.record_at(24, 1, 0) is None
