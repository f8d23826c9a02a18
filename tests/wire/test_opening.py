from __future__ import annotations

import struct
import zlib

import pytest

from ringfence.wire.opening import (
    MAX_PROXY_BLOCK,
    Opening,
    proxy_header_size,
    recognise_opening,
)

BLOCK = b"\r\n\r\n\x00\r\nQUIT\n"
LINE = b"PROXY TCP4 203.0.113.7 192.0.2.1 40000 5060\r\n"
SIP = b"INVITE sip:100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/WS x\r\n\r\n"


def compressed(octets: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return (deflate.compress(octets) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]


@pytest.mark.parametrize(
    ("octets", "opening"),
    [
        (b"", None),
        (b"\x16", None),
        (b"\x16\x03", Opening.TLS),
        (b"\x17\x03\x03", Opening.TLS),
        (b"\x16\x04", Opening.TEXT),
        (b"H", None),
        (b"HEP", None),
        (b"HEP3", Opening.HEP),
        (b"HTTP", Opening.TEXT),
        (b"HELLO", Opening.TEXT),
        (b"INVITE", Opening.TEXT),
        (b"\x81", None),
        (b"\x81\x7e\x00", None),
        (b"\x81\x04SIP", None),
        (bytes([0x81, len(SIP)]) + SIP, Opening.WEBSOCKET),
        (bytes([0x02, 20]) + SIP, Opening.WEBSOCKET),
        (bytes([0x81, 0x80 + len(SIP), 0, 0, 0, 0]) + SIP, Opening.WEBSOCKET),
        (bytes([0xC1, len(compressed(SIP))]) + compressed(SIP), Opening.WEBSOCKET),
        (bytes([0xC1, 8]) + b"\xff" * 8, Opening.TEXT),
        (bytes([0x81, 60]) + b"{" * 60, Opening.TEXT),
        (b"\x81\xff" + b"\xff" * 12, Opening.TEXT),
        (b"\x00binary", Opening.TEXT),
    ],
)
def test_opening(octets: bytes, opening: Opening | None) -> None:
    assert recognise_opening(octets) is opening


@pytest.mark.parametrize(
    ("octets", "size"),
    [
        (LINE, len(LINE)),
        (LINE + b"INVITE", len(LINE)),
        (b"PROXY UNKNOWN\r\n", 15),
        (b"P", None),
        (LINE[:-1], None),
        (b"PUBLISH sip:x SIP/2.0\r\n", 0),
        (b"PROXY " + b"x" * 200, 0),
        (b"PROXY nonsense\r\n", 0),
        (b"", None),
        (b"\r\n\r\n", None),
        (b"\r\n\r\n\r\n", 0),
        (b"\r\nINVITE", 0),
        (BLOCK + b"\x21\x11\x00\x0c" + bytes(12), 28),
        (BLOCK + b"\x21\x11\x00\x0c" + bytes(11), None),
        (BLOCK + b"\x21\x11" + struct.pack("!H", MAX_PROXY_BLOCK), 0),
        (b"INVITE", 0),
    ],
)
def test_proxy_protocol_is_measured(octets: bytes, size: int | None) -> None:
    assert proxy_header_size(octets) == size
    assert proxy_header_size(bytearray(octets)) == size


@pytest.mark.parametrize("octets", [LINE, BLOCK + b"\x21\x11\x00\x0c" + bytes(12), SIP, BLOCK])
def test_answer_does_not_change_when_more_comes(octets: bytes) -> None:
    answers = {proxy_header_size(octets[:n]) for n in range(len(octets) + 1)} - {None}
    assert len(answers) <= 1
    openings = {recognise_opening(octets[:n]) for n in range(len(octets) + 1)} - {None}
    assert len(openings) == 1
