"""Capture files of the lab: read, move in time, thin the sound, write (classic pcap)."""

import struct
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

_MAGIC: Final = 0xA1B2C3D4
_FILE_HEAD: Final = struct.Struct("<IHHiIII")
_PACKET_HEAD: Final = struct.Struct("<IIII")
_ETHERNET: Final = 1
_IPV4: Final = 0x0800
_UDP: Final = 17
_RTP_PACKET_S: Final = 0.02
_RTP_SAMPLES: Final = 160


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet: epoch seconds, the octets kept, the length it had on the wire."""

    at: float
    octets: bytes
    length: int


def read(path: Path) -> Iterator[Packet]:
    """The packets of a little-endian microsecond pcap, as tcpdump writes it here."""
    with open(path, "rb") as file:
        head = file.read(_FILE_HEAD.size)
        if len(head) < _FILE_HEAD.size or _FILE_HEAD.unpack(head)[0] != _MAGIC:
            raise ValueError(f"{path}: not a capture of this lab")
        while len(head := file.read(_PACKET_HEAD.size)) == _PACKET_HEAD.size:
            seconds, micros, kept, length = _PACKET_HEAD.unpack(head)
            octets = file.read(kept)
            if len(octets) < kept:
                return  # cut off while being written
            yield Packet(seconds + micros / 1e6, octets, length)


def link_type(path: Path) -> int:
    """The link type that the capture's head names."""
    with open(path, "rb") as file:
        return int(_FILE_HEAD.unpack(file.read(_FILE_HEAD.size))[6])


def write(path: Path, packets: Iterable[Packet], link: int = _ETHERNET) -> int:
    """Write packets in order of time; how many."""
    count = 0
    with open(path, "wb") as file:
        file.write(_FILE_HEAD.pack(_MAGIC, 2, 4, 0, 0, 262144, link))
        for packet in sorted(packets, key=lambda packet: packet.at):
            micros = round(packet.at * 1e6)
            head = _PACKET_HEAD.pack(*divmod(micros, 1_000_000), len(packet.octets), packet.length)
            file.write(head + packet.octets)
            count += 1
    return count


def moved(packets: Iterable[Packet], written: Callable[[float], float]) -> Iterator[Packet]:
    """Packets at the times that the lab's clock writes."""
    for packet in packets:
        yield replace(packet, at=written(packet.at))


def stretched_gaps(
    packets: Iterable[Packet], over_s: float, factor: float, servers: Collection[bytes]
) -> Iterator[Packet]:
    """Packets with every pause longer than `over_s` made `factor` times as long.

    A pause before a packet of a server is its delay, not somebody's patience: it stays.
    """
    before, added = None, 0.0
    for packet in packets:
        late = before is not None and packet.at - before > over_s
        if before is not None and late and not _is_from(packet.octets, servers):
            added += (packet.at - before) * (factor - 1)
        before = packet.at
        yield replace(packet, at=packet.at + added)


def _is_from(octets: bytes, servers: Collection[bytes]) -> bool:
    """Whether the IP source of an Ethernet frame is one of `servers` (packed addresses)."""
    return octets[26:30] in servers or octets[22:38] in servers


@dataclass(frozen=True, slots=True)
class _Sound:
    """Where an RTP packet's parts lie, and which stream it belongs to."""

    stream: bytes
    rtp: int
    sequence: int
    stamp: int


def _sound(octets: bytes, ports: range) -> _Sound | None:
    """What there is to know of an RTP packet on the media ports; None for other packets."""
    if len(octets) < 54 or int.from_bytes(octets[12:14], "big") != _IPV4 or octets[23] != _UDP:
        return None
    udp = 14 + (octets[14] & 0x0F) * 4
    source, target = struct.unpack(">HH", octets[udp : udp + 4])
    rtp = udp + 8
    if (source not in ports and target not in ports) or octets[rtp] != 0x80:
        return None
    sequence, stamp = struct.unpack(">HI", octets[rtp + 2 : rtp + 8])
    stream = octets[26 : udp + 4] + octets[rtp + 8 : rtp + 12]
    return _Sound(stream, rtp, sequence, stamp)


def thinned(packets: Iterable[Packet], ports: range, keep: int, cut: int) -> Iterator[Packet]:
    """One RTP packet in `keep`, cut to `cut` octets; its numbers made to fit its time.

    Stretched time would leave a call of ten minutes with ten seconds' worth of
    sequence numbers; they are rewritten as if nothing had been left out.
    """
    begun: dict[bytes, tuple[Packet, _Sound]] = {}
    counts: dict[bytes, int] = {}
    for packet in packets:
        sound = _sound(packet.octets, ports)
        if sound is None:
            yield packet
            continue
        first, first_sound = begun.setdefault(sound.stream, (packet, sound))
        number = counts[sound.stream] = counts.get(sound.stream, -1) + 1
        if number % keep:
            continue
        passed = round((packet.at - first.at) / _RTP_PACKET_S)
        yield _renumbered(packet, sound, first_sound, passed, cut)


def _renumbered(packet: Packet, sound: _Sound, first: _Sound, passed: int, cut: int) -> Packet:
    numbers = struct.pack(
        ">HI",
        first.sequence + passed & 0xFFFF,
        first.stamp + passed * _RTP_SAMPLES & 0xFFFFFFFF,
    )
    octets = bytearray(packet.octets)
    octets[sound.rtp + 2 : sound.rtp + 8] = numbers
    octets[sound.rtp - 2 : sound.rtp] = b"\0\0"  # no UDP checksum (RFC 768)
    return replace(packet, octets=bytes(octets[:cut]))
