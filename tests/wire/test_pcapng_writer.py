"""The blocks that are written: as the draft has them, and read back as they were given."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.wire.pcapng_writer import MAX_COMMENT, PcapngWriter
from tests.wire_cases.compile import packets_of
from tests.wire_cases.reading import decode


def blocks(octets: bytes) -> list[tuple[int, bytes]]:
    """Kinds and bodies; both lengths of each block agree and are multiples of four."""
    found = []
    while octets:
        kind, length = struct.unpack_from("<II", octets)
        assert length % 4 == 0
        assert octets[length - 4 : length] == octets[4:8]
        found.append((kind, octets[8 : length - 4]))
        octets = octets[length:]
    return found


def test_section_names_its_maker() -> None:
    ((kind, body),) = blocks(PcapngWriter("ringfence 1").start())
    assert kind == 0x0A0D0D0A
    assert body[:16] == struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
    assert b"ringfence 1" in body


def test_an_interface_comes_before_its_first_packet_and_once() -> None:
    writer = PcapngWriter("")
    first = blocks(writer.packet(1, "a.pcap", 0, b"x", 1))
    again = blocks(writer.packet(1, "a.pcap", 0, b"x", 1))
    other_link = blocks(writer.packet(113, "a.pcap", 0, b"x", 1))
    other_name = blocks(writer.packet(1, "b.pcap", 0, b"x", 1))
    assert [kind for kind, _ in first] == [1, 6]
    assert [kind for kind, _ in again] == [6]
    assert [struct.unpack_from("<H", found[0][1])[0] for found in (other_link, other_name)] == [
        113,
        1,
    ]
    numbers = [
        struct.unpack_from("<I", found[-1][1])[0]
        for found in (first, again, other_link, other_name)
    ]
    assert numbers == [0, 0, 1, 2]


@given(st.integers(0, 2**64 - 1), st.binary(max_size=70), st.integers(0, 2**31))
def test_packet_keeps_time_octets_and_length(time_ns: int, octets: bytes, original: int) -> None:
    _, (_, body) = blocks(PcapngWriter("").packet(1, "", time_ns, octets, original))
    _, high, low, captured, length = struct.unpack_from("<IIIII", body)
    assert high << 32 | low == time_ns
    assert body[20 : 20 + captured] == octets
    assert len(body) - 20 - captured < 4
    assert length == max(original, len(octets))


@pytest.mark.parametrize("name", ["", "x" * 100_000, "caf\u00e9.pcap", "\ud800"])
def test_name_of_any_kind_makes_a_sound_block(name: str) -> None:
    assert [kind for kind, _ in blocks(PcapngWriter(name).start())] == [0x0A0D0D0A]
    assert len(blocks(PcapngWriter("").packet(1, name, 0, b"", 0))) == 2


def test_what_was_written_decodes_to_the_nanosecond() -> None:
    (packet,) = packets_of(
        "packet 1.000000001\neth\nip4 203.0.113.7 > 192.0.2.1\nudp 1 > 5060\nsip OPTIONS one"
    )
    writer = PcapngWriter("ringfence")
    octets = writer.start() + writer.packet(1, "a", packet.time_ns, packet.octets, packet.original)
    (row,) = decode(octets).rows
    assert row["time"] == packet.time_ns


def shown_by_tshark(octets: bytes, folder: Path, *arguments: str) -> str:
    """What tshark prints of the file."""
    if shutil.which("tshark") is None:
        pytest.skip("no tshark")
    path = folder / "x.pcapng"
    path.write_bytes(octets)
    run = subprocess.run(
        ["tshark", "-r", path, *arguments], capture_output=True, text=True, check=True
    )
    return run.stdout


def one_packet(writer: PcapngWriter, *comments: str) -> bytes:
    (packet,) = packets_of(
        "packet 1\neth\nip4 203.0.113.7 > 192.0.2.1\nudp 1 > 5060\nsip OPTIONS one"
    )
    return writer.packet(1, "a", packet.time_ns, packet.octets, packet.original, comments)


def test_comments_of_packets_are_shown_by_wireshark(tmp_path: Path) -> None:
    writer = PcapngWriter("ringfence")
    octets = writer.start("made by hand") + one_packet(writer, "first: caf\u00e9", "second")
    octets += one_packet(writer)
    shown = shown_by_tshark(
        octets, tmp_path, "-T", "fields", "-e", "frame.comment", "-E", "aggregator=|"
    )
    assert shown.splitlines() == ["first: caf\u00e9|second", ""]


def test_names_are_shown_in_place_of_addresses(tmp_path: Path) -> None:
    writer = PcapngWriter("ringfence")
    names = {
        bytes([203, 0, 113, 7]): "attacker-1.ringfence",
        bytes.fromhex("20010db8" + "00" * 11 + "07"): "server-2.ringfence",
    }
    octets = writer.start() + writer.names(names) + one_packet(writer)
    shown = shown_by_tshark(octets, tmp_path, "-N", "n", "-T", "fields", "-e", "ip.src_host")
    assert shown == "attacker-1.ringfence\n"


@pytest.mark.parametrize("comment", ["x" * 100_000, "\u00e9" * 100_000, "a\0b", "\ud800"])
def test_a_comment_of_any_length_makes_a_sound_block(comment: str) -> None:
    ((_, start),) = blocks(PcapngWriter("").start(comment))
    _, (_, packet) = blocks(PcapngWriter("").packet(1, "", 0, b"abc", 3, [comment]))
    for options in (start[16:], packet[24:]):
        code, length = struct.unpack_from("<HH", options)
        assert code == 1
        assert 0 < length <= MAX_COMMENT
        assert b"\0" not in options[4 : 4 + length]
        options[4 : 4 + length].decode()  # not cut within a character
