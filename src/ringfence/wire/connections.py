"""TCP segments to SIP messages: reassembly and framing joined, and bounded together.

How it works: `TcpStreams` puts the segments of each direction in order, a
`MessageStream` a direction finds the messages. A direction that turns out to carry
something else is ignored from then on. What a stranger can leave unfinished is
bounded in octets and in time; it is handed out incomplete, not lost.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ringfence.wire.stream import Found, MessageStream, Verdict
from ringfence.wire.tcp import Run, StreamKey, TcpStreams

# Octets of begun messages, of all directions (16 MiB): a thousand connections can
# hold back 64 KiB each at no cost to them. The one begun first is cut.
MAX_HELD = 16 * 1024 * 1024
# How long a message may take to arrive, in capture time: transaction timeout (64
# T1 = 32 s, RFC 3261 17.1). A false Content-Length would hide a message longer.
MAX_HELD_NS = 32_000_000_000
# Windows of compressed WebSockets, some 40 KiB each (10 MiB). Browsers compress
# only when the server agrees, and few SIP servers do. Least recently used first out.
MAX_WINDOWS = 256


@dataclass(frozen=True, slots=True)
class Carried:
    """A message and the direction that carried it; `time_ns` is that of its last octets."""

    key: StreamKey
    found: Found
    time_ns: int
    verdict: Verdict  # what the direction carries: "sip", "websocket" or "hep"


class TcpMessages:
    """All TCP directions of one capture; `segment` takes segments and hands out messages."""

    def __init__(self) -> None:
        self.streams = TcpStreams()
        self._messages: dict[StreamKey, MessageStream] = {}
        self._held: OrderedDict[StreamKey, tuple[int, int]] = OrderedDict()  # octets, since
        self._windows: OrderedDict[StreamKey, None] = OrderedDict()
        self.octets_held = 0
        self.cut = 0  # messages that were not waited for any longer
        self.encrypted = 0  # directions that turned out to be TLS
        self.other = 0  # directions that turned out to be something else
        self.undecodable = 0  # WebSocket messages

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
    ) -> Sequence[Carried]:
        """Messages that this segment completes, and those given up by now; see `TcpStreams`."""
        runs = self.streams.segment(
            key, sequence, flags, payload, time_ns, acknowledged=acknowledged, cut=cut
        )
        out: list[Carried] = []
        self._read(runs, out)
        if self._held:
            self._cut_old(time_ns, out)
        return out

    def ignores(self, key: StreamKey) -> bool:
        """Whether segments of this direction are passed over until its next SYN."""
        return self.streams.ignores(key)

    def finish(self) -> list[Carried]:
        """The capture ended: everything that was begun, complete or not."""
        out: list[Carried] = []
        self._read(self.streams.finish(), out)
        while self._held:
            self._cut_oldest(out)
        self.other += sum(stream.verdict == "unknown" for stream in self._messages.values())
        return out

    def _read(self, runs: Iterable[Run], out: list[Carried]) -> None:
        for run in runs:
            if run.new_connection:
                self._close(run, out)
            stream = self._messages.get(run.key)
            if stream is None:
                if run.last or self.streams.ignores(run.key):
                    continue  # of no interest since an earlier run of this segment
                stream = self._messages[run.key] = MessageStream()
            if run.octets:
                found = stream.feed(run.octets, run.after_gap, run.overlap_differs)
                out += [Carried(run.key, one, run.time_ns, stream.verdict) for one in found]
                self._note(run, stream, out)
            if run.last:
                self._close(run, out)

    def _note(self, run: Run, stream: MessageStream, out: list[Carried]) -> None:
        """Keep the bounds after a direction was fed."""
        if not stream.is_of_interest:
            if stream.verdict == "tls":
                self.encrypted += 1
            else:
                self.other += 1
            self._forget(run.key)
            self.streams.ignore(run.key)
            return
        held = stream.octets_held
        if held or run.key in self._held:
            self._hold(run, held)
            while self.octets_held > MAX_HELD:
                self.cut += self._cut_oldest(out)
        if stream.has_window:
            self._windows[run.key] = None
            self._windows.move_to_end(run.key)
            if len(self._windows) > MAX_WINDOWS:
                oldest, _ = self._windows.popitem(last=False)
                self._messages[oldest].forget_window()

    def _hold(self, run: Run, held: int) -> None:
        """Note what this direction holds, and since when; the oldest stand first."""
        before, since = self._held.get(run.key, (0, run.time_ns))
        self.octets_held += held - before
        if not held:
            self._held.pop(run.key, None)
        elif before and held >= before + len(run.octets):
            self._held[run.key] = (held, since)
        else:  # what is held began in this run
            self._held[run.key] = (held, run.time_ns)
            self._held.move_to_end(run.key)

    def _cut_old(self, time_ns: int, out: list[Carried]) -> None:
        while self._held:
            _, since = next(iter(self._held.values()))
            if time_ns - since <= MAX_HELD_NS:
                return
            self.cut += self._cut_oldest(out)

    def _cut_oldest(self, out: list[Carried]) -> int:
        """How many messages came out: none when what waited had not begun one."""
        key, (held, since) = self._held.popitem(last=False)
        self.octets_held -= held
        stream = self._messages[key]
        found = stream.cut()
        out += [Carried(key, one, since, stream.verdict) for one in found]
        return len(found)

    def _close(self, run: Run, out: list[Carried]) -> None:
        stream = self._messages.get(run.key)
        if stream is not None:
            found = stream.cut()
            out += [Carried(run.key, one, run.time_ns, stream.verdict) for one in found]
            self._forget(run.key)

    def _forget(self, key: StreamKey) -> None:
        stream = self._messages.pop(key)
        self.undecodable += stream.undecodable
        self.other += stream.verdict == "unknown"  # it ended before it showed what it is
        self._windows.pop(key, None)
        self.octets_held -= self._held.pop(key, (0, 0))[0]
