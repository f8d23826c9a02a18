"""The wire underneath: frames of UDP, TCP and RTP between ends, in order of time."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from ipaddress import ip_address
from random import Random

from tests.wire_cases.compile import Packet

End = tuple[str, int]
ETHERNET, LINUX_SLL = 1, 113
_MACS = b"\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02"


@dataclass(slots=True)
class Net:
    """Every frame so far, the dice, and where each TCP connection stands."""

    rng: Random
    begin_s: float
    link: int = ETHERNET
    packets: list[Packet] = field(default_factory=list)
    _due: dict[tuple[End, End], int] = field(default_factory=dict)

    def udp(self, at: float, source: End, target: End, octets: bytes) -> None:
        """One datagram, `at` seconds after the beginning."""
        ports = struct.pack(">HHHH", source[1], target[1], 8 + len(octets), 0)
        self._frame(at, source, target, 17, ports + octets)

    def tcp(self, at: float, source: End, target: End, octets: bytes) -> None:
        """One message; a new pair of ends shakes hands first."""
        if (source, target) not in self._due:
            rtt = 0.004
            self._segment(at - 2 * rtt, source, target, 0x02, b"")
            self._segment(at - rtt, target, source, 0x12, b"")
            self._segment(at - rtt / 2, source, target, 0x10, b"")
        for cut in range(0, len(octets), 1400):
            self._segment(at + cut * 1e-8, source, target, 0x18, octets[cut : cut + 1400])
        self._segment(at + 0.0005, target, source, 0x10, b"")

    def send(self, at: float, source: End, target: End, octets: bytes, transport: str) -> None:
        """One message over its transport."""
        (self.tcp if transport == "TCP" else self.udp)(at, source, target, octets)

    def rtp(self, at: float, source: End, target: End, seconds: float, payload: int = 8) -> None:
        """Sound both ways, thinned: half a second in full, then one packet in two seconds."""
        for a, b in ((source, target), (target, source)):
            ssrc, first = self.rng.getrandbits(32), self.rng.getrandbits(15)
            numbers = [*range(min(25, int(seconds * 50))), *range(25, int(seconds * 50), 100)]
            for n in numbers:
                head = struct.pack(">BBHII", 0x80, payload, (first + n) & 0xFFFF, n * 160, ssrc)
                self.udp(at + n * 0.02, a, b, head + b"\xd5" * 160)

    def _segment(self, at: float, source: End, target: End, flags: int, octets: bytes) -> None:
        sequence = self._due.get((source, target), self.rng.getrandbits(30))
        acknowledged = self._due.get((target, source), 0)
        self._due[source, target] = sequence + len(octets) + (flags >> 1 & 1)
        head = struct.pack(
            ">HHIIBBHHH", source[1], target[1], sequence, acknowledged, 0x50, flags, 64240, 0, 0
        )
        self._frame(at, source, target, 6, head + octets)

    def _frame(self, at: float, source: End, target: End, protocol: int, octets: bytes) -> None:
        a, b = ip_address(source[0]), ip_address(target[0])
        if a.version == 4:
            head = struct.pack(
                ">BBHHHBBH4s4s", 0x45, 0, 20 + len(octets), self.rng.getrandbits(16), 0x4000,
                58, protocol, 0, a.packed, b.packed,
            )  # fmt: skip
            kind = b"\x08\x00"
        else:
            head = struct.pack(
                ">IHBB16s16s", 6 << 28, len(octets), protocol, 60, a.packed, b.packed
            )
            kind = b"\x86\xdd"
        link = _MACS if self.link == ETHERNET else b"\0\0\0\1\0\6" + _MACS[:6] + b"\0\0"
        frame = link + kind + head + octets
        time_ns = round((self.begin_s + at) * 1e9)
        self.packets.append(Packet(time_ns, self.link, frame, len(frame)))


def source_of(packet: Packet) -> str:
    """The IP source of a frame."""
    begin = 14 if packet.link == ETHERNET else 16
    if packet.octets[begin] >> 4 == 4:
        return str(ip_address(packet.octets[begin + 12 : begin + 16]))
    return str(ip_address(packet.octets[begin + 8 : begin + 24]))
