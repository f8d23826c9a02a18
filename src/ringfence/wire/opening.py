"""What the first octets of a TCP stream say about the rest.

Each question is answered from a bounded prefix, so it may be asked again for
every octet that arrives. None always means: need more.
"""

from __future__ import annotations

import enum
import re
import zlib

from ringfence.wire.errors import WireError
from ringfence.wire.framing import may_become_start_line
from ringfence.wire.websocket import FrameHeader, decode_frame_header, unmask

# haproxy's proxy-protocol.txt 2.1: the longest version 1 header.
MAX_PROXY_LINE = 107
# Version 2 may carry extensions; haproxy itself sends some hundred octets.
MAX_PROXY_BLOCK = 4096
# How much of a first WebSocket payload is looked at; more when it is compressed,
# because the code tables come first.
PROBE_OCTETS = 48
COMPRESSED_PROBE_OCTETS = 512

_PROXY_BLOCK = b"\r\n\r\n\x00\r\nQUIT\n"
_PROXY_LINE = re.compile(rb"PROXY (?:TCP[46]|UNKNOWN)[^\r\n]{0,95}\r\n")
# First octets of text and binary frames, final or not, compressed or not. 0x41 and
# 0x42 (compressed, not final) are the letters A and B: ACK and BYE are likelier.
_FRAME_STARTS = frozenset(b"\x01\x02\x81\x82\xc1\xc2")


class Opening(enum.Enum):
    """The kinds of stream that their first octets can tell."""

    TEXT = "text"
    TLS = "tls"
    HEP = "hep"
    WEBSOCKET = "websocket"


def proxy_header_size(octets: bytes | bytearray) -> int | None:
    """How many octets of PROXY protocol, version 1 or 2, stand first; 0: none."""
    return _proxy_line_size(octets) if octets[:1] == b"P" else _proxy_block_size(octets)


def _proxy_line_size(octets: bytes | bytearray) -> int | None:
    if not octets.startswith(b"PROXY "[: len(octets)]):
        return 0
    if found := _PROXY_LINE.match(octets):
        return found.end()
    return 0 if len(octets) > MAX_PROXY_LINE or b"\n" in octets else None


def _proxy_block_size(octets: bytes | bytearray) -> int | None:
    if not octets.startswith(_PROXY_BLOCK[: len(octets)]):
        return 0
    if len(octets) < 16:
        return None
    size = 16 + int.from_bytes(octets[14:16], "big")
    if size > MAX_PROXY_BLOCK:
        return 0
    return size if len(octets) >= size else None


def recognise_opening(octets: bytes | bytearray) -> Opening | None:
    """What starts with these octets. TEXT is what is left: SIP, HTTP or anything else."""
    if not octets:
        return None
    first = octets[0]
    if 0x14 <= first <= 0x17:  # RFC 8446 5.1: a record, version 3.x
        return _match(octets[1:2], b"\x03", Opening.TLS)
    if first == 0x48:
        return _match(octets[:4], b"HEP3", Opening.HEP)
    if first in _FRAME_STARTS:
        return _recognise_frame(octets)
    return Opening.TEXT


def _match(octets: bytes | bytearray, expected: bytes, opening: Opening) -> Opening | None:
    if octets == expected:
        return opening
    return None if expected.startswith(octets) else Opening.TEXT


def _recognise_frame(octets: bytes | bytearray) -> Opening | None:
    """A frame counts when its payload starts a SIP message (RFC 7118)."""
    try:
        header = decode_frame_header(octets)
    except WireError:
        return Opening.TEXT
    if header is None:
        return None
    probe = min(header.length, COMPRESSED_PROBE_OCTETS if header.compressed else PROBE_OCTETS)
    if len(octets) < header.size + probe:
        return None
    start = _first_text(header, bytes(octets[header.size : header.size + probe]))
    return Opening.WEBSOCKET if may_become_start_line(start) else Opening.TEXT


def _first_text(header: FrameHeader, payload: bytes) -> bytes:
    text = unmask(payload, header.mask)
    if header.compressed:
        try:
            text = zlib.decompressobj(-15).decompress(text, PROBE_OCTETS)
        except zlib.error:
            return b""
    return text.lstrip(b"\r\n")
