from __future__ import annotations

import gzip
import re
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.wire import hep
from ringfence.wire.errors import WireError
from ringfence.wire.hep import HepPacket, decode_hep

SRC4, DST4 = bytes([203, 0, 113, 7]), bytes([192, 0, 2, 1])
SRC6, DST6 = bytes.fromhex("20010db8" + "0" * 23 + "7"), bytes.fromhex("20010db8" + "0" * 23 + "1")
SIP = b"OPTIONS sip:100@192.0.2.1 SIP/2.0\r\n\r\n"
MAPPED = bytes(10) + b"\xff\xff"


def chunk(kind: int, value: bytes, vendor: int = 0) -> bytes:
    return struct.pack("!HHH", vendor, kind, 6 + len(value)) + value


def packet(*chunks: bytes) -> bytes:
    octets = b"".join(chunks)
    return b"HEP3" + struct.pack("!H", 6 + len(octets)) + octets


ADDRESSES = (
    chunk(1, b"\x02")
    + chunk(2, b"\x11")
    + chunk(3, SRC4)
    + chunk(4, DST4)
    + chunk(7, struct.pack("!H", 40000))
    + chunk(8, struct.pack("!H", 5060))
)
TIME = chunk(9, struct.pack("!I", 1_700_000_000)) + chunk(10, struct.pack("!I", 123_456))
PLAIN = HepPacket(
    version=3,
    src=SRC4,
    dst=DST4,
    sport=40000,
    dport=5060,
    time_ns=1_700_000_000_123_456_000,
    payload=SIP,
    node=2001,
)

SENDERS = {
    # siptrace of Kamailio: number before correlation, key, payload last
    "kamailio": (
        packet(
            ADDRESSES,
            TIME,
            chunk(11, b"\x01"),
            chunk(12, struct.pack("!I", 2001)),
            chunk(17, b"call@203.0.113.7"),
            chunk(14, b"secret"),
            chunk(15, SIP),
        ),
        {"correlation": b"call@203.0.113.7", "auth_key": b"secret"},
    ),
    # res_hep of Asterisk: fixed chunks first, then addresses, correlation, payload
    "asterisk": (
        packet(
            chunk(1, b"\x02") + chunk(2, b"\x11"),
            chunk(7, struct.pack("!H", 40000)) + chunk(8, struct.pack("!H", 5060)) + TIME,
            chunk(11, b"\x01") + chunk(12, struct.pack("!I", 2001)),
            chunk(3, SRC4) + chunk(4, DST4) + chunk(17, b"PJSIP/100-1") + chunk(15, SIP),
        ),
        {"correlation": b"PJSIP/100-1"},
    ),
    # heplify: payload before correlation, the agent's name
    "heplify": (
        packet(
            ADDRESSES,
            TIME,
            chunk(11, b"\x01"),
            chunk(12, struct.pack("!I", 2001)),
            chunk(14, b"myhep"),
            chunk(15, SIP),
            chunk(17, b"1@203.0.113.7"),
            chunk(19, b"edge-1"),
        ),
        {"auth_key": b"myhep", "correlation": b"1@203.0.113.7", "node_name": b"edge-1"},
    ),
    "chunks of a vendor": (
        packet(
            chunk(15, b"not this", vendor=4),
            ADDRESSES,
            TIME,
            chunk(12, struct.pack("!I", 2001)),
            chunk(15, SIP),
            chunk(3, b"\0\0\0\0", vendor=2),
            chunk(999, b"unknown"),
        ),
        {},
    ),
    "zlib": (
        packet(ADDRESSES, TIME, chunk(12, b"\0\0\x07\xd1"), chunk(16, zlib.compress(SIP))),
        {},
    ),
    "gzip": (
        packet(ADDRESSES, TIME, chunk(12, b"\0\0\x07\xd1"), chunk(16, gzip.compress(SIP))),
        {},
    ),
    "raw deflate": (
        packet(ADDRESSES, TIME, chunk(12, b"\0\0\x07\xd1"), chunk(16, zlib.compress(SIP)[2:-4])),
        {},
    ),
    "plain beside compressed": (
        packet(ADDRESSES, TIME, chunk(12, b"\0\0\x07\xd1"), chunk(16, b"junk"), chunk(15, SIP)),
        {},
    ),
    "octets behind the packet": (
        packet(ADDRESSES, TIME, chunk(12, b"\0\0\x07\xd1"), chunk(15, SIP)) + b"HEP3",
        {},
    ),
    "IPv4 as mapped IPv6": (
        packet(
            ADDRESSES,
            chunk(3, MAPPED + SRC4),
            chunk(4, MAPPED + DST4),
            TIME,
            chunk(12, b"\0\0\x07\xd1"),
            chunk(15, SIP),
        ),
        {},
    ),
}


