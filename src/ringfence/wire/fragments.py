"""IP fragments to datagrams, for both versions of IP, whatever order they come in.

How it works: each datagram has a list of pieces sorted by offset that never
overlap: what came first stays, a later piece only fills what is still missing.
Rules: first data wins, as in most reassemblers; octets that contradict earlier
ones are flagged, because RFC 5722 has an IPv6 host drop such a datagram while an
IPv4 host may have read either version. A datagram that is given up is still
handed out as far as it goes: `tcpdump udp port 5060` captures first fragments only.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

# source, destination (4 or 16 octets each), identification, protocol
DatagramKey = tuple[bytes, bytes, int, int]

# What the 16-bit length fields allow (RFC 791, RFC 8200 4.5): beyond it is a "ping of death".
MAX_DATAGRAM = 65_535
# RFC 1122 3.3.2 and RFC 8200 4.5 wait 60 s; Linux waits 30 s, and so do attackers' targets.
MAX_AGE_NS = 30_000_000_000
# Datagrams being put together: a flood of first fragments can start any number.
# Oldest first out, handed over as far as it goes.
MAX_DATAGRAMS = 4096
# Octets of all of them (8 MiB; Linux allows 4 by default). Oldest first out.
MAX_OCTETS = 8 * 1024 * 1024
# Pieces of one datagram: 8 octets each would still carry 8 KiB of SIP, and the
# smallest MTU in use (576) makes 119. The datagram is refused, its later pieces too.
MAX_PIECES = 1024


@dataclass(frozen=True, slots=True)
class Datagram:
    """An IP payload: whole, or up to its first hole when it was given up."""

    key: DatagramKey
    payload: bytes
    protocol: int
    overlapped: bool  # two fragments disagreed on the same octets, or on the end
    pieces: int
    complete: bool
    time_ns: int  # of the first fragment that was seen


class FragmentTable:
    """Datagrams being put together; `add` takes fragments and hands out datagrams."""

    def __init__(self) -> None:
        self._growing: OrderedDict[DatagramKey, _Growing] = OrderedDict()
        self._octets = 0
        self.expired = 0
        self.evicted = 0
        self.too_large = 0
        self.too_many_pieces = 0

    @property
    def unfinished(self) -> int:
        """How many datagrams still wait for fragments."""
        return len(self._growing)

    @property
    def octets(self) -> int:
        """How many octets are held."""
        return self._octets

    def add(
        self, key: DatagramKey, offset: int, more: bool, payload: bytes, time_ns: int
    ) -> Sequence[Datagram]:
        """What this fragment completes, and what had to be given up by now (mostly nothing)."""
        out = self._expire(time_ns) if self._growing else []
        if offset == 0 and not more:  # RFC 6946: a datagram of its own
            out.append(
                Datagram(
                    key, payload, key[3], overlapped=False, pieces=1, complete=True, time_ns=time_ns
                )
            )
            return out
        growing = self._growing.get(key)
        if growing is None:
            growing = self._growing[key] = _Growing(key, time_ns)
        if not growing.refused:
            self._grow(growing, offset, more, payload)
        if growing.is_complete:
            del self._growing[key]
            self._octets -= growing.octets
            out.append(growing.datagram())
        self._evict(out)
        return out

    def finish(self) -> list[Datagram]:
        """The capture ended: what is left, as far as it goes; counted as expired."""
        out: list[Datagram] = []
        while self._growing:
            self.expired += 1
            self._give_up(out)
        return out

    def _grow(self, growing: _Growing, offset: int, more: bool, payload: bytes) -> None:
        if more:  # RFC 791: all but the last are multiples of 8; Linux cuts the rest off, too
            payload = payload[: len(payload) & ~7]
        if offset + len(payload) > MAX_DATAGRAM:
            self.too_large += 1
            self._refuse(growing)
            return
        before = growing.octets
        growing.place(offset, payload)
        if not more:
            growing.end_at(offset + len(payload))
        self._octets += growing.octets - before
        if len(growing.starts) > MAX_PIECES:
            self.too_many_pieces += 1
            self._refuse(growing)

    def _refuse(self, growing: _Growing) -> None:
        """Forget the octets but not the key: later pieces must not start it anew."""
        self._octets -= growing.octets
        growing.refuse()

    def _expire(self, time_ns: int) -> list[Datagram]:
        out: list[Datagram] = []
        while self._growing:
            oldest = next(iter(self._growing.values()))
            if time_ns - oldest.time_ns <= MAX_AGE_NS:
                break
            self.expired += 1
            self._give_up(out)
        return out

    def _evict(self, out: list[Datagram]) -> None:
        while len(self._growing) > MAX_DATAGRAMS or self._octets > MAX_OCTETS:
            self.evicted += 1
            self._give_up(out)

    def _give_up(self, out: list[Datagram]) -> None:
        _, oldest = self._growing.popitem(last=False)
        self._octets -= oldest.octets
        if oldest.starts and oldest.starts[0] == 0:
            out.append(oldest.datagram())


class _Growing:
    """One datagram: pieces sorted by start, never overlapping."""

    __slots__ = (
        "count", "end", "key", "octets", "overlapped", "pieces", "refused", "starts", "time_ns"
    )  # fmt: skip

    def __init__(self, key: DatagramKey, time_ns: int) -> None:
        self.key = key
        self.time_ns = time_ns
        self.starts: list[int] = []
        self.pieces: list[bytes] = []
        self.octets = 0
        self.count = 0
        self.end: int | None = None
        self.overlapped = False
        self.refused = False

    @property
    def is_complete(self) -> bool:
        return self.end is not None and self.octets == self.end

    def place(self, offset: int, payload: bytes) -> None:
        """Keep the octets of this piece that no earlier one brought."""
        self.count += 1
        if self.end is not None and offset + len(payload) > self.end:
            self.overlapped = True
            payload = payload[: max(0, self.end - offset)]
        at = bisect_right(self.starts, offset)
        if at and self._piece_end(at - 1) > offset:
            at -= 1
        end = offset + len(payload)
        while offset < end:
            if at == len(self.starts) or self.starts[at] >= end:
                self._insert(at, offset, payload)
                return
            start = self.starts[at]
            if offset < start:
                self._insert(at, offset, payload[: start - offset])
                payload = payload[start - offset :]
                offset = start
                at += 1
            payload = self._compare(at, offset, payload)
            offset = end - len(payload)
            at += 1

    def end_at(self, end: int) -> None:
        """The last fragment says where the datagram ends; the first to say so is believed."""
        if self.end is not None:
            self.overlapped |= end != self.end
            return
        self.end = end
        while self.starts and self._piece_end(-1) > end:
            self.overlapped = True
            start, piece = self.starts.pop(), self.pieces.pop()
            self.octets -= len(piece)
            if start < end:
                self._insert(len(self.starts), start, piece[: end - start])

    def refuse(self) -> None:
        self.refused = True
        self.starts, self.pieces, self.octets, self.end = [], [], 0, None

    def datagram(self) -> Datagram:
        """What there is up to the first hole."""
        run = []
        at = 0
        for start, piece in zip(self.starts, self.pieces, strict=True):
            if start != at:
                break
            run.append(piece)
            at += len(piece)
        return Datagram(
            self.key, b"".join(run), self.key[3], self.overlapped, self.count,
            self.is_complete, self.time_ns,
        )  # fmt: skip

    def _piece_end(self, at: int) -> int:
        return self.starts[at] + len(self.pieces[at])

    def _insert(self, at: int, start: int, piece: bytes) -> None:
        self.starts.insert(at, start)
        self.pieces.insert(at, piece)
        self.octets += len(piece)

    def _compare(self, at: int, offset: int, payload: bytes) -> bytes:
        """What of the payload at `offset` goes beyond the piece there; flags a contradiction."""
        start, piece = self.starts[at], self.pieces[at]
        common = min(start + len(piece) - offset, len(payload))
        if piece[offset - start : offset - start + common] != payload[:common]:
            self.overlapped = True
        return payload[common:]
