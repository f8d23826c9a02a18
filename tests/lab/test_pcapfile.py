import struct
from ipaddress import ip_address
from pathlib import Path

import pytest

from lab import pcapfile
from lab.pcapfile import Packet

PORTS = range(30000, 30010)
PBX = ip_address("192.0.2.10").packed
PHONE = ip_address("192.0.2.20").packed


def frame(source: bytes, target: bytes, payload: bytes, port: int = 5060) -> bytes:
    """Ethernet, IPv4 and UDP around `payload`."""
    udp = struct.pack(">HHHH", port, port, 8 + len(payload), 7) + payload
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + source + target
    return bytes(12) + b"\x08\x00" + ip + udp


def sound(number: int, at: float) -> Packet:
    rtp = struct.pack(">BBHII", 0x80, 0, 65530 + number & 0xFFFF, 160 * number, 99) + bytes(160)
    octets = frame(PHONE, PBX, rtp, 30002)
    return Packet(at, octets, len(octets))


def test_what_is_written_is_read_again_in_order_of_time(tmp_path: Path) -> None:
    packets = [Packet(2.5, b"later", 9), Packet(1.25, b"first", 5)]
    assert pcapfile.write(tmp_path / "a.pcap", packets) == 2
    assert list(pcapfile.read(tmp_path / "a.pcap")) == [packets[1], packets[0]]


def test_a_file_cut_off_while_written_gives_its_whole_packets(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    pcapfile.write(path, [Packet(1.0, b"whole", 5), Packet(2.0, b"cut", 3)])
    path.write_bytes(path.read_bytes()[:-1])
    assert [packet.octets for packet in pcapfile.read(path)] == [b"whole"]


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pcapng"
    path.write_bytes(b"\x0a\x0d\x0d\x0a" + bytes(40))
    with pytest.raises(ValueError, match="not a capture of this lab"):
        list(pcapfile.read(path))


def test_pauses_of_people_grow_and_delays_of_servers_do_not() -> None:
    asks, answers = frame(PHONE, PBX, b"REGISTER"), frame(PBX, PHONE, b"SIP/2.0 401")
    packets = [
        Packet(0.0, asks, 50),
        Packet(0.1, answers, 50),  # a slow server
        Packet(0.2, asks, 50),  # a patient phone
    ]
    grown = list(pcapfile.stretched_gaps(packets, 0.05, 100, {PBX}))
    assert [round(packet.at, 6) for packet in grown] == [0.0, 0.1, 10.1]


def test_thinned_sound_keeps_numbers_that_fit_its_time() -> None:
    packets = [sound(n, n * 2.0) for n in range(6)]  # 20 ms written as 2 s
    kept = list(pcapfile.thinned(packets, PORTS, keep=5, cut=262144))
    numbers = [struct.unpack(">HI", packet.octets[44:50]) for packet in kept]
    assert numbers == [(65530, 0), ((65530 + 500) & 0xFFFF, 80_000)]


def test_cut_sound_keeps_the_length_it_had() -> None:
    (kept,) = pcapfile.thinned([sound(0, 0.0)], PORTS, keep=1, cut=60)
    assert (len(kept.octets), kept.length) == (60, 214)


def test_signalling_is_never_thinned() -> None:
    packets = [Packet(float(n), frame(PHONE, PBX, b"OPTIONS"), 49) for n in range(7)]
    assert list(pcapfile.thinned(packets, PORTS, keep=5, cut=20)) == packets
