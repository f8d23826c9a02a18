from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.wire import websocket
from ringfence.wire.errors import WireError
from ringfence.wire.websocket import FrameReader, Inflater, decode_frame_header, unmask

MASK = b"\x12\x34\x56\x78"


def frame(
    payload: bytes, opcode: int = 1, *, final: bool = True, mask: bytes = b"", rsv1: bool = False
) -> bytes:
    first = opcode | (0x80 if final else 0) | (0x40 if rsv1 else 0)
    n, masked = len(payload), 0x80 if mask else 0
    if n < 126:
        head = struct.pack("!BB", first, masked | n)
    elif n < 65536:
        head = struct.pack("!BBH", first, masked | 126, n)
    else:
        head = struct.pack("!BBQ", first, masked | 127, n)
    return head + mask + unmask(payload, mask)


class Deflater:
    """What a browser does: one window for all its messages."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(wbits=-15)

    def frame(self, payload: bytes) -> bytes:
        octets = self._deflate.compress(payload) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        return frame(octets[:-4], rsv1=True)


def read_all(reader: FrameReader, octets: bytes, step: int = 0) -> list[bytes]:
    buffer = bytearray()
    out: list[bytes] = []
    for at in range(0, len(octets), step or len(octets) or 1):
        buffer += octets[at : at + (step or len(octets))]
        while (message := reader.next(buffer)) is not None:
            out.append(message)
    return out


@pytest.mark.parametrize("step", [0, 1, 7])
@pytest.mark.parametrize("mask", [b"", MASK, bytes(4)])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_lengths_of_all_three_kinds(size: int, mask: bytes, step: int) -> None:
    if step and size > 1000:
        step *= 1000
    octets = frame(b"x" * size, mask=mask) + frame(b"after", mask=mask)
    assert read_all(FrameReader(), octets, step) == [b"x" * size, b"after"]


def test_message_in_pieces_with_control_frames_between() -> None:
    octets = (
        frame(b"INV", final=False, mask=MASK)
        + frame(b"ping", 0x9, mask=MASK)
        + frame(b"ITE", 0x0, final=False, mask=MASK)
        + frame(b"", 0xA)
        + frame(b" sip:", 0x0, mask=MASK)
        + frame(b"bye", 0x8)
    )
    assert read_all(FrameReader(), octets) == [b"INVITE sip:"]


BAD_FRAMES = {
    "reserved opcode 3": frame(b"", 0x3),
    "reserved opcode 11": frame(b"", 0xB),
    "reserved bit": b"\xa1\x00",
    "fragmented ping": frame(b"", 0x9, final=False),
    "ping of 126 octets": frame(b"x" * 126, 0x9),
    "compressed pong": frame(b"", 0xA, rsv1=True),
    "continuation of nothing": frame(b"x", 0x0),
    "compressed continuation": frame(b"x", 0x0, rsv1=True),
    "new message inside another": frame(b"x", final=False) + frame(b"y"),
    "length with its highest bit set": b"\x81\x7f" + b"\x80" + bytes(7),
}


@pytest.mark.parametrize("lie", BAD_FRAMES)
@pytest.mark.parametrize("step", [0, 1])
def test_bad_frame_ends_the_reading(lie: str, step: int) -> None:
    with pytest.raises(WireError) as error:
        read_all(FrameReader(), BAD_FRAMES[lie], step)
    assert error.value.offset >= 0


@pytest.mark.parametrize("n", range(14))
def test_header_cut_anywhere_needs_more(n: int) -> None:
    header = frame(b"x" * 65_536, mask=MASK)[:14]
    assert decode_frame_header(header[:n]) is None
    assert decode_frame_header(header) is not None


def test_message_too_large_is_passed_over_and_the_next_is_read() -> None:
    size = websocket.MAX_MESSAGE + 1
    octets = frame(b"x" * size) + frame(b"next")
    reader = FrameReader()
    buffer = bytearray()
    out = []
    most = 0
    for at in range(0, len(octets), 1000):
        buffer += octets[at : at + 1000]
        while (message := reader.next(buffer)) is not None:
            out.append(message)
        most = max(most, len(buffer) + reader.octets)
    assert out == [b"next"]
    assert reader.take_losses() == 1
    assert reader.take_losses() == 0
    assert most <= 2000


def test_endless_fragments_are_not_kept() -> None:
    reader = FrameReader()
    buffer = bytearray(frame(b"x" * 60_000, final=False))
    assert reader.next(buffer) is None
    for _ in range(10):
        buffer += frame(b"x" * 60_000, 0x0, final=False)
        assert reader.next(buffer) is None
        assert reader.octets <= websocket.MAX_MESSAGE
    buffer += frame(b"", 0x0) + frame(b"next")
    assert reader.next(buffer) == b"next"


def test_frame_of_eight_exbioctets_is_not_waited_for_in_memory() -> None:
    reader = FrameReader()
    buffer = bytearray(b"\x82\x7f\x7f" + b"\xff" * 7 + b"x" * 5000)
    assert reader.next(buffer) is None
    assert len(buffer) + reader.octets == 0


def test_compressed_messages_share_a_window() -> None:
    deflater, reader = Deflater(), FrameReader()
    messages = [b"REGISTER sip:192.0.2.1 SIP/2.0\r\n" * 3, b"REGISTER sip:192.0.2.1", b""]
    octets = b"".join(deflater.frame(message) for message in messages)
    assert len(octets) < len(messages[0])
    assert read_all(reader, octets, 1) == messages
    assert reader.has_window


def test_compressed_message_in_pieces() -> None:
    whole = Deflater().frame(b"SIP/2.0 200 OK\r\n\r\n")
    payload = whole[2:]
    octets = (
        frame(payload[:5], final=False, rsv1=True)
        + frame(b"", 0x9)
        + frame(payload[5:], 0x0)
        + frame(b"plain")
    )
    assert read_all(FrameReader(), octets) == [b"SIP/2.0 200 OK\r\n\r\n", b"plain"]


def test_compressed_message_whose_last_block_is_final() -> None:
    deflate = zlib.compressobj(wbits=-15)
    octets = frame(deflate.compress(b"OPTIONS") + deflate.flush() + b"\x00", rsv1=True)
    assert read_all(FrameReader(), octets + octets) == [b"OPTIONS", b"OPTIONS"]


def test_message_that_does_not_inflate_is_counted_and_the_next_is_read() -> None:
    reader = FrameReader()
    assert read_all(reader, frame(b"\xff" * 20, rsv1=True) + frame(b"next")) == [b"next"]
    assert reader.take_losses() == 1


@pytest.mark.parametrize("extra", [1, 10_000_000])
def test_inflation_bomb_is_bounded(extra: int) -> None:
    bomb = Deflater().frame(bytes(websocket.MAX_MESSAGE + extra))
    reader = FrameReader()
    assert read_all(reader, bomb + Deflater().frame(b"next")) == [b"next"]
    assert reader.take_losses() == 1


def test_message_inflates_to_exactly_the_limit() -> None:
    deflate = zlib.compressobj(wbits=-15)
    inflater = Inflater()
    for _ in range(3):
        octets = deflate.compress(bytes(1000)) + deflate.flush(zlib.Z_SYNC_FLUSH)
        assert inflater.inflate(octets[:-4], limit=1000) == bytes(1000)


def test_forgotten_window() -> None:
    deflater, reader = Deflater(), FrameReader()
    first = deflater.frame(b"REGISTER sip:192.0.2.1 SIP/2.0")
    second = deflater.frame(b"REGISTER sip:192.0.2.1 SIP/2.0")
    assert read_all(reader, first)
    reader.forget_window()
    assert not reader.has_window
    assert read_all(reader, second) == []
    assert reader.take_losses() == 1


def test_unfinished_message_is_what_there_is_of_it() -> None:
    reader = FrameReader()
    buffer = bytearray(frame(b"INVITE ", final=False) + frame(b"sip:100", 0x0, mask=MASK)[:-2])
    assert reader.next(buffer) is None
    assert reader.unfinished(buffer) == b"INVITE sip:1"


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_masking_twice_is_nothing(payload: bytes, mask: bytes) -> None:
    expected = bytes(octet ^ mask[n % 4] for n, octet in enumerate(payload))
    assert unmask(payload, mask) == expected
    assert unmask(expected, mask) == payload


@given(st.binary(max_size=80))
def test_anything_is_a_message_or_need_more_or_an_error(octets: bytes) -> None:
    def outcome(step: int) -> tuple[list[bytes], bool]:
        reader, buffer, out = FrameReader(), bytearray(), list[bytes]()
        try:
            for at in range(0, len(octets), step):
                buffer += octets[at : at + step]
                while (message := reader.next(buffer)) is not None:
                    out.append(message)
        except WireError:
            return out, True
        return out, False

    assert outcome(1) == outcome(1000)