@pytest.mark.parametrize("sender", SENDERS)
def test_version_3_of_real_senders(sender: str) -> None:
    octets, more = SENDERS[sender]
    decoded = decode_hep(octets)
    expected = {name: getattr(PLAIN, name) for name in HepPacket.__slots__} | more
    assert decoded == HepPacket(**expected)


def test_version_3_over_ipv6_tcp() -> None:
    octets = packet(
        chunk(1, b"\x0a"), chunk(2, b"\x06"), chunk(5, SRC6), chunk(6, DST6), chunk(15, SIP)
    )
    decoded = decode_hep(octets)
    assert decoded == HepPacket(3, SRC6, DST6, transport=6, payload=SIP)


def test_log_line_without_addresses() -> None:
    decoded = decode_hep(packet(chunk(11, b"\x64"), chunk(15, b"registered")))
    assert decoded == HepPacket(3, payload=b"registered", protocol_type=100)


@pytest.mark.parametrize(
    ("seconds", "microseconds"), [(0, 5), (1_700_000_000, 1_000_000), (0, 0xFFFFFFFF)]
)
def test_agent_without_a_usable_clock(seconds: int, microseconds: int) -> None:
    times = chunk(9, struct.pack("!I", seconds)) + chunk(10, struct.pack("!I", microseconds))
    decoded = decode_hep(packet(times, chunk(15, SIP)))
    assert decoded is not None
    assert decoded.time_ns == 0


@pytest.mark.parametrize(
    "wrong",
    [chunk(3, b"\1\2\3"), chunk(7, b"\1"), chunk(9, b""), chunk(2, b"\1\1"), chunk(12, b"")],
)
def test_chunk_of_wrong_size_is_passed_over(wrong: bytes) -> None:
    assert decode_hep(packet(wrong, chunk(15, SIP))) == HepPacket(3, payload=SIP)


LIES = {
    "not HEP": b"SIP/2.0 200 OK\r\n",
    "HEP4": b"HEP4\x00\x06",
    "total of 5": b"HEP3\x00\x05",
    "chunk of 5": packet(struct.pack("!HHH", 0, 15, 5)),
    "chunk of 0": packet(bytes(6)),
    "chunk beyond the packet": packet(struct.pack("!HHH", 0, 15, 60_000) + SIP),
    "no payload": packet(ADDRESSES),
    "payload of vendor 1 only": packet(chunk(15, SIP, vendor=1)),
    "payload does not inflate": packet(chunk(16, b"\xff\xff\xff")),
    "inflation bomb": packet(chunk(16, zlib.compress(bytes(hep.MAX_INFLATED + 1)))),
    "family of version 2": b"\x02\x10\x07\x11" + bytes(40),
    "size of version 2": b"\x02\x11\x02\x11" + bytes(40),
    "size of version 1 for IPv6": b"\x01\x10\x0a\x11" + bytes(40),
}


@pytest.mark.parametrize("lie", LIES)
def test_lies_are_refused(lie: str) -> None:
    with pytest.raises(WireError) as error:
        decode_hep(LIES[lie])
    assert error.value.offset >= 0


def test_payload_inflates_to_the_limit() -> None:
    octets = packet(chunk(16, zlib.compress(bytes(hep.MAX_INFLATED))))
    decoded = decode_hep(octets)
    assert decoded is not None
    assert len(decoded.payload) == hep.MAX_INFLATED


@pytest.mark.parametrize("sender", ["kamailio", "asterisk", "zlib"])
def test_packet_cut_anywhere_needs_more(sender: str) -> None:
    octets, _ = SENDERS[sender]
    assert {decode_hep(octets[:n]) for n in range(len(octets))} == {None}


def test_cut_datagram_is_used_as_far_as_it_goes() -> None:
    octets, _ = SENDERS["kamailio"]
    decoded = decode_hep(octets[:-10], whole=True)
    assert decoded is not None
    assert decoded.payload == SIP[:-10]
    assert decoded.src == SRC4


