"""TCP segments to runs of octets, one direction at a time (RFC 9293), for a bystander.

How it works: each direction (a stream) has the position of the next octet that
is due. A segment there is handed out at once; one beyond it waits, one before it
is a retransmission. Positions are sequence numbers that never wrap.
Rules: first data wins, and octets that contradict earlier ones are flagged. A
capture loses what the receiver got, so a hole is given up (the next run says
`after_gap`) as soon as something shows that it will stay. A segment far away from
what is due (another connection on the same ports, or a forged one that the
receiver ignores) waits apart until a second one continues it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

# source, destination (4 or 16 octets each), source port, destination port
StreamKey = tuple[bytes, bytes, int, int]

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
_WRAP = 0xFFFFFFFF

# Directions followed: twice the phones of a large PBX on TCP. About 0.5 KiB and
# RECENT_OCTETS each. Ended ones go first, then the one silent for longest.
MAX_STREAMS = 32_768
# Directions known to carry nothing for us, about 0.3 KiB each; oldest first out
# (it would only be looked at once more).
MAX_IGNORED = 65_536
# Octets of one stream behind a hole: four full receive windows of 64 KiB. Then
# the hole is given up.
MAX_WAITING_OCTETS = 256 * 1024
# Segments of one stream behind a hole (tiny ones are a way to hide a message).
# Then the hole is given up.
MAX_WAITING_SEGMENTS = 1024
# Octets behind holes, of all streams (16 MiB). The oldest holes are given up.
MAX_OCTETS = 16 * 1024 * 1024
# How long a hole may stay, in capture time: time for three retransmissions (RFC
# 6298: after 1, 3 and 7 s), short enough to keep messages in order.
MAX_HOLE_NS = 10_000_000_000
# A segment further away from what is due than this (1 MiB) does not belong to it:
# no phone or PBX has a larger window.
MAX_DISTANCE = 1024 * 1024
# The last octets handed out, kept to see whether a retransmission says the same.
RECENT_OCTETS = 512


@dataclass(frozen=True, slots=True)
class Run:
    """Octets of one stream in order; empty when only its end is told."""

    key: StreamKey
    octets: bytes
    time_ns: int  # when the segment that carried them was captured
    after_gap: bool = False  # octets before these are missing
    overlap_differs: bool = False  # a retransmission contradicted octets at or before these
    new_connection: bool = False  # the first run of its connection, as far as we saw
    last: bool = False  # ended, or no longer followed; what comes later is a new connection


class TcpStreams:
    """Streams being followed; `segment` takes segments and hands out runs."""

    def __init__(self) -> None:
        self._streams: OrderedDict[StreamKey, _Stream] = OrderedDict()
        self._ignored: OrderedDict[StreamKey, None] = OrderedDict()
        self._waiting: OrderedDict[StreamKey, int] = OrderedDict()  # since when
        self.octets_waiting = 0
        self.evicted = 0  # streams that were still open
        self.holes = 0  # given up
        self.strays = 0  # segments far from what was due, never confirmed
        self.overlaps_differing = 0
        self.octets_compared = 0  # work, for tests

    def __len__(self) -> int:
        return len(self._streams)

    def ignore(self, key: StreamKey) -> None:
        """Keep nothing more of this stream until it begins anew (SYN)."""
        self._forget(key)
        self._ignored[key] = None
        if len(self._ignored) > MAX_IGNORED:
            self._ignored.popitem(last=False)

    def ignores(self, key: StreamKey) -> bool:
        """Whether this stream is one that `ignore` named."""
        return key in self._ignored

    def segment(
        self,
        key: StreamKey,
        sequence: int,
        flags: int,
        payload: bytes,
        time_ns: int,
        *,
        acknowledged: int = 0,
        cut: int = 0,
    ) -> Sequence[Run]:
        """Runs that are now due: mostly one of this stream, or none.

        `acknowledged` counts when the ACK flag is set: it tells what the other
        direction delivered. `cut` octets of the payload were not captured. Runs of
        other streams come along when their holes are given up because of the
        acknowledgement, of time or of room.
        """
        out: list[Run] = []
        if self._waiting:
            if flags & ACK:
                self._acknowledge((key[1], key[0], key[3], key[2]), acknowledged, time_ns, out)
            self._give_up_old(time_ns, out)
        if key in self._ignored:
            if not flags & SYN:
                return out
            del self._ignored[key]
        if flags & SYN:
            sequence = (sequence + 1) & _WRAP
            self._begin(key, sequence, time_ns, out)
        stream = self._streams.get(key)
        if stream is not None:
            self._streams.move_to_end(key)
        elif payload:
            stream = self._open(key, sequence, -1, time_ns, out)
        if stream is not None:
            self._take(stream, sequence, flags, payload, time_ns, cut=cut, out=out)
        return out

    def finish(self) -> list[Run]:
        """The capture ended: everything that still waits, holes given up."""
        out: list[Run] = []
        while self._waiting:
            key, since = next(iter(self._waiting.items()))
            self._give_up(key, since, out)
        return out

    def _take(
        self,
        stream: _Stream,
        sequence: int,
        flags: int,
        payload: bytes,
        time_ns: int,
        *,
        cut: int,
        out: list[Run],
    ) -> None:
        before, due = stream.octets_waiting, stream.due
        if payload:
            self._place(stream, sequence, payload, time_ns, out)
        if cut and stream.due & _WRAP == (sequence + len(payload)) & _WRAP:
            stream.skip(stream.due + cut, out)
        if flags & (FIN | RST):
            stream.note_end(sequence + len(payload) + cut, bool(flags & RST))
        if before or stream.octets_waiting:
            self._account(stream, before, due, time_ns, out)
        self._end_if_due(stream, time_ns, out)

    def _begin(self, key: StreamKey, sequence: int, time_ns: int, out: list[Run]) -> None:
        """SYN: a new connection, unless it is that of the stream that we follow."""
        stream = self._streams.get(key)
        if stream is not None:
            if stream.start == sequence:
                return
            if stream.start < 0 and -MAX_DISTANCE <= stream.distance(sequence) <= 0:
                stream.start = sequence  # captured later than the octets behind it
                return
            self._close(key, time_ns, out)
        self._open(key, sequence, sequence, time_ns, out)

    def _open(
        self, key: StreamKey, sequence: int, start: int, time_ns: int, out: list[Run]
    ) -> _Stream:
        if len(self._streams) >= MAX_STREAMS:
            oldest = next(iter(self._streams))
            self.evicted += not self._streams[oldest].ended
            self._close(oldest, time_ns, out)
        stream = self._streams[key] = _Stream(key, sequence, start)
        return stream

    def _close(self, key: StreamKey, time_ns: int, out: list[Run]) -> None:
        """Hand out what waits and follow this stream no longer."""
        self._give_up(key, time_ns, out)
        if not self._streams[key].ended:
            out.append(Run(key, b"", time_ns, last=True))
        self._forget(key)

    def _forget(self, key: StreamKey) -> None:
        stream = self._streams.pop(key, None)
        if stream is not None and self._waiting.pop(key, None) is not None:
            self.octets_waiting -= stream.octets_waiting

    def _place(
        self, stream: _Stream, sequence: int, payload: bytes, time_ns: int, out: list[Run]
    ) -> None:
        distance = stream.distance(sequence)
        if distance == 0 and not stream.starts:
            stream.hand_out(payload, time_ns, out)
        elif -MAX_DISTANCE <= distance <= MAX_DISTANCE:
            stream.place(stream.due + distance, payload, time_ns)
            self.octets_compared += stream.compared
            self.overlaps_differing += stream.contradictions
            stream.compared = stream.contradictions = 0
            stream.drain(out)
        else:
            self._place_stray(stream, sequence, payload, time_ns, out)

    def _place_stray(
        self, stream: _Stream, sequence: int, payload: bytes, time_ns: int, out: list[Run]
    ) -> None:
        stray = stream.stray
        if stray is not None and sequence == stray.sequence:
            return
        if stray is not None and sequence == stray.end:
            self._skip_holes(stream, out)
            stream.move_to(stray.sequence, out)
            stream.hand_out(payload, time_ns, out)
            return
        if stray is None and stream.ended:
            stream.move_to(sequence, out)
            stream.hand_out(payload, time_ns, out)
            return
        self.strays += stray is not None
        stream.keep_stray(_Stray(sequence, payload, time_ns))

    def _account(
        self, stream: _Stream, before: int, due: int, time_ns: int, out: list[Run]
    ) -> None:
        """Keep the bounds on what waits, and the time since the present hole is there."""
        while stream.starts and (
            stream.octets_waiting > MAX_WAITING_OCTETS or len(stream.starts) > MAX_WAITING_SEGMENTS
        ):
            self._skip_hole(stream, out)
        self.octets_waiting += stream.octets_waiting - before
        if not stream.octets_waiting:
            self._waiting.pop(stream.key, None)
        elif stream.key not in self._waiting or (stream.starts and stream.due != due):
            self._waiting[stream.key] = time_ns
            self._waiting.move_to_end(stream.key)
        while self.octets_waiting > MAX_OCTETS:
            self._give_up(next(iter(self._waiting)), time_ns, out)

    def _end_if_due(self, stream: _Stream, time_ns: int, out: list[Run]) -> None:
        if stream.end != stream.due:
            return
        stream.finish()
        out.append(Run(stream.key, b"", time_ns, last=True))
        self._streams.move_to_end(stream.key, last=False)

    def _acknowledge(self, key: StreamKey, acknowledged: int, time_ns: int, out: list[Run]) -> None:
        """The receiver has everything before `acknowledged`: holes before it are ours alone."""
        if key not in self._waiting:
            return
        stream = self._streams[key]
        distance = stream.distance(acknowledged)
        if not 0 < distance <= MAX_DISTANCE:
            return
        before, due = stream.octets_waiting, stream.due
        while stream.starts and stream.starts[0] <= due + distance:
            self._skip_hole(stream, out)
        self._account(stream, before, due, time_ns, out)
        self._end_if_due(stream, time_ns, out)

    def _give_up_old(self, time_ns: int, out: list[Run]) -> None:
        while self._waiting:
            key, since = next(iter(self._waiting.items()))
            if time_ns - since <= MAX_HOLE_NS:
                return
            self._give_up(key, time_ns, out)

    def _give_up(self, key: StreamKey, time_ns: int, out: list[Run]) -> None:
        """Hand out all that waits in this stream; a lone stray only if nothing else came."""
        if self._waiting.pop(key, None) is None:
            return
        stream = self._streams[key]
        self.octets_waiting -= stream.octets_waiting
        self._skip_holes(stream, out)
        if stream.stray is not None:
            if stream.moved_since_stray:
                self.strays += 1
                stream.keep_stray(None)
            else:
                stream.move_to(stream.stray.sequence, out)
        self._end_if_due(stream, time_ns, out)

    def _skip_holes(self, stream: _Stream, out: list[Run]) -> None:
        while stream.starts:
            self._skip_hole(stream, out)

    def _skip_hole(self, stream: _Stream, out: list[Run]) -> None:
        self.holes += 1
        stream.skip(stream.starts[0], out)


@dataclass(frozen=True, slots=True)
class _Stray:
    sequence: int
    payload: bytes
    time_ns: int

    @property
    def end(self) -> int:
        return (self.sequence + len(self.payload)) & 0xFFFFFFFF


class _Stream:
    """One direction: what is due, what waits behind a hole (sorted, never overlapping)."""

    __slots__ = (
        "after_gap",
        "compared",
        "contradictions",
        "differs",
        "due",
        "end",
        "ended",
        "key",
        "moved_since_stray",
        "new",
        "octets_waiting",
        "recent",
        "segments",
        "start",
        "starts",
        "stray",
    )

    def __init__(self, key: StreamKey, sequence: int, start: int) -> None:
        self.key = key
        self.due = sequence
        self.start = start  # sequence of the first octet; -1: the SYN was not seen
        self.end = -1  # position of FIN or RST
        self.starts: list[int] = []
        self.segments: list[tuple[bytes, int]] = []  # octets, time
        self.octets_waiting = 0
        self.recent = b""
        self.stray: _Stray | None = None
        self.moved_since_stray = False
        self.new = True
        self.ended = False
        self.after_gap = False
        self.differs = False
        self.compared = 0
        self.contradictions = 0

    def distance(self, sequence: int) -> int:
        """How far behind (negative) or ahead of what is due, modulo 2**32."""
        return ((sequence - self.due + 0x80000000) & _WRAP) - 0x80000000

    def hand_out(self, payload: bytes, time_ns: int, out: list[Run]) -> None:
        """These octets are due."""
        out.append(Run(self.key, payload, time_ns, self.after_gap, self.differs, self.new))
        self.after_gap = self.differs = self.new = self.ended = False
        self.moved_since_stray = True
        self.due += len(payload)
        self.recent = (self.recent + payload)[-RECENT_OCTETS:]

    def place(self, position: int, payload: bytes, time_ns: int) -> None:
        """Keep what no earlier segment brought; `drain` hands out what became due."""
        if position < self.due:
            payload = self._compare_with_recent(position, payload)
            position = self.due
        at = bisect_right(self.starts, position)
        if at and self.starts[at - 1] + len(self.segments[at - 1][0]) > position:
            at -= 1
        end = position + len(payload)
        while position < end:
            if at == len(self.starts) or self.starts[at] >= end:
                self._insert(at, position, payload, time_ns)
                return
            start = self.starts[at]
            if position < start:
                self._insert(at, position, payload[: start - position], time_ns)
                payload = payload[start - position :]
                position = start
                at += 1
            payload = self._compare(self.segments[at][0], position - start, payload)
            position = end - len(payload)
            at += 1

    def drain(self, out: list[Run]) -> None:
        """Hand out everything up to the next hole."""
        due = 0
        while due < len(self.starts) and self.starts[due] == self.due:
            payload, time_ns = self.segments[due]
            self.octets_waiting -= len(payload)
            self.hand_out(payload, time_ns, out)
            due += 1
        if due:
            del self.starts[:due], self.segments[:due]

    def skip(self, position: int, out: list[Run]) -> None:
        """The octets before `position` will not come; those that do after it are due."""
        self.due = position
        self.recent = b""
        self.after_gap = True
        while self.starts and self.starts[0] < position:
            self.octets_waiting -= len(self.segments[0][0])
            del self.starts[0], self.segments[0]
        self.drain(out)

    def note_end(self, sequence: int, reset: bool) -> None:
        """FIN may come before the octets before it; RST counts only where it is due (RFC 5961)."""
        distance = self.distance(sequence)
        if not self.ended and (distance == 0 or (not reset and 0 < distance <= MAX_DISTANCE)):
            self.end = self.due + distance

    def finish(self) -> None:
        """Everything up to the end was handed out."""
        self.end = -1
        self.ended = self.new = True
        self.recent = b""

    def move_to(self, sequence: int, out: list[Run]) -> None:
        """Go on at `sequence`, with the stray segment if there is one."""
        self.after_gap = not self.ended
        self.due = sequence
        self.start = self.end = -1
        self.recent = b""
        if self.stray is not None:
            stray, self.stray = self.stray, None
            self.octets_waiting -= len(stray.payload)
            self.hand_out(stray.payload, stray.time_ns, out)

    def keep_stray(self, stray: _Stray | None) -> None:
        if self.stray is not None:
            self.octets_waiting -= len(self.stray.payload)
        if stray is not None:
            self.octets_waiting += len(stray.payload)
        self.stray = stray
        self.moved_since_stray = False

    def _insert(self, at: int, position: int, payload: bytes, time_ns: int) -> None:
        self.starts.insert(at, position)
        self.segments.insert(at, (payload, time_ns))
        self.octets_waiting += len(payload)

    def _compare_with_recent(self, position: int, payload: bytes) -> bytes:
        """What of a retransmission is new; a keep-alive probe (RFC 9293 3.8.4) is not data."""
        old = min(self.due - position, len(payload))
        if len(payload) > 1 or self.due - position > 1:
            known = max(position, self.due - len(self.recent))
            said = payload[known - position : old]
            where = len(self.recent) - (self.due - known)
            self.compared += len(said)
            if self.recent[where : where + len(said)] != said:
                self._contradict()
        return payload[old:]

    def _compare(self, earlier: bytes, offset: int, payload: bytes) -> bytes:
        """What of the payload goes beyond the earlier segment that holds its first octets."""
        common = min(len(earlier) - offset, len(payload))
        self.compared += common
        if earlier[offset : offset + common] != payload[:common]:
            self._contradict()
        return payload[common:]

    def _contradict(self) -> None:
        self.differs = True
        self.contradictions += 1
