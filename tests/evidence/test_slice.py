"""The slice: the accused's packets, untouched, with what there is to say about them."""

from __future__ import annotations

import io
import re
import shutil
import struct
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence import flow
from ringfence.evidence.slice import Slice, describe, write_slice
from ringfence.model.incident import Clue, Incident, MessageReference
from ringfence.wire.decoder import Decoder
from ringfence.wire.records import PacketKeeper
from tests.evidence.conftest import ATTACK
from tests.search.scene import capture, fed
from tests.wire_cases.compile import packets_of
from tests.wire_cases.files import NANOSECONDS, Pcap
from tests.wire_cases.reading import decode

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="no tshark")


def sliced(incident: Incident, octets: bytes, rows: int = 64) -> tuple[bytes, Slice]:
    """Slice of one capture whose packets are decoded in tables of so many rows."""
    decoder = Decoder(rows)
    decoder.keeper = PacketKeeper()
    stream = io.BytesIO()
    made = write_slice(stream, incident, fed(octets, decoder), "ringfence 1")
    return stream.getvalue(), made


def accusing(incident: Incident, address: str, *packets: int) -> Incident:
    """One suspect, one clue, which names these packets."""
    clue = Clue("a_rule", 12.5, "it did this", [MessageReference(0, n, "") for n in packets])
    suspect = replace(incident.suspects[0], address=address, clues=[clue], calls_answered=[])
    return replace(incident, suspects=[suspect], defended=["192.0.2.1"])


@pytest.fixture(scope="module")
def file(incident: Incident, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The slice of the example."""
    path = tmp_path_factory.mktemp("slice") / "attackers.pcapng"
    with path.open("wb") as stream:
        tables = flow.read_messages([str(ATTACK)], keep_packets=True)
        write_slice(stream, incident, tables, "ringfence 1")
    return path


def tshark(path: Path, *arguments: str) -> list[str]:
    command = ["tshark", "-r", str(path), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def test_the_accused_and_their_answers_are_in_and_nobody_else(incident: Incident) -> None:
    octets, made = sliced(accusing(incident, "203.0.113.7"), capture())
    assert decode(octets).texts == decode(capture()).texts[:5]
    assert made == Slice(5, 5, 0, 0)


@pytest.mark.parametrize("rows", [1, 2, 64])
def test_a_packet_that_a_clue_names_is_in_whoever_sent_it(incident: Incident, rows: int) -> None:
    octets, made = sliced(accusing(incident, "203.0.113.7", 7), capture(), rows)
    assert decode(octets).texts[5:] == decode(capture()).texts[6:7]
    assert made.lost_remarks == 0


def test_accused_addresses_of_both_families_are_found(incident: Incident) -> None:
    octets, _ = sliced(accusing(incident, "2001:db8::7"), capture())
    assert decode(octets).texts == decode(capture()).texts[5:6]


def test_a_packet_that_is_not_there_is_told(incident: Incident) -> None:
    _, made = sliced(accusing(incident, "203.0.113.7", 1, 4711), capture())
    assert made.lost_remarks == 1


SPLIT = """
packet 1.000000007
eth
ip4 203.0.113.7 > 192.0.2.1 id=1 split=80,160
udp 5071 > 5060
sip OPTIONS one
packet 2
eth
ip4 203.0.113.7 > 192.0.2.1
tcp 5071 > 5060 split=100
sip OPTIONS two
packet 3
eth
ip4 203.0.113.7 > 192.0.2.1
tcp 5071 > 5060
sip OPTIONS three
sip OPTIONS four
"""


@pytest.mark.parametrize("rows", [1, 64])
def test_fragments_and_segments_are_all_there_octet_for_octet(
    incident: Incident, rows: int
) -> None:
    packets = packets_of(SPLIT)
    octets, made = sliced(
        accusing(incident, "203.0.113.7", 3, 5, 6), Pcap(NANOSECONDS).file(packets), rows
    )
    assert [(time, captured) for time, captured, _ in written(octets)] == [
        (packet.time_ns, packet.octets) for packet in packets
    ]
    assert [said for _, _, said in written(octets)] == [False, False, True, False, True, True]
    assert made == Slice(4, 6, 0, 0)


def written(octets: bytes) -> list[tuple[int, bytes, bool]]:
    """Time, octets and whether there is a comment, of each packet of a pcapng file."""
    found = []
    while octets:
        kind, length = struct.unpack_from("<II", octets)
        if kind == 6:
            _, high, low, captured, _ = struct.unpack_from("<IIIII", octets, 8)
            commented = b"ringfence: " in octets[28 + captured : length]
            found.append((high << 32 | low, octets[28 : 28 + captured], commented))
        octets = octets[length:]
    return found


@needs_tshark
def test_wireshark_opens_it_and_shows_the_comments(file: Path) -> None:
    lines = tshark(file, "-Y", "frame.comment", "-T", "fields", "-e", "frame.comment")
    text = "\n".join(lines)
    assert "ringfence: attacker-1: password of 240 accepted: account taken" in text
    assert "ringfence: attacker-1: call to +449098790115 answered on account 240" in text
    assert re.search(r"attacker-1: its From tags .* \(clue sipvicious_tag, \+50\.0 dB\)", text)


@needs_tshark
def test_a_comment_stands_at_the_packet_that_it_speaks_of(file: Path) -> None:
    accepted = tshark(
        file, "-Y", 'frame.comment contains "password of 240 accepted"',
        "-T", "fields", "-e", "sip.Status-Code", "-e", "sip.CSeq.method", "-e", "ip.dst",
    )  # fmt: skip
    assert accepted == ["200\tREGISTER\t203.0.113.66"]
    answered = tshark(
        file, "-Y", 'frame.comment contains "answered on account"',
        "-T", "fields", "-e", "sip.Status-Code", "-e", "sip.CSeq.method",
    )  # fmt: skip
    assert answered == ["200\tINVITE"] * 3


@needs_tshark
def test_roles_are_shown_in_place_of_addresses(file: Path) -> None:
    hosts = set(tshark(file, "-N", "n", "-T", "fields", "-e", "ip.src_host"))
    assert {"attacker-1.ringfence", "attacker-2.ringfence", "server-1.ringfence"} == hosts


@needs_tshark
def test_no_media_is_in_it(file: Path) -> None:
    assert tshark(file, "-Y", "rtp || !sip", "-T", "fields", "-e", "frame.number") == []


@pytest.mark.skipif(shutil.which("capinfos") is None, reason="no capinfos")
def test_its_header_says_how_it_was_made(file: Path, incident: Incident) -> None:
    shown = subprocess.run(["capinfos", str(file)], capture_output=True, text=True, check=True)
    said = shown.stdout
    assert "Capture application: ringfence 1" in said
    assert incident.inputs[0].sha256 in said
    assert "SIP messages whose source or destination is an accused address" in said


def test_a_header_about_a_thousand_captures_stays_readable(incident: Incident) -> None:
    inputs = [replace(incident.inputs[0], path="x" * 5000)] * 1000
    said = describe(replace(incident, inputs=inputs), "ringfence 1")
    assert "and 960 more" in said
    assert len(said) < 16_384


def test_nobody_accused_gives_a_file_that_opens(incident: Incident) -> None:
    octets, made = sliced(replace(incident, suspects=[], defended=[]), capture())
    assert decode(octets).packets == 0
    assert made == Slice(0, 0, 0, 0)
