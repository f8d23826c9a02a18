"""The language of wire cases: if this lies, every case lies."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.wire_cases.compile import FOLDER, cases, message, packets_of, read_case
from tests.wire_cases.files import WAYS, Pcapng

TEXT = """# A VLAN,
# and why.
packet 12.5
eth
vlan 200
ip4 203.0.113.7 > 192.0.2.1
udp 5071 > 5060
| OPTIONS sip:a SIP/2.0
! x\\r\\n\\t\\\\\\x00
= 80 ff

expect
udp a > b
"""


def test_case_is_about_packets_and_what_comes_of_them() -> None:
    case = read_case(TEXT)
    assert case.about == "A VLAN, and why."
    assert case.expected == ["udp a > b"]
    (packet,) = case.packets
    assert (packet.time_ns, packet.link) == (12_500_000_000, 1)
    assert packet.octets[12:18] == bytes.fromhex("8100 00c8 0800")
    assert packet.octets.endswith(b"OPTIONS sip:a SIP/2.0\r\nx\r\n\t\\\x00\x80\xff")
    assert packet.original == len(packet.octets)


def test_packets_may_be_cut_split_and_out_of_order() -> None:
    (cut,) = packets_of("packet cut=10\neth\n= " + "00" * 40)
    assert (len(cut.octets), cut.original) == (10, 54)
    split = packets_of("packet order=1,0,1\nraw\nip4 192.0.2.1 > 192.0.2.2 split=8\n! 12345678abc")
    assert [packet.octets[20:] for packet in split] == [b"abc", b"12345678", b"abc"]
    assert [packet.octets[6:8].hex() for packet in split] == ["0001", "2000", "0001"]


def test_tcp_counts_its_octets() -> None:
    head = "packet\nraw\nip4 192.0.2.1 > 192.0.2.2\ntcp 1 > 2"
    packets = packets_of(
        f"{head} flags=S\n{head}\n! 12345\n{head} split=2\n! 678\n{head} seq=7\n! 9"
    )
    sequences = [int.from_bytes(packet.octets[24:28], "big") for packet in packets]
    assert sequences == [1000, 1001, 1006, 1008, 7]


def test_message_is_sound() -> None:
    assert message("BYE", "x").startswith(b"BYE sip:100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP ")
    assert b"\r\nCall-ID: x@203.0.113.7\r\nCSeq: 1 BYE\r\n" in message("BYE", "x")


def test_every_case_says_what_it_shows_and_what_it_expects() -> None:
    found = cases()
    assert len(found) > 30
    assert [case.name for case in found if not case.about or not case.expected] == []
    readme = (FOLDER / "README.md").read_text()
    folders = {
        path.name for path in FOLDER.iterdir() if path.is_dir() and not path.name.startswith("_")
    }
    assert [name for name in folders if f"`{name}/`" not in readme] == []


def test_only_addresses_of_documentation_are_used() -> None:
    allowed = ("192.0.2.", "198.51.100.", "203.0.113.", "239.255.255.250")
    for case in cases():
        text = (FOLDER / case.name).read_text()
        words = {word.partition(":")[0] for word in text.split() if word.count(".") == 3}
        words = {word for word in words if word.replace(".", "").isdigit()}
        assert {word for word in words if not word.startswith(allowed)} == set(), case.name


@pytest.mark.parametrize("name", WAYS)
def test_files_are_those_that_others_read(name: str, tmp_path: Path) -> None:
    """Tcpdump reads what we write: the same packets, the same time."""
    if shutil.which("tcpdump") is None:
        pytest.skip("no tcpdump here")
    path = tmp_path / "case"
    packets = packets_of(
        "packet 1000000000.25\neth\nip4 192.0.2.1 > 192.0.2.2\nudp 1 > 2\n! abc\n" * 3
    )
    path.write_bytes(WAYS[name].file(packets))
    run = subprocess.run(
        ["tcpdump", "-ttnr", str(path)], capture_output=True, text=True, check=True
    )
    assert [line[:16] for line in run.stdout.splitlines()] == ["1000000000.25000"] * 3


def test_simple_and_obsolete_blocks_have_the_fields_of_the_draft() -> None:
    way = Pcapng()
    (packet,) = packets_of("packet\nraw\n! abcde")
    simple = way.simple_packet(packet)
    assert simple == bytes.fromhex("03000000 18000000 05000000") + b"abcde\0\0\0" + b"\x18\0\0\0"
    old = way.obsolete_packet(packet, 3)
    assert old[:12] == bytes.fromhex("02000000 28000000 0300 0700")
