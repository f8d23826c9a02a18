"""Layers of a packet: fields that read it stay, those that name the house do not."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from ringfence.evidence.redaction.packet import datagram_shell, shell_of
from ringfence.evidence.redaction.shell import FRAGMENT, MESSAGE, NOTHING, SEGMENT
from ringfence.wire.records import Record
from tests.evidence.redaction import scene
from tests.evidence.redaction.test_names import NAMES

PAIR = "ip4 203.0.113.66 > 10.0.0.5"


def record(layers: str, payload: bytes = b"INVITE sip:a SIP/2.0\r\n\r\n") -> Record:
    (packet,) = scene.carried(layers, payload)
    return Record(1, 0, packet.link, packet.octets, packet.original)


@pytest.mark.parametrize(
    ("layers", "kind"),
    [
        (f"eth\n{PAIR}\nudp 5071 > 5060", MESSAGE),
        (f"eth\nvlan 42\nmpls 77\n{PAIR}\nudp 5071 > 5060", MESSAGE),
        (f"eth\n{PAIR}\ntcp 5071 > 5060 options=12", SEGMENT),
        (f"eth\n{PAIR} more\nudp 5071 > 5060", FRAGMENT),
        ("eth\nip6 2001:db8::7 > fd00::5\nfrag id=9 more\nudp 5071 > 5060", FRAGMENT),
        (f"eth\n{PAIR}\nesp", NOTHING),
        (f"eth\n{PAIR}\nsctp 5071 > 5060", MESSAGE),
        (f"null\n{PAIR} options=8\nudp 5071 > 5060", MESSAGE),
    ],
)
def test_kinds_of_payload(layers: str, kind: str) -> None:
    packet = record(layers)
    shell = shell_of(packet, NAMES)
    assert shell.kind == kind
    out = shell.finish()
    assert len(out) == len(packet.octets)
    assert b"INVITE" not in out
    assert ip_address("10.0.0.5").packed not in out
    assert ip_address("fd00::5").packed not in out
    if kind != NOTHING:
        assert packet.octets[shell.start : shell.end].startswith((b"INVITE", b"\x13\xcf"))


def test_hardware_addresses_and_tunnel_numbers_are_not_ours_to_show() -> None:
    packet = record(
        f"eth\nvlan 42\nip4 10.1.1.1 > 10.1.1.2\ngre key=1 seq=1 checksum=1\n{PAIR}\nudp 1 > 2"
    )
    out = shell_of(packet, NAMES).finish()
    for secret in (
        bytes.fromhex("a2000000aa01"),
        bytes.fromhex("a2000000bb02"),
        bytes((10, 1, 1, 1)),
    ):
        assert secret in packet.octets
        assert secret not in out
    assert out[14:16] == b"\0\0"  # VLAN 42


def test_what_stands_behind_the_datagram_does_not_come_along() -> None:
    packet = record(f"eth\n{PAIR}\nudp 5071 > 5060")
    longer = Record(1, 0, packet.link, packet.octets + b"secret", packet.original + 6)
    assert b"secret" not in shell_of(longer, NAMES).finish()


def test_options_of_ip_record_routes() -> None:
    packet = record(f"raw\n{PAIR} options=8\nudp 5071 > 5060")
    out = shell_of(packet, NAMES).finish()
    assert out[20:28] == b"\x01" * 8


@pytest.mark.parametrize("link", [147, 999])
def test_unknown_links_carry_nothing(link: int) -> None:
    shell = shell_of(Record(1, 0, link, b"secret" * 9, 54), NAMES)
    assert (shell.kind, shell.finish()) == (NOTHING, bytes(54))


def test_every_prefix_of_a_packet_is_walked() -> None:
    for layers in (
        f"eth\nqinq 1\nvlan 2\n{PAIR}\nudp 5071 > 5060",
        "eth\nip4 10.1.1.1 > 10.1.1.2\nudp 1 > 9060\nhep3 203.0.113.66:5071 > 10.0.0.5:5060",
        (
            "eth\nip4 10.1.1.1 > 10.1.1.2\nudp 1 > 2152\ngtpu 7 extension\n"
            "ip4 10.0.0.5 > 10.0.0.6\nudp 1 > 2"
        ),
        "sll2\nip6 2001:db8::7 > fd00::5\nhopopts\nah\ntcp 5071 > 5060 options=12",
        f"eth\npppoe\n{PAIR}\nsctp 1 > 2 sack",
    ):
        whole = record(layers)
        for size in range(len(whole.octets)):
            cut = Record(1, 0, whole.link, whole.octets[:size], whole.original)
            assert len(shell_of(cut, NAMES).finish()) == size


def test_a_datagram_out_of_fragments() -> None:
    first = shell_of(record(f"eth\n{PAIR} more\nudp 5071 > 5060"), NAMES)
    whole = datagram_shell(first.payload + b"more", first, NAMES)
    assert (whole.kind, whole.source_port, whole.destination_port) == (MESSAGE, 5071, 5060)
