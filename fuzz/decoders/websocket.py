"""`wire/websocket`: frames to messages, inflated where they are compressed.

Invariant: a frame header is a value, "need more" or WireError, the same for each
longer prefix; a reader takes the same messages from octets that come whole or
one by one, holds no more than one message, and raises WireError alone; unmasking
twice gives the payload back.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from fuzz.decoders.stream import frame
from fuzz.harness import hold, pieces
from ringfence.wire.errors import WireError
from ringfence.wire.websocket import MAX_MESSAGE, FrameReader, decode_frame_header, unmask

TOKENS = (
    b"\x81", b"\x82", b"\xc1", b"\x01", b"\x80", b"\x89", b"\x88\x02", b"\xfe", b"\xff",
    b"\x7e\xff\xff",
    b"\x7f\x00\x00\x00\x00\x00\x01\x00\x00", b"\x00\x00\xff\xff", b"OPTIONS sip:a SIP/2.0\r\n\r\n",
)  # fmt: skip


def check(octets: bytes) -> object:
    """A header from each prefix; a reader over all of it, whole and in pieces."""
    _check_prefixes(octets[:20])
    mask = octets[:4].ljust(4, b"\1")
    hold(unmask(unmask(octets, mask), mask) == octets, "unmasking twice changes the payload")
    whole = _read([octets])
    hold(_read(pieces(octets)) == whole, "pieces give other messages")
    return whole


def _check_prefixes(octets: bytes) -> None:
    earlier: object = None
    for size in range(len(octets) + 1):
        try:
            now: object = decode_frame_header(octets[:size])
        except WireError as error:
            hold(0 <= error.offset <= size, "an offset outside the octets")
            now = str(error)
        hold(earlier is None or now == earlier, "an answer changes when more comes")
        earlier = now


def _read(runs: Iterable[bytes]) -> tuple[list[bytes], str, int, bytes]:
    reader, buffer, seen, losses = FrameReader(), bytearray(), [], 0
    for run in runs:
        buffer += run
        try:
            while (message := reader.next(buffer)) is not None:
                hold(len(message) <= MAX_MESSAGE, "a message larger than the bound")
                seen.append(message)
        except WireError as error:
            return seen, str(error), losses + reader.take_losses(), b""
        losses += reader.take_losses()
        hold(reader.octets <= MAX_MESSAGE, "holds more than one message")
    try:
        rest = reader.unfinished(buffer)
    except WireError as error:
        return seen, str(error), losses, b""
    return seen, "", losses, rest


def seeds() -> list[bytes]:
    """Whole, fragmented, masked, compressed, too large, out of order."""
    text = b"OPTIONS sip:a SIP/2.0\r\n\r\n"
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = [(packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4] for _ in range(2)]
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb_text = (bomb.compress(bytes(200_000)) + bomb.flush(zlib.Z_SYNC_FLUSH))[:-4]
    return [
        frame(text) + frame(text, 0x81, b"mask"),
        frame(text[:5], 1) + frame(b"hi", 0x89) + frame(text[5:], 0x80),
        frame(packed[0], 0xC1) + frame(packed[1], 0xC1),
        frame(bomb_text, 0xC2) + frame(text),
        frame(text, 0x80),
        b"\x82\x7f" + (300_000).to_bytes(8, "big") + text,
        b"\x82\x7f\xff" + bytes(7),
        frame(packed[0][:9], 0xC1) + frame(b"\xff" * 9, 0xC1),
        b"\x8b\x00",
        b"\x88\x02\x03\xe8",
    ]
