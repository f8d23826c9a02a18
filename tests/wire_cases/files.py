"""Packets to capture files: pcap and pcapng in every byte order, clock and shape."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.wire_cases.compile import Packet

MICROSECONDS, NANOSECONDS, MODIFIED = 0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34
SNAP = 262144


@dataclass(frozen=True, slots=True)
class Pcap:
    """One way to write a pcap; `order` is that of struct: "<" or ">"."""

    magic: int = MICROSECONDS
    order: str = "<"

    def header(self, link: int) -> bytes:
        return struct.pack(self.order + "IHHiIII", self.magic, 2, 4, 0, 0, SNAP, link)

    def record(self, packet: Packet) -> bytes:
        """Record header and octets; the modified format has eight octets more."""
        unit = 1 if self.magic == NANOSECONDS else 1000
        seconds, rest = divmod(packet.time_ns, 1_000_000_000)
        head = struct.pack(
            self.order + "IIII", seconds, rest // unit, len(packet.octets), packet.original
        )
        return head + (bytes(8) if self.magic == MODIFIED else b"") + packet.octets

    def file(self, packets: list[Packet]) -> bytes:
        """The whole file; all packets are of one link."""
        (link,) = {packet.link for packet in packets} or {1}
        return self.header(link) + b"".join(self.record(packet) for packet in packets)


PCAPS = {
    f"{name} {order}": Pcap(magic, order)
    for name, magic in (("us", MICROSECONDS), ("ns", NANOSECONDS), ("modified", MODIFIED))
    for order in ("<", ">")
}


@dataclass(frozen=True, slots=True)
class Pcapng:
    """One way to write the blocks of a section; `resolution` is the octet of if_tsresol."""

    order: str = "<"
    resolution: int | None = None
    offset_s: int | None = None

    def block(self, kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        length = struct.pack(self.order + "I", 12 + len(body))
        return struct.pack(self.order + "I", kind) + length + body + length

    def option(self, code: int, value: bytes) -> bytes:
        padding = bytes(-len(value) % 4)
        return struct.pack(self.order + "HH", code, len(value)) + value + padding

    def section(self, comment: str = "") -> bytes:
        options = self.option(1, comment.encode()) + self.option(0, b"") if comment else b""
        return self.block(
            0x0A0D0D0A, struct.pack(self.order + "IHHq", 0x1A2B3C4D, 1, 0, -1) + options
        )

    def interface(self, link: int, *options: bytes) -> bytes:
        more = b"".join(options)
        if self.resolution is not None:
            more += self.option(9, bytes([self.resolution]))
        if self.offset_s is not None:
            more += self.option(14, struct.pack(self.order + "q", self.offset_s))
        more += self.option(0, b"") if more else b""
        return self.block(1, struct.pack(self.order + "HHI", link, 0, SNAP) + more)

    def packet(self, packet: Packet, interface: int = 0, *options: bytes) -> bytes:
        """Enhanced Packet Block."""
        units = self.units(packet.time_ns)
        numbers = (interface, units >> 32, units & 0xFFFFFFFF, len(packet.octets), packet.original)
        padding = bytes(-len(packet.octets) % 4)
        body = struct.pack(self.order + "IIIII", *numbers) + packet.octets + padding
        return self.block(6, body + b"".join(options))

    def simple_packet(self, packet: Packet) -> bytes:
        return self.block(3, struct.pack(self.order + "I", packet.original) + packet.octets)

    def obsolete_packet(self, packet: Packet, interface: int = 0, drops: int = 7) -> bytes:
        units = self.units(packet.time_ns)
        numbers = (units >> 32, units & 0xFFFFFFFF, len(packet.octets), packet.original)
        head = struct.pack(self.order + "HHIIII", interface, drops, *numbers)
        return self.block(2, head + packet.octets)

    def units(self, time_ns: int) -> int:
        """The clock's units since 1970, or since the interface's offset."""
        time_ns -= (self.offset_s or 0) * 1_000_000_000
        resolution = 6 if self.resolution is None else self.resolution
        if resolution & 0x80:
            return (time_ns << (resolution & 0x7F)) // 1_000_000_000
        return int(time_ns * 10**resolution // 1_000_000_000)

    def file(self, packets: list[Packet]) -> bytes:
        """One section with an interface for each link that the packets need."""
        links = sorted({packet.link for packet in packets})
        blocks = [self.section(), *(self.interface(link) for link in links)]
        blocks += [self.packet(packet, links.index(packet.link)) for packet in packets]
        return b"".join(blocks)


PCAPNGS = {
    f"pcapng {order} {resolution}": Pcapng(order, resolution)
    for order in ("<", ">")
    for resolution in (None, 9)
}
# Every way to write a capture.
WAYS: dict[str, Pcap | Pcapng] = {**PCAPS, **PCAPNGS}
