"""HEP and other tunnels in UDP: the message inside is found, the agent is not named."""

from __future__ import annotations

import pytest

from ringfence.evidence.redaction.packet import shell_of
from ringfence.evidence.redaction.shell import MESSAGE
from ringfence.wire.hep import decode_hep
from ringfence.wire.records import Record
from tests.evidence.redaction import scene
from tests.evidence.redaction.test_names import NAMES

INVITE = b"INVITE sip:a SIP/2.0\r\n\r\n"
OUTER = "eth\nip4 10.1.1.1 > 10.1.1.2\n"


def chunk(kind: int, value: bytes) -> bytes:
    return kind.to_bytes(4, "big") + (6 + len(value)).to_bytes(2, "big") + value


def hep3(*chunks: bytes) -> bytes:
    inside = b"".join(chunks)
    return b"HEP3" + (6 + len(inside)).to_bytes(2, "big") + inside


def redact(payload: bytes, port: int = 9060) -> tuple[bytes, bytes]:
    """Payload of the shell, and the whole packet."""
    (packet,) = scene.carried(f"{OUTER}udp 40000 > {port}", payload)
    shell = shell_of(Record(1, 0, packet.link, packet.octets, packet.original), NAMES)
    assert shell.kind == MESSAGE
    inside = shell.payload
    shell.fill(0, b"x" * len(inside))
    return inside, shell.finish()


def test_chunks_that_name_the_agent_are_masked() -> None:
    secrets = {0x0E: b"authkey", 0x11: b"correlation", 0x13: b"node-name", 0x12: b"\x77\x66",
               0x0C: b"\x12\x34\x56\x78", 0x00010028: b"of a vendor", 0x20: b"unknown"}  # fmt: skip
    packet = hep3(
        chunk(1, b"\x02"), chunk(2, b"\x11"), chunk(3, bytes((203, 0, 113, 66))),
        chunk(4, bytes((10, 0, 0, 5))), chunk(7, b"\x13\xcf"), chunk(8, b"\x13\xc4"),
        chunk(9, b"\x68\0\0\0"), chunk(10, bytes(4)), chunk(11, b"\x01"),
        *(chunk(kind, value) for kind, value in secrets.items()), chunk(15, INVITE),
    )  # fmt: skip
    inside, out = redact(packet)
    assert inside == INVITE
    assert not any(value in out for value in secrets.values())
    read = decode_hep(out[42:])
    assert read is not None
    assert (read.src, read.sport, read.dport) == (bytes((203, 0, 113, 66)), 5071, 5060)
    assert read.dst != bytes((10, 0, 0, 5))


@pytest.mark.parametrize("payload", [INVITE, b"SIP/2.0 200 OK\r\n\r\n", b"\r\n" + INVITE])
@pytest.mark.parametrize("port", [2152, 4789, 9060])
def test_sip_on_the_port_of_a_tunnel_is_sip(payload: bytes, port: int) -> None:
    assert redact(payload, port)[0] == payload


@pytest.mark.parametrize(
    "layers",
    [
        "udp 1 > 2152\ngtpu 7 seq\nip4 10.0.0.5 > 203.0.113.66\nudp 1 > 2",
        "udp 1 > 4789\nvxlan 7\neth\nip4 10.0.0.5 > 203.0.113.66\nudp 1 > 2",
        "udp 1 > 9060\nhep2 10.0.0.5:1 > 203.0.113.66:2",
        "udp 1 > 9060\nhep1 [fd00::5]:1 > [2001:db8::7]:2",
    ],
)
def test_messages_in_tunnels_are_found(layers: str) -> None:
    (packet,) = scene.carried(OUTER + layers, INVITE)
    shell = shell_of(Record(1, 0, packet.link, packet.octets, packet.original), NAMES)
    assert shell.payload == INVITE
    out = shell.finish()
    assert bytes((10, 0, 0, 5)) not in out
    assert b"\xfd" + bytes(14) + b"\x05" not in out
