"""HEP version 3 in a stream: octets in, whole packets out; and the key that a packet bears.

How it works: the caller writes what came into `room()` and asks `packets` for what is
whole. A packet is taken when its chunks fill it exactly; they are looked at once each,
as they come, so that a length that lies is found where the next packet begins.
Rules: a stream that makes no sense has ended (WireError), unless the caller can tell
a packet of his agent from one that a stranger wrote: payloads are strangers' words,
and who seeks the next "HEP3" among them may find one that was put there. With a key
he can, so with one the next packet is sought.
"""

from __future__ import annotations

from collections.abc import Iterator

from ringfence.wire.errors import WireError
from ringfence.wire.hep import HEADER, MAGIC

# A packet says its length in 16 bits; one more may have begun behind it.
MAX_PACKET = 65_535
STREAM_OCTETS = 2 * (MAX_PACKET + 1)

_KEY = 0x0E


class HepFrames:
    """One stream. `seeks`: after damage the next packet is sought; its key tells whose it is."""

    def __init__(self, *, seeks: bool) -> None:
        self.skipped = 0  # octets that were no packet
        self._seeks = seeks
        self._buffer = bytearray(STREAM_OCTETS)
        self._start = 0
        self._end = 0
        self._chunk = HEADER  # offset in the begun packet of the chunk to look at next

    @property
    def held(self) -> int:
        """Octets of a packet that is not whole yet."""
        return self._end - self._start

    def room(self) -> memoryview:
        """Where the next octets go; never empty. Packets given out before are gone then."""
        if self._start:
            rest = self._buffer[self._start : self._end]
            self._buffer[: len(rest)] = rest
            self._start, self._end = 0, len(rest)
        return memoryview(self._buffer)[self._end :]

    def packets(self, added: int) -> Iterator[memoryview]:
        """Whole packets, each valid until `room` is asked for. Raises WireError, see above."""
        self._end += added
        while True:
            try:
                size = self._next()
            except WireError:
                if not self._seeks:
                    raise
                self._seek()
                continue
            if not size:
                return
            start = self._start
            self._start += size
            self._chunk = HEADER
            yield memoryview(self._buffer)[start : start + size]

    def _next(self) -> int:
        """Octets of the packet at the start; 0: not whole yet."""
        start, held = self._start, self.held
        if not MAGIC.startswith(self._buffer[start : start + min(held, 4)]):
            raise WireError("no HEP packet begins here", offset=0)
        if held < HEADER:
            return 0
        size = int.from_bytes(self._buffer[start + 4 : start + 6], "big")
        if size < HEADER:
            raise WireError(f"HEP packet says that it has {size} octets", offset=4)
        self._walk(size, min(size, held))
        return size if held >= size else 0

    def _walk(self, size: int, there: int) -> None:
        """Look at the heads of chunks as far as they have come."""
        buffer, start, at = self._buffer, self._start, self._chunk
        while at < size and at + HEADER <= there:
            head = start + at
            length = int.from_bytes(buffer[head + 4 : head + 6], "big")
            if buffer[head : head + 4] == MAGIC or length < HEADER or at + length > size:
                raise WireError("HEP packet whose chunks do not fill it", offset=at)
            at += length
        if at < size and size - at < HEADER:
            raise WireError("HEP packet whose chunks do not fill it", offset=at)
        self._chunk = at

    def _seek(self) -> None:
        """Pass over what makes no sense, up to the next beginning of a packet."""
        at = self._buffer.find(MAGIC, self._start + 1, self._end)
        if at < 0:  # its first octets may have come
            at = max(self._start + 1, self._end - len(MAGIC) + 1)
            at = min(at, self._end)
        self.skipped += at - self._start
        self._start = at
        self._chunk = HEADER


def key_of(packet: bytes | memoryview) -> bytes | None:
    """The authentication key (chunk 0x000e) of a HEP packet; None where it bears none.

    Versions 1 and 2 have none. Of several the last counts, as of every chunk.
    """
    if packet[:4] != MAGIC or len(packet) < HEADER:
        return None
    end = min(len(packet), int.from_bytes(packet[4:6], "big"))
    at, key = HEADER, None
    while at + HEADER <= end:
        size = int.from_bytes(packet[at + 4 : at + 6], "big")
        if size < HEADER or at + size > end:
            break
        if int.from_bytes(packet[at : at + 4], "big") == _KEY:
            key = bytes(packet[at + HEADER : at + size])
        at += size
    return key
