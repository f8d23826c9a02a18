"""WebSocket frames to messages (RFC 6455), inflated when compressed (RFC 7692).

How it works: `FrameReader.next` takes frames off the front of a buffer until a
message is whole. Control frames are passed over, wherever they come.
Rules: a frame that breaks the RFC ends the reading (WireError): after it nobody
knows where the next one starts. A message larger than any SIP message is
passed over without being kept, so that the reading goes on after it.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from ringfence.wire.errors import WireError

# RFC 7118 carries one SIP message a WebSocket message; none of interest is
# larger than this (64 KiB and its headers). Larger ones are counted and passed over.
MAX_MESSAGE = 128 * 1024

_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PONG = 0x0, 0x1, 0x2, 0x8, 0xA
_FINAL, _COMPRESSED, _RESERVED = 0x80, 0x40, 0x30
# What a sender leaves off the end of each compressed message (RFC 7692 7.2.2).
_FLUSH = b"\x00\x00\xff\xff"


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """The head of one frame; `length` counts payload octets, `size` those of the head."""

    final: bool
    compressed: bool
    opcode: int
    mask: bytes
    length: int
    size: int

    @property
    def is_control(self) -> bool:
        return self.opcode >= _CLOSE


def decode_frame_header(octets: bytes | bytearray) -> FrameHeader | None:
    """The frame header at the start of `octets`; None: need more; WireError: RFC 6455 5.2."""
    if len(octets) < 2:
        return None
    first, second = octets[0], octets[1]
    opcode, length, size = first & 0x0F, second & 0x7F, 2
    _check_first_octets(first, opcode, length)
    if length >= 126:
        size += 2 if length == 126 else 8
        if len(octets) < size:
            return None
        length = int.from_bytes(octets[2:size], "big")
        if length >> 63:
            raise WireError("frame length has its highest bit set", offset=2)
    mask = b""
    if second & 0x80:
        mask = bytes(octets[size : size + 4])
        size += 4
        if len(octets) < size:
            return None
    return FrameHeader(bool(first & _FINAL), bool(first & _COMPRESSED), opcode, mask, length, size)


def _check_first_octets(first: int, opcode: int, length: int) -> None:
    if first & _RESERVED:
        raise WireError("reserved bits are set in a frame", offset=0)
    if _BINARY < opcode < _CLOSE or opcode > _PONG:
        raise WireError(f"frame has the reserved opcode {opcode}", offset=0)
    if opcode >= _CLOSE and (length > 125 or not first & _FINAL):
        raise WireError("control frame is fragmented or too long", offset=0)
    if first & _COMPRESSED and opcode not in (_TEXT, _BINARY):
        raise WireError("only the first frame of a message says that it is compressed", offset=0)


def unmask(payload: bytes, mask: bytes) -> bytes:
    """The payload as it was before masking (RFC 6455 5.3); unchanged when there is no mask."""
    if not mask or not payload:
        return payload
    n = len(payload)
    key = (mask * (n // 4 + 1))[:n]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(n, "big")


class Inflater:
    """permessage-deflate of one direction.

    The window is kept from message to message. That is also right when the peers
    agreed not to: such messages just never refer back.
    """

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(-15)

    def inflate(self, payload: bytes, limit: int = MAX_MESSAGE) -> bytes:
        """The message, at most `limit` octets of it; WireError when it cannot be inflated."""
        try:
            octets = self._inflate.decompress(payload + _FLUSH, limit + 1)
        except zlib.error as error:
            self._inflate = zlib.decompressobj(-15)
            raise WireError(f"message does not inflate: {error}", offset=0) from error
        if len(octets) > limit:
            self._inflate = zlib.decompressobj(-15)
            raise WireError(f"message inflates to more than {limit} octets", offset=0)
        if self._inflate.eof:  # a block marked as final is allowed: RFC 7692 7.2.3.4
            self._inflate = zlib.decompressobj(-15)
        return octets


class FrameReader:
    """One direction after its handshake; `next` takes messages off a buffer."""

    def __init__(self) -> None:
        self._inflater: Inflater | None = None
        self._message = bytearray()
        self._open = False  # a fragmented message was begun
        self._compressed = False
        self._too_large = False  # the open message is not kept
        self._pass_over = 0  # octets of a frame that is not kept
        self._lost = 0
        self.frames = 0

    @property
    def octets(self) -> int:
        """How many octets of an unfinished message are held."""
        return len(self._message)

    @property
    def has_window(self) -> bool:
        """Whether the window of a compressed stream (some 40 KiB) is held."""
        return self._inflater is not None

    def forget_window(self) -> None:
        """Free the window; messages that refer back to it will not inflate."""
        self._inflater = None

    def take_losses(self) -> int:
        """How many messages were passed over or not inflated since the last call."""
        lost, self._lost = self._lost, 0
        return lost

    def unfinished(self, buffer: bytearray) -> bytes:
        """What is there of a message whose end will not come; empty when it is compressed."""
        message = bytes(self._message)
        header = None if self._pass_over else decode_frame_header(buffer)
        if header is None or header.is_control:
            return b"" if self._compressed else message
        message += unmask(bytes(buffer[header.size :]), header.mask)
        return b"" if header.compressed or (self._open and self._compressed) else message

    def next(self, buffer: bytearray) -> bytes | None:
        """The next whole message of the buffer, which gets shorter; None: need more."""
        while True:
            if self._pass_over:
                passed = min(self._pass_over, len(buffer))
                del buffer[:passed]
                self._pass_over -= passed
                if self._pass_over:
                    return None
            header = decode_frame_header(buffer)
            if header is None:
                return None
            if not header.is_control:
                self._check_sequence(header)
                if self._too_large or len(self._message) + header.length > MAX_MESSAGE:
                    self._pass_frame(header, buffer)
                    continue
            end = header.size + header.length
            if len(buffer) < end:
                return None
            payload = bytes(memoryview(buffer)[header.size : end])
            del buffer[:end]
            self.frames += 1
            message = self._accept(header, unmask(payload, header.mask))
            if message is not None:
                return message

    def _check_sequence(self, header: FrameHeader) -> None:
        if (header.opcode == _CONTINUATION) != self._open:
            raise WireError("message and continuation frames are out of order", offset=0)

    def _pass_frame(self, header: FrameHeader, buffer: bytearray) -> None:
        """A frame too large to keep: its message is lost, the next ones are not."""
        del buffer[: header.size]
        self.frames += 1
        self._pass_over = header.length
        self._too_large = True
        self._begin(header)
        self._message.clear()
        self._end_if_final(header)

    def _accept(self, header: FrameHeader, payload: bytes) -> bytes | None:
        if header.is_control:
            return None
        self._begin(header)
        self._message += payload
        return self._end_if_final(header)

    def _begin(self, header: FrameHeader) -> None:
        if header.opcode != _CONTINUATION:
            self._open = True
            self._compressed = header.compressed

    def _end_if_final(self, header: FrameHeader) -> bytes | None:
        if not header.final:
            return None
        message, self._message = bytes(self._message), bytearray()
        lost, self._open, self._too_large = self._too_large, False, False
        if lost:
            self._lost += 1
            if self._compressed:
                self._inflater = None
            return None
        if not self._compressed:
            return message
        if self._inflater is None:
            self._inflater = Inflater()
        try:
            return self._inflater.inflate(message)
        except WireError:
            self._lost += 1
            return None
