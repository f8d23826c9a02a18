"""One direction of a TCP connection: runs of octets to whole SIP messages.

How it works: octets are added to a buffer; `_step` is the method that knows what
must come next (an opening, a start line, a head, a body, a frame, or anything at
all), takes it off the buffer and names the next step. It returns False when it
needs more. SIP is framed by Content-Length (RFC 3261 18.3); HTTP upgraded to
WebSocket by its frames, one message each (RFC 7118); HEP version 3 by its own
length, for `hep.decode_hep`.
Rules: an octet is searched a bounded number of times however it arrives; the
result does not depend on where runs were cut; when the place in the stream is
lost, the next plausible start line is a new beginning.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal

from ringfence.wire import framing
from ringfence.wire.errors import WireError
from ringfence.wire.opening import Opening, proxy_header_size, recognise_opening
from ringfence.wire.websocket import FrameReader

Verdict = Literal["unknown", "sip", "websocket", "hep", "tls", "other"]
Kind = Literal["sip", "hep"]

# A head or a body may be this long each: what fits into a UDP datagram, and the
# largest that captures show (64 KiB). A longer body is taken for a lie.
MAX_HEAD = 64 * 1024
MAX_BODY = 64 * 1024
# A stream that has not shown a start line after this many octets is not ours.
MAX_UNKNOWN = 8 * 1024
# Junk is searched line by line; a line is cut at this length, its end kept in
# case that a start line begins there.
MAX_LINE = 8 * 1024
LINE_OVERLAP = 512
# "HEP3" and the length of the packet.
HEP_HEAD = 6

_BLANK_LINE = re.compile(rb"\n\r?\n")
_UPGRADE = re.compile(rb"\nupgrade[ \t]*:[^\r\n]*websocket", re.IGNORECASE)
_SUBPROTOCOL = re.compile(rb"\nsec-websocket-protocol[ \t]*:[^\r\n]*\bsip\b", re.IGNORECASE)
_HTTP_LINE = re.compile(rb"HTTP/1\.[01] \d{3}|[A-Z]{3,8} [^\r\n]*? HTTP/1\.[01]\r?\n")
_HEP_FRAME = re.compile(rb"HEP3..\x00\x00\x00[\x01-\x11]\x00", re.DOTALL)
_KEEP_ALIVE = b"\r\n\x00"
_KEEP_ALIVES = re.compile(rb"[\r\n\x00]+")

Step = Callable[["MessageStream"], bool]


@dataclass(frozen=True, slots=True)
class Found:
    """One message as it stood in the stream, or one HEP packet."""

    kind: Kind
    octets: bytes
    resynchronised: bool = False  # octets before it could not be read, or were lost
    complete: bool = True  # False: the end is missing, or lied about
    overlap_differs: bool = False  # a retransmission contradicted octets since the last message


class MessageStream:
    """What one direction carried; `feed` takes its runs in order and returns messages."""

    __slots__ = (
        "_body_end",
        "_buffer",
        "_differs",
        "_doubted",
        "_found",
        "_junk",
        "_lost",
        "_reader",
        "_searched",
        "_step",
        "_subprotocol_is_sip",
        "octets_searched",
        "undecodable",
        "verdict",
    )

    def __init__(self) -> None:
        self.verdict: Verdict = "unknown"
        self.undecodable = 0  # WebSocket messages: too large, or not to be inflated
        self.octets_searched = 0  # work, for tests
        self._buffer = bytearray()
        self._searched = 0  # how much of the buffer was searched in this step
        self._body_end = 0
        self._doubted = (0, 0)  # where on its line a start line may be, and the line's size
        self._step: Step = MessageStream._open
        self._found: list[Found] = []
        self._junk = 0  # octets that were no message while the verdict is unknown
        self._lost = False  # octets were passed over since the last message
        self._differs = False
        self._reader: FrameReader | None = None
        self._subprotocol_is_sip = False

    @property
    def is_of_interest(self) -> bool:
        """Whether messages may still come."""
        return self.verdict not in ("tls", "other")

    @property
    def octets_held(self) -> int:
        """How many octets wait for the rest of their message."""
        return len(self._buffer) + (self._reader.octets if self._reader else 0)

    @property
    def has_window(self) -> bool:
        """Whether it holds the window of a compressed WebSocket (some 40 KiB)."""
        return self._reader is not None and self._reader.has_window

    def forget_window(self) -> None:
        """Free that window; the next messages may not inflate."""
        if self._reader is not None:
            self._reader.forget_window()

    def feed(
        self, octets: bytes, after_gap: bool = False, overlap_differs: bool = False
    ) -> list[Found]:
        """The messages that these octets complete; `after_gap`: some before them are missing."""
        if not self.is_of_interest:
            return []
        if after_gap:
            self._cut()
            self._lost = True
        self._differs |= overlap_differs
        if self.verdict == "websocket" and self._step in self._PLACE_LOST:
            self._look_for_frame(octets)
        self._buffer += octets
        while self._step(self):
            pass
        found, self._found = self._found, []
        return found

    def cut(self) -> list[Found]:
        """Wait no longer: what was begun comes out incomplete, then a new start line is sought."""
        self._cut()
        found, self._found = self._found, []
        return found

    # -- steps: each returns whether it could do something ------------------------------

    def _open(self) -> bool:
        """At the first octet, or where another protocol may begin."""
        size = proxy_header_size(self._buffer)
        if size is None:
            return False
        if size:
            del self._buffer[:size]
            return True
        opening = recognise_opening(self._buffer)
        if opening is None:
            return False
        if self.verdict == "websocket" and opening is not Opening.WEBSOCKET:
            opening = Opening.TEXT  # its frames lost their place: anything may stand here
        if opening is Opening.TLS:
            return self._end_as("tls")
        if opening is Opening.HEP:
            self.verdict = "hep"
        elif opening is Opening.WEBSOCKET:
            self.verdict = "websocket"
        return self._go(self._FIRST_STEPS[opening])

    def _read_start(self) -> bool:
        """A start line must stand here, after keep-alives (RFC 5626 4.4.1)."""
        buffer = self._buffer
        if not self._searched:
            keep_alives = _KEEP_ALIVES.match(buffer)
            if keep_alives:
                del buffer[: keep_alives.end()]
        may_be_long = len(buffer) > MAX_LINE and framing.may_become_start_line(buffer[:256])
        limit = MAX_HEAD if may_be_long else MAX_LINE
        newline = self._find(b"\n", limit)
        if newline < 0:
            return len(buffer) > limit and self._go(MessageStream._seek)
        line = buffer[: newline + 1]
        if framing.is_start_line(line):
            return self._start_message()
        is_http = self.verdict == "unknown" and _HTTP_LINE.match(line)
        return self._go(MessageStream._read_http if is_http else MessageStream._seek)

    def _read_head(self) -> bool:
        end = self._find_blank_line()
        if end < 0 and len(self._buffer) <= MAX_HEAD:
            return False
        if not 0 <= end <= MAX_HEAD:
            self._emit("sip", MAX_HEAD, complete=False)
            return self._seek_after_loss()
        length = framing.content_length(self._buffer[:end])
        if length is not None and length > MAX_BODY:
            self._emit("sip", end, complete=False)
            return self._seek_after_loss()
        # RFC 3261 20.14 wants a Content-Length on TCP; without one there is no body.
        self._body_end = end + (length or 0)
        return self._go(MessageStream._read_body)

    def _read_body(self) -> bool:
        if len(self._buffer) < self._body_end:
            return False
        self._emit("sip", self._body_end, complete=True)
        # Behind a WebSocket message found by its text the next frame starts.
        return self._go(
            MessageStream._open if self.verdict == "websocket" else MessageStream._read_start
        )

    def _seek(self) -> bool:
        """Pass over lines until one starts a message, or a HEP frame."""
        buffer = self._buffer
        newline = self._find(b"\n", MAX_LINE)
        if newline < 0 and len(buffer) < MAX_LINE:
            return self._is_spent(len(buffer)) and self._end_as("other")
        size = newline + 1 if newline >= 0 else MAX_LINE
        if self._is_spent(size):
            return self._end_as("other")
        self.octets_searched += size
        line = buffer[:size]
        if self.verdict == "unknown" and (hep := _HEP_FRAME.search(line)):
            self._drop(hep.start())
            self.verdict = "hep"
            return self._go(MessageStream._read_hep)
        at = framing.find_start(line) if newline >= 0 else -1
        if at >= 0:
            self._doubted = (at, size)
            return self._go(MessageStream._doubt)
        self._drop(size if newline >= 0 else size - LINE_OVERLAP)
        return True

    def _doubt(self) -> bool:
        """A start line in the middle of anything: a header line must follow it."""
        at, size = self._doubted
        followed = framing.is_header_line(self._buffer, size)
        if followed is None:
            return False
        self._drop(at if followed else size)
        return self._start_message() if followed else self._go(MessageStream._seek)

    def _read_http(self) -> bool:
        """An HTTP head: an upgrade to WebSocket, or something that does not matter here."""
        end = self._find_blank_line()
        if self._is_spent(len(self._buffer) if end < 0 else end):
            return self._end_as("other")
        if end < 0:
            return False
        head = bytes(self._buffer[:end])
        if _UPGRADE.search(head):
            del self._buffer[:end]
            self.verdict = "websocket"
            self._subprotocol_is_sip = _SUBPROTOCOL.search(head) is not None
            return self._go(MessageStream._read_frames)
        self._drop(end)
        return self._go(MessageStream._open)

    def _read_frames(self) -> bool:
        reader = self._reader = self._reader or FrameReader()
        try:
            payload = reader.next(self._buffer)
        except WireError:
            return self._leave_frames(reader)
        self.undecodable += reader.take_losses()
        if payload is None:
            return False
        if not self._take_message(payload, complete=True):
            self._junk += len(payload)
            if not self._subprotocol_is_sip and self._junk > MAX_UNKNOWN:
                return self._end_as("other")
        return True

    def _read_hep(self) -> bool:
        """HEP version 3: "HEP3" and the length of the whole packet."""
        buffer = self._buffer
        if not buffer.startswith(b"HEP3"[: len(buffer)]):
            return self._go(MessageStream._seek_hep)
        if len(buffer) < HEP_HEAD:
            return False
        size = int.from_bytes(buffer[4:6], "big")
        if size < HEP_HEAD:
            self._drop(4)
            return self._go(MessageStream._seek_hep)
        if len(buffer) < size:
            return False
        self._emit("hep", size, complete=True)
        return True

    def _seek_hep(self) -> bool:
        at = self._find(b"HEP3")
        if at < 0:
            self._drop(max(0, len(self._buffer) - 3))
            return False
        self._drop(at)
        return self._go(MessageStream._read_hep)

    def _ended(self) -> bool:
        self._buffer.clear()
        return False

    # -- what the steps share ----------------------------------------------------------

    def _go(self, step: Step) -> bool:
        self._step = step
        self._searched = 0
        return True

    def _end_as(self, verdict: Verdict) -> bool:
        self.verdict = verdict
        self._reader = None
        return self._go(MessageStream._ended)

    def _start_message(self) -> bool:
        if self.verdict == "unknown":
            self.verdict = "sip"
        return self._go(MessageStream._read_head)

    def _seek_after_loss(self) -> bool:
        self._lost = True
        return self._go(MessageStream._seek)

    def _emit(self, kind: Kind, size: int, *, complete: bool) -> None:
        octets = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        self._searched = 0
        self._found.append(Found(kind, octets, self._lost, complete, self._differs))
        self._lost = self._differs = False

    def _drop(self, size: int) -> None:
        """Pass over octets that are no message."""
        del self._buffer[:size]
        self._searched = 0
        if size:
            self._junk += size
            self._lost = True

    def _is_spent(self, more: int) -> bool:
        """Whether too much was read without any sign of a message."""
        return self.verdict == "unknown" and self._junk + more > MAX_UNKNOWN

    def _find(self, octets: bytes, limit: int | None = None) -> int:
        """Search on from where the last search ended."""
        start = max(0, self._searched - len(octets) + 1)
        end = len(self._buffer) if limit is None else min(limit, len(self._buffer))
        at = self._buffer.find(octets, start, end)
        self._searched = at if at >= 0 else end
        self.octets_searched += self._searched - start
        return at

    def _find_blank_line(self) -> int:
        """Where the head ends, behind its blank line; -1: not yet."""
        start = max(0, self._searched - 2)
        blank = _BLANK_LINE.search(self._buffer, start)
        self._searched = len(self._buffer)
        self.octets_searched += (blank.end() if blank else len(self._buffer)) - start
        return blank.end() if blank else -1

    # -- WebSocket -----------------------------------------------------------------------

    def _take_message(self, payload: bytes, *, complete: bool) -> bool:
        """One SIP message a payload (RFC 7118 5); whether this is one."""
        message = payload.lstrip(b"\r\n")
        if not framing.is_start_line(message[: message.find(b"\n") + 1]):
            return False
        self._subprotocol_is_sip = True
        self._found.append(Found("sip", message, self._lost, complete, self._differs))
        self._lost = self._differs = False
        return True

    def _leave_frames(self, reader: FrameReader) -> bool:
        """These are no frames. Before the first one: the upgrade was refused."""
        if reader.frames == 0:
            self._reader = None
            self.verdict = "unknown"
            return self._go(MessageStream._read_start)
        return self._end_as("other")

    def _look_for_frame(self, run: bytes) -> None:
        """Frames lost their place: they find it again where a run starts with one."""
        if recognise_opening(run) is Opening.WEBSOCKET:
            self._drop(len(self._buffer))
            self._go(MessageStream._read_frames)

    # -- gaps ----------------------------------------------------------------------------

    def _cut(self) -> None:
        """Give out the begun message, start anew behind it."""
        if self._step in self._MESSAGE_BEGUN:
            self._emit("sip", len(self._buffer), complete=False)
        elif self._step is MessageStream._read_hep and len(self._buffer) > HEP_HEAD:
            self._emit("hep", len(self._buffer), complete=False)
        elif self._reader is not None:
            self._take_message(self._reader.unfinished(self._buffer), complete=False)
        self._lost = bool(self._buffer.strip(_KEEP_ALIVE))
        self._buffer.clear()
        self._reader = None
        if self.verdict == "hep":
            self._go(MessageStream._read_hep)
        elif self.verdict == "sip":
            self._go(MessageStream._read_start)
        elif self.is_of_interest:
            self._go(MessageStream._open)

    _FIRST_STEPS: ClassVar[dict[Opening, Step]] = {
        Opening.TEXT: _read_start,
        Opening.HEP: _read_hep,
        Opening.WEBSOCKET: _read_frames,
    }
    _MESSAGE_BEGUN = (_read_head, _read_body)
    _PLACE_LOST = (_read_start, _seek, _doubt)
