"""TCP directions under redaction: messages put back into the segments that carried them.

How it works: `add` takes a segment's shell; `place` looks for a message in what the
segments held say together, writes its redacted text over it, and lets go of segments
that lie wholly before. WebSocket frames and HEP packets are found in the same text.
Rules: what is never placed stays masked; first data wins, as in `wire/tcp.py`; a
segment before the place that was reached is a repetition and is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from ringfence.evidence.redaction.handshake import redact_handshake
from ringfence.evidence.redaction.message import mask_all
from ringfence.evidence.redaction.names import Names
from ringfence.evidence.redaction.shell import NOTHING, Shell
from ringfence.evidence.redaction.tunnels import hep3
from ringfence.evidence.redaction.walk import Walk
from ringfence.wire.errors import WireError
from ringfence.wire.hep import MAGIC
from ringfence.wire.tcp import SYN
from ringfence.wire.websocket import decode_frame_header, unmask

# Segments of one direction that wait for the rest of a message: as in `wire/tcp.py`.
MAX_WAITING: Final = 2048
_WRAP: Final = 1 << 32
# HEP packets and frames passed over in search of a message.
_MAX_STEPS: Final = 4096

Rule = Callable[[bytes], bytes]
Emit = Callable[[Shell], None]


@dataclass(slots=True)
class Direction:
    """Segments of one direction whose last octets belong to no message yet."""

    emit: Emit
    waiting: list[tuple[int, Shell]] = field(default_factory=list)
    at: int = 0  # position of a sequence number that never wraps: reached by messages
    begun: bool = False
    reached: bool = False  # whether a message was placed
    frames: bool = False  # the WebSocket handshake is over
    repeated: int = 0

    def add(self, shell: Shell) -> None:
        """One more segment; what it says is masked until it is placed."""
        if shell.flags & SYN or not self.begun:
            self.flush()
            self.begun, self.frames, self.reached = True, False, False
            self.at = shell.sequence + bool(shell.flags & SYN)
        position = self._position(shell.sequence + bool(shell.flags & SYN))
        size = shell.end - shell.start
        shell.fill(0, mask_all(shell.payload))
        if size and self.reached and position + size <= self.at:
            self.repeated += 1
            shell.kind = NOTHING
        if not size or shell.kind == NOTHING:
            self.emit(shell)
            return
        self.waiting.append((position, shell))
        if len(self.waiting) > MAX_WAITING:
            self.emit(self.waiting.pop(0)[1])

    def place(self, message: bytes, rule: Rule, names: Names, *, framed: bool) -> bool:
        """Put the redacted message where it stood; False: it is not there as it is."""
        for start, text in self._runs():
            search = max(self.at - start, 0) if self.reached else 0
            if framed:
                end = self._place_frames(start, text, search, message, rule)
            elif text.startswith(MAGIC, search):
                end = self._place_hep(start, text, search, message, rule, names)
            else:
                end = self._place_plain(start, text, search, message, rule)
            if end >= 0:
                self.at, self.reached = start + end, True
                self._let_go()
                return True
        self._drop()
        return False

    def _drop(self) -> None:
        """What waits holds a message that cannot be put back: it does not go out."""
        for _, shell in self.waiting:
            shell.kind = NOTHING
            self.emit(shell)
        self.waiting.clear()

    def flush(self) -> None:
        """No more messages: what waits goes out masked."""
        for _, shell in self.waiting:
            self.emit(shell)
        self.waiting.clear()

    def _position(self, sequence: int) -> int:
        distance = (sequence - self.at + _WRAP // 2) % _WRAP - _WRAP // 2
        return self.at + distance

    def _runs(self) -> Iterator[tuple[int, bytes]]:
        """What the waiting segments say, in order: position and octets without a hole."""
        start, text = 0, bytearray()
        for position, shell in sorted(self.waiting, key=lambda one: one[0]):
            if not text or position > start + len(text):
                if text:
                    yield start, bytes(text)
                start, text = position, bytearray()
            text += shell.payload[start + len(text) - position :]
        if text:
            yield start, bytes(text)

    def _fill(self, position: int, octets: bytes) -> None:
        for begin, shell in self.waiting:
            if position < begin + len(shell.payload) and begin < position + len(octets):
                shell.fill(position - begin, octets)

    def _let_go(self) -> None:
        kept = []
        for position, shell in self.waiting:
            if position + (shell.end - shell.start) <= self.at:
                self.emit(shell)
            else:
                kept.append((position, shell))
        self.waiting = kept

    def _place_plain(self, start: int, text: bytes, at: int, message: bytes, rule: Rule) -> int:
        found = text.find(message, at)
        if found < 0:
            return -1
        self._fill(start + at, mask_all(text[at:found]))
        self._fill(start + found, rule(message))
        end = found + len(message)
        # Line ends behind a message keep the connection open (RFC 5626 3.5.1).
        behind = len(text) - len(text[end:].lstrip(b"\r\n"))
        self._fill(start + end, text[end:behind])
        return behind if behind == len(text) else end

    def _place_hep(
        self, start: int, text: bytes, at: int, message: bytes, rule: Rule, names: Names
    ) -> int:
        for _ in range(_MAX_STEPS):
            size = int.from_bytes(text[at + 4 : at + 6], "big")
            if not text.startswith(MAGIC, at) or size < 6 or at + size > len(text):
                return -1
            shell = Shell(text[at : at + size], bytearray(size))
            hep3(Walk(shell, names), 0)
            is_it = message in shell.payload
            shell.fill(0, rule(shell.payload) if is_it else mask_all(shell.payload))
            self._fill(start + at, shell.finish())
            at += size
            if is_it:
                return at
        return -1

    def _place_frames(self, start: int, text: bytes, at: int, message: bytes, rule: Rule) -> int:
        if not self.frames and text.startswith((b"GET ", b"HTTP/"), at):
            end = text.find(b"\r\n\r\n", at)
            if end < 0:
                return -1
            self._fill(start + at, redact_handshake(text[at : end + 4]))
            at = end + 4
        self.frames = True
        pieces: list[tuple[int, int, bytes]] = []  # offset, length, mask
        for _ in range(_MAX_STEPS):
            try:
                header = decode_frame_header(text[at : at + 16])
            except WireError:
                return -1
            if header is None or at + header.size + header.length > len(text):
                return -1
            body = at + header.size
            self._fill(start + at, text[at:body])
            at = body + header.length
            if header.is_control:
                self._fill(start + body, bytes(header.length))
                continue
            pieces.append((body, header.length, header.mask))
            if header.final:
                if self._write_pieces(start, text, pieces, message, rule):
                    return at
                pieces = []
        return -1

    def _write_pieces(
        self,
        start: int,
        text: bytes,
        pieces: list[tuple[int, int, bytes]],
        message: bytes,
        rule: Rule,
    ) -> bool:
        """Write one message back into its frames; whether it is the one looked for."""
        whole = b"".join(unmask(text[at : at + size], key) for at, size, key in pieces)
        is_it = message in whole
        made = rule(whole) if is_it else mask_all(whole)
        for at, size, key in pieces:
            self._fill(start + at, unmask(made[:size], key))
            made = made[size:]
        return is_it
