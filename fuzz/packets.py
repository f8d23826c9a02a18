"""Packets and capture files that seeds and hostile inputs are made of (RFC 5737, RFC 3849)."""

from __future__ import annotations

import struct
from collections.abc import Iterable

SOURCE, TARGET = bytes((203, 0, 113, 7)), bytes((192, 0, 2, 1))
SOURCE_6 = bytes.fromhex("20010db8000000000000000000000007")
TARGET_6 = bytes.fromhex("20010db8000000000000000000000001")
UDP, TCP, IPV4, IPV6, GRE, SCTP = 17, 6, 4, 41, 47, 132
SECOND_NS = 1_000_000_000


def ethernet(payload: bytes, ethertype: int = 0x0800, *tags: int) -> bytes:
    """A frame; each tag is a VLAN's EtherType."""
    stacked = b"".join(struct.pack(">HH", tag, 7) for tag in tags)
    return b"\x02\0\0\0\0\1\x02\0\0\0\0\2" + stacked + struct.pack(">H", ethertype) + payload


def ipv4(payload: bytes, protocol: int = UDP, *, ident: int = 1, fragment: int = 0) -> bytes:
    """RFC 791 header without a checksum; `fragment` is flags and offset."""
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), ident, fragment, 64, protocol, 0)
    return head + SOURCE + TARGET + payload


def ipv6(payload: bytes, following: int = UDP) -> bytes:
    """RFC 8200 header."""
    return (
        struct.pack(">IHBB", 6 << 28, len(payload), following, 64) + SOURCE_6 + TARGET_6 + payload
    )


def udp(payload: bytes, source: int = 5062, target: int = 5060) -> bytes:
    """RFC 768 header without a checksum."""
    return struct.pack(">HHHH", source, target, 8 + len(payload), 0) + payload


def tcp(payload: bytes, sequence: int = 1, flags: int = 0x18, source: int = 5062) -> bytes:
    """RFC 9293 header without options and checksum."""
    return struct.pack(">HHIIBBHHH", source, 5060, sequence, 1, 0x50, flags, 8192, 0, 0) + payload


def sctp(payload: bytes) -> bytes:
    """RFC 9260: one whole DATA chunk."""
    chunk = struct.pack(">BBHIHHI", 0, 3, 16 + len(payload), 1, 0, 0, 0) + payload
    return struct.pack(">HHII", 5060, 5060, 0, 0) + chunk + bytes(-len(chunk) % 4)


def hep_chunk(kind: int, value: bytes, vendor: int = 0) -> bytes:
    """One chunk of HEP version 3."""
    return struct.pack(">HHH", vendor, kind, 6 + len(value)) + value


def hep3(payload: bytes, kind: int = 15) -> bytes:
    """HEP version 3 with addresses, ports, time and this payload."""
    chunks = (
        hep_chunk(1, b"\x02") + hep_chunk(2, b"\x11") + hep_chunk(3, SOURCE) + hep_chunk(4, TARGET)
        + hep_chunk(7, b"\x13\xc6") + hep_chunk(8, b"\x13\xc4") + hep_chunk(9, b"\x65\0\0\0")
        + hep_chunk(10, b"\0\0\0\x09") + hep_chunk(11, b"\1") + hep_chunk(12, b"\0\0\0\1")
        + hep_chunk(kind, payload)
    )  # fmt: skip
    return b"HEP3" + struct.pack(">H", 6 + len(chunks)) + chunks


def hep1(payload: bytes, version: int = 2) -> bytes:
    """HEP version 1 or 2."""
    head = struct.pack(">BBBBHH", version, 16, 2, 17, 5062, 5060) + SOURCE + TARGET
    return head + (struct.pack("<IIHH", 1_700_000_000, 9, 1, 0) if version == 2 else b"") + payload


def pcap(packets: Iterable[bytes], *, order: str = "<", ns: bool = False, link: int = 1) -> bytes:
    """A pcap file, a packet a second."""
    magic = 0xA1B23C4D if ns else 0xA1B2C3D4
    records = [
        struct.pack(order + "IIII", 1_700_000_000 + n, n, len(packet), len(packet)) + packet
        for n, packet in enumerate(packets)
    ]
    return struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link) + b"".join(records)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """One pcapng block."""
    length = 12 + len(body) + -len(body) % 4
    size = struct.pack(order + "I", length)
    return struct.pack(order + "I", kind) + size + body + bytes(-len(body) % 4) + size


def section(order: str = "<") -> bytes:
    """A Section Header Block."""
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link: int = 1, resolution: int | None = None, order: str = "<") -> bytes:
    """An Interface Description Block, with if_tsresol when given."""
    options = b"" if resolution is None else struct.pack(order + "HHB3xHH", 9, 1, resolution, 0, 0)
    return block(1, struct.pack(order + "HHI", link, 0, 262144) + options, order)


def enhanced(packet: bytes, units: int, order: str = "<", number: int = 0) -> bytes:
    """An Enhanced Packet Block; `units` is its time."""
    size = len(packet)
    head = struct.pack(order + "IIIII", number, units >> 32, units & 0xFFFFFFFF, size, size)
    return block(6, head + packet, order)


def simple(packet: bytes, order: str = "<") -> bytes:
    """A Simple Packet Block."""
    return block(3, struct.pack(order + "I", len(packet)) + packet, order)


def pcapng(packets: Iterable[bytes], order: str = "<") -> bytes:
    """A pcapng file of one section and one interface, a packet a second."""
    blocks = [
        enhanced(packet, (1_700_000_000 + n) * 1_000_000, order) for n, packet in enumerate(packets)
    ]
    return section(order) + interface(order=order) + b"".join(blocks)


def ring_packet(
    octets: bytes,
    following: int | None = None,
    *,
    number: int = 0,
    kind: int = 0,
    hardware: int = 1,
    protocol: int = 0x0800,
    tag: int | None = None,
    start: int = 82,
    captured: int | None = None,
    original: int | None = None,
    fraction: int = 0,
) -> bytes:
    """A packet in a block of TPACKET_V3, as linux/if_packet.h has it, in the machine's order.

    `following` is where the next one stands, behind this one unless told otherwise.
    """
    length = start + len(octets)
    size = length + -length % 16
    head = struct.pack(
        "=IIIIIIHHIIHH8x",
        size if following is None else following,
        1_700_000_000 + number,
        fraction or number,
        len(octets) if captured is None else captured,
        len(octets) if original is None else original,
        1 if tag is None else 0x51,
        start,
        start + 14,
        0,
        tag or 0,
        0x8100 if tag is not None else 0,
        0,
    )
    address = struct.pack("=HHiHBB8s", 17, 0, 2, hardware, kind, 6, b"\x02\0\0\0\0\2")
    address = address[:2] + struct.pack(">H", protocol) + address[4:]
    return (head + address).ljust(start, b"\0")[:start] + octets + bytes(size - length)


def ring_block(
    packets: Iterable[bytes],
    *,
    count: int | None = None,
    first: int = 48,
    length: int | None = None,
    status: int = 1,
) -> bytes:
    """A block of TPACKET_V3 that is ours; the last packet names no next one."""
    records = list(packets)
    if records:
        records[-1] = bytes(4) + records[-1][4:]
    body = b"".join(records)
    size = 48 + len(body) if length is None else length
    number = len(records) if count is None else count
    return struct.pack("=IIIIIIQIIII", 1, 0, status, number, first, size, 1, 0, 0, 0, 0) + body
