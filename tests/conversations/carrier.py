"""Octets to packets: the UDP and TCP underneath a conversation."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

from tests.wire_cases.compile import Packet
from tests.wire_cases.layers import Layer, Sequences, wrap

Address = IPv4Address | IPv6Address
End = tuple[Address, int]
_ETHERNET = 1


@dataclass(slots=True)
class Carrier:
    """Everything that was sent so far; knows where each TCP connection stands."""

    packets: list[Packet] = field(default_factory=list)
    _due: dict[tuple[End, End], int] = field(default_factory=dict)

    def carry(self, time_ns: int, source: End, target: End, octets: bytes, *, tcp: bool) -> None:
        """One message; over TCP the first between two ends opens the connection."""
        if not tcp:
            self._frame(time_ns, source, target, _ports("udp", source, target), octets)
            return
        if (source, target) not in self._due:
            self._segment(time_ns - 300, source, target, "S", b"")
            self._segment(time_ns - 200, target, source, "SA", b"")
            self._segment(time_ns - 100, source, target, "A", b"")
        self._segment(time_ns, source, target, "PA", octets)

    def _segment(self, time_ns: int, source: End, target: End, flags: str, octets: bytes) -> None:
        sequence = self._due.get((source, target), 1000)
        acknowledged = self._due.get((target, source), 0)
        self._due[source, target] = sequence + len(octets) + ("S" in flags)
        layer = _ports("tcp", source, target)
        layer.options.update(flags=flags, seq=str(sequence), ack=str(acknowledged))
        self._frame(time_ns, source, target, layer, octets)

    def _frame(self, time_ns: int, source: End, target: End, layer: Layer, octets: bytes) -> None:
        version = f"ip{source[0].version}"
        ip = Layer(version, (str(source[0]), ">", str(target[0])))
        (frame,) = wrap([Layer("eth"), ip, layer], octets, Sequences())
        self.packets.append(Packet(time_ns, _ETHERNET, frame, len(frame)))


def _ports(name: str, source: End, target: End) -> Layer:
    return Layer(name, (str(source[1]), ">", str(target[1])))