@pytest.mark.parametrize("octets", [b"", b"HEP", b"\x02\x10", b"\x02\x10\x02\x11" + bytes(10)])
def test_whole_datagram_that_is_too_short(octets: bytes) -> None:
    assert decode_hep(octets) is None
    with pytest.raises(WireError):
        decode_hep(octets, whole=True)


# -- versions 1 and 2 ------------------------------------------------------------------

PORTS = struct.pack("!HH", 40000, 5060)


@pytest.mark.parametrize(
    ("octets", "decoded"),
    [
        (
            b"\x01\x10\x02\x11" + PORTS + SRC4 + DST4 + SIP,
            HepPacket(1, SRC4, DST4, 40000, 5060, payload=SIP),
        ),
        (
            b"\x02\x10\x02\x16" + PORTS + SRC4 + DST4
            + struct.pack("<IIHH", 1_700_000_000, 123_456, 9, 0) + SIP,
            HepPacket(
                2, SRC4, DST4, 40000, 5060, 22, 1_700_000_000_123_456_000, SIP, node=9
            ),
        ),
        (
            b"\x02\x28\x0a\x06" + PORTS + SRC6 + DST6 + bytes(12) + SIP,
            HepPacket(2, SRC6, DST6, 40000, 5060, 6, payload=SIP),
        ),
        (
            b"\x01\x28\x1e\x11" + PORTS + SRC6 + DST6 + SIP,  # macOS
            HepPacket(1, SRC6, DST6, 40000, 5060, payload=SIP),
        ),
    ],
)  # fmt: skip
def test_fixed_headers(octets: bytes, decoded: HepPacket) -> None:
    assert decode_hep(octets, whole=True) == decoded


# -- real packets ----------------------------------------------------------------------


def sip3_packets(folder: Path) -> list[bytes]:
    """The three packets in the unit test of SIP3's decoder."""
    text = (folder / "hep" / "sip3-salto_HepDecoderTest.kt").read_text()
    arrays = re.findall(r"byteArrayOf\((.*?)\n\s*\)", text, re.DOTALL)
    return [bytes(int(two, 16) for two in re.findall(r"0x(..)\.toByte", one)) for one in arrays]


def test_packets_of_sip3(shared_data: Path) -> None:
    second, third, rtcp = (decode_hep(one, whole=True) for one in sip3_packets(shared_data))
    assert second == HepPacket(
        version=2,
        src=bytes([10, 0, 0, 4]),
        dst=bytes([10, 0, 0, 4]),
        sport=5060,
        dport=5062,
        time_ns=1_571_254_062_044_436_000,
        payload=b"SIP/2.0",
        node=1,
    )
    assert third is not None
    assert third.src == bytes([79, 142, 86, 118])
    assert third.dst == bytes([212, 48, 197, 150])
    assert (third.sport, third.dport, third.payload) == (5063, 5060, b"NOTIFY")
    assert (third.time_ns, third.node_name) == (1_550_492_760_263_774_000, b"")
    assert rtcp is not None
    assert rtcp.protocol_type == 5
    assert rtcp.payload.startswith(b'{"sender_information"')
    assert rtcp.correlation == b"946b5b3c-888a-1239-8881-00155d09c401"


# -- properties ------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.integers(0, 25), st.binary(max_size=20), st.sampled_from([0, 0, 0, 4])),
        max_size=12,
    ),
    st.binary(max_size=30),
    st.integers(0, 40),
    st.booleans(),
)
def test_anything_is_a_packet_or_need_more_or_an_error(
    chunks: list[tuple[int, bytes, int]], junk: bytes, cut: int, whole: bool
) -> None:
    octets = packet(*[chunk(*one) for one in chunks], junk)
    try:
        decoded = decode_hep(octets[: len(octets) - cut], whole=whole)
    except WireError:
        return
    if decoded is None:
        assert cut
        assert not whole
    else:
        assert len(decoded.src) in (0, 4, 16)
        assert len(decoded.payload) <= max(len(octets), hep.MAX_INFLATED)


@given(st.binary(max_size=60), st.booleans())
def test_any_octets(octets: bytes, whole: bool) -> None:
    try:
        decoded = decode_hep(octets, whole=whole)
    except WireError:
        return
    assert decoded is not None or not whole
