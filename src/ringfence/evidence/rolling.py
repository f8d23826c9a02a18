"""The minute before the verdict: the last packets of signalling, in a fixed piece of memory.

How it works: octets stand one behind the other in an arena, in the order in which they
came; beside it a row of numbers for each packet (no object). When one of both is full, it
is tidied: what is too old goes, and where that is not enough `thinning.py` says what stays.
Packets of addresses that are *held* (there was a verdict) stay until their cut was taken,
and have half of the room before anybody else. What was thinned is counted, in all and by
party, and each cut says so.

Time is the caller's own clock, which must not go back: what a packet claims (HEP carries
a time) decides nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import numpy as np

from ringfence.evidence.cut import Cut
from ringfence.evidence.thinning import drawn, fair, mixed
from ringfence.wire.records import packets_of
from ringfence.wire.spans import SpanHolder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ringfence.wire.records import PacketHolder, Record
    from ringfence.wire.spans import Spans
    from ringfence.wire.table import MessageTable

    Numbers = NDArray[np.uint64]

SECOND = 1_000_000_000
DEFAULT_OCTETS = 64 * 1024 * 1024
DEFAULT_WINDOW_S = 60
# Below, an attack has no history to speak of; above, addresses of the index (32 bits) end.
MIN_OCTETS, MAX_OCTETS = 64 * 1024, 4 * 1024 * 1024 * 1024 - 1
# Addresses with a verdict whose cut is awaited: more than any verdict names at once. The
# next ones are not held, and have their fair share only.
MAX_HELD = 1024
# Whoever holds and does not come for his cut: a verdict that was withdrawn.
_FORGOTTEN_S = 300
# Parties of whom it is told how much was thinned; of others, of whom less was, it is not.
MAX_THINNED = 1024
# Octets of the bound for each packet: its numbers (_FIELDS), and what tidying needs.
_SLOT_OCTETS, _WORK_OCTETS = 80, 160
_OCTETS_A_SLOT = 640
_LARGEST = 65_536 + 256  # an IP datagram and its link; more is no signalling
# What is not too old stays whole as long as it leaves a tenth of the room free; what is
# thinned leaves two fifths, so that a flood does not make it tidy all the time.
_ENOUGH, _THINNED_TO = (9, 10), (3, 5)

# A packet's numbers, and how they stand in memory: the same twice.
_FIELDS = [
    ("kept_at", "u8"), ("time", "u8"), ("number", "u8"), ("dialog", "u8"),
    ("source_high", "u8"), ("source_low", "u8"),
    ("destination_high", "u8"), ("destination_low", "u8"),
    ("at", "u4"), ("length", "u4"), ("original", "u4"), ("link", "u4"),
]  # fmt: skip
_ROW = struct.Struct("=8Q4I")

Words = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Filled:
    """How full it is, and what it had to give up since it began."""

    packets: int
    octets: int
    room: int  # for octets of packets
    oldest_ns: int  # on the caller's clock; 0: empty
    thinned: int  # packets that should have been there still
    held: int  # addresses
    too_large: int


class RollingBuffer:
    """Packets of signalling of the last minute. Not for several threads; a cut is for any."""

    def __init__(
        self,
        seed: int,
        max_octets: int = DEFAULT_OCTETS,
        before_s: int = DEFAULT_WINDOW_S,
        after_s: int = DEFAULT_WINDOW_S,
    ) -> None:
        """`seed` 64 bits that no stranger knows. Raises ValueError for a size that makes none."""
        if not MIN_OCTETS <= max_octets <= MAX_OCTETS:
            raise ValueError(f"a buffer of {max_octets:,} octets: {MIN_OCTETS:,} at least")
        self._seed = seed & 0xFFFFFFFFFFFFFFFF
        self.before_ns, self.after_ns = before_s * SECOND, after_s * SECOND
        self._slots = max_octets // _OCTETS_A_SLOT
        self._room = max_octets - self._slots * (_SLOT_OCTETS + _WORK_OCTETS)
        self._largest = min(_LARGEST, self._room // 8)
        self._arena = np.zeros(self._room, np.uint8)  # the kernel gives it as it is filled
        self._view = self._arena.data
        self._rows = np.zeros(self._slots, _FIELDS)
        self._index = self._rows.view(np.uint8).data
        self._of = {name: self._rows[name] for name, _ in _FIELDS}
        self._count = self._end = self._now = 0
        self._ours: Numbers = np.zeros(0, np.uint64)
        self._held: dict[Words, int] = {}  # since when
        self._thinned_of: dict[int, int] = {}  # by party, since _thinned_since
        self._thinned_before: dict[int, int] = {}
        self._thinned_since = 0
        self._thinned_in: dict[int, int] = {}  # by second
        self._thinned = self._too_large = 0

    # ---- what comes in -----------------------------------------------------

    def name_ours(self, addresses: Iterable[str]) -> None:
        """Addresses of the phone system: its answers count as those of whom they go to."""
        self._ours = self._mixed_all(words(address) for address in addresses)

    def take(self, holder: PacketHolder, table: MessageTable, now_ns: int) -> None:
        """Keep the packets of this table's messages; the decoder should keep packets.

        Those that came in one packet go many at once, where the decoder knows how.
        """
        wide = table.wide
        spans = holder.spans(wide["position"]) if isinstance(holder, SpanHolder) else None
        if spans is not None:
            self._take_spans(holder, table, spans, now_ns)
            return
        named = (
            "call_hash", "source_high", "source_low", "destination_high", "destination_low"
        )  # fmt: skip
        rows = zip(*(wide[name].tolist() for name in named), strict=True)
        last = -1
        found = packets_of(holder, table, range(len(table)))
        for records, (dialog, *sides) in zip(found, rows, strict=True):
            for record in records or ():
                if record.packet != last:  # one packet may carry several messages
                    self.put(record, (sides[0], sides[1]), (sides[2], sides[3]), now_ns, dialog)
                    last = record.packet

    def _take_spans(
        self, holder: PacketHolder, table: MessageTable, spans: Spans, now_ns: int
    ) -> None:
        """Runs of rows that lie in their packet, and between them rows that were put together."""
        wide = table.wide
        text = table.numbers["text"]
        together = (text < spans.starts) | (text >= spans.starts + spans.lengths)
        first_of_packet = np.diff(wide["packet"].astype(np.int64), prepend=-1) != 0
        octets = memoryview(table.octets)
        columns = {
            "time": spans.times, "number": wide["packet"], "dialog": wide["call_hash"],
            "source_high": wide["source_high"], "source_low": wide["source_low"],
            "destination_high": wide["destination_high"],
            "destination_low": wide["destination_low"],
            "original": spans.originals, "link": np.full(len(text), spans.link),
        }  # fmt: skip
        alone = np.flatnonzero(first_of_packet & ~together)
        starts, lengths = spans.starts[alone].tolist(), spans.lengths[alone].tolist()
        columns = {name: column[alone] for name, column in columns.items()}
        done = 0
        put_together, last = np.flatnonzero(together).tolist(), -1
        found = packets_of(holder, table, put_together) if put_together else ()
        for row, records in zip(put_together, found, strict=True):
            upto = int(np.searchsorted(alone, row))
            self.put_spans(octets, starts, lengths, columns, now_ns, done, upto)
            done = upto
            source = table.number(row, "source_high"), table.number(row, "source_low")
            target = table.number(row, "destination_high"), table.number(row, "destination_low")
            for record in records or ():
                if record.packet != last:
                    self.put(record, source, target, now_ns, table.number(row, "call_hash"))
                    last = record.packet
        self.put_spans(octets, starts, lengths, columns, now_ns, done)

    def put(
        self, record: Record, source: Words, destination: Words, now_ns: int, dialog: int = 0
    ) -> None:
        """Keep one packet between two addresses (`words`), of a dialog (a hash of its Call-ID)."""
        length = len(record.octets)
        if not self._has_room(length, now_ns):
            return
        self._view[self._end : self._end + length] = record.octets
        original = min(record.original, 0xFFFFFFFF)
        _ROW.pack_into(
            self._index, self._count * _ROW.size,
            self._now, record.time_ns, record.packet, dialog, *source, *destination,
            self._end, length, original, record.link & 0xFFFF,
        )  # fmt: skip
        self._count += 1
        self._end += length

    def put_spans(
        self,
        octets: memoryview,
        starts: Sequence[int],
        lengths: Sequence[int],
        numbers: Mapping[str, NDArray[Any]],
        now_ns: int,
        done: int = 0,
        upto: int | None = None,
    ) -> None:
        """Keep many packets of one piece of memory, such as a block of a ring: from `done` on.

        `numbers` has the columns time, number, dialog, the four words, original and link.
        """
        upto = len(starts) if upto is None else upto
        while done < upto:
            if not self._has_room(lengths[done], now_ns):
                done += 1
                continue
            first, row, at, ends = done, self._count, self._end, self._room
            largest = self._largest
            most = first + min(upto - first, self._slots - row)
            placed: list[int] = []
            view = self._view
            while done < most and at + lengths[done] <= ends and lengths[done] <= largest:
                start, length = starts[done], lengths[done]
                view[at : at + length] = octets[start : start + length]
                placed.append(at)
                at += length
                done += 1
            end = row + len(placed)
            for name, column in numbers.items():
                self._of[name][row:end] = column[first:done]
            self._of["kept_at"][row:end] = self._now
            self._of["at"][row:end] = placed
            self._of["length"][row:end] = lengths[first:done]
            self._count, self._end = end, at

    # ---- what goes out -----------------------------------------------------

    def hold(self, address: str, at_ns: int) -> bool:
        """There is a verdict: keep what there is of it until its cut; False: too many wait."""
        key = words(address)
        if key not in self._held and len(self._held) >= MAX_HELD:
            return False
        self._held.setdefault(key, at_ns)
        return True

    def release(self, addresses: Iterable[str]) -> None:
        """These are not waited for any more."""
        for address in addresses:
            self._held.pop(words(address), None)

    def cut(
        self,
        addresses: Iterable[str],
        at_ns: int,
        before_s: int | None = None,
        after_s: int | None = None,
    ) -> Cut:
        """A copy of what these addresses sent and got around this time, in the order it came.

        No addresses: everything. They are held on; `release` them when it is written.
        """
        begins = max(at_ns - (self.before_ns if before_s is None else before_s * SECOND), 0)
        ends = at_ns + (self.after_ns if after_s is None else after_s * SECOND)
        n, of = self._count, self._of
        kept_at = of["kept_at"][:n]
        chosen = (kept_at >= np.uint64(begins)) & (kept_at <= np.uint64(ends))
        keys = {words(address) for address in addresses}
        parties = {int(number) for number in self._mixed_all(keys)}
        if keys:
            chosen &= self._exactly(keys)
        rows = np.flatnonzero(chosen)
        spans = zip(of["at"][rows].tolist(), of["length"][rows].tolist(), strict=True)
        counted = self._thinned_of, self._thinned_before
        seconds = range(begins // SECOND, ends // SECOND + 1)
        return Cut(
            octets=b"".join(self._view[at : at + length] for at, length in spans),
            lengths=of["length"][rows],
            originals=of["original"][rows],
            times=of["time"][rows],
            links=of["link"][rows],
            thinned=sum(of.get(party, 0) for of in counted for party in parties),
            thinned_in_all=sum(self._thinned_in.get(second, 0) for second in seconds),
        )

    def filled(self) -> Filled:
        """For the metrics."""
        oldest = int(self._of["kept_at"][0]) if self._count else 0
        return Filled(
            self._count, self._end, self._room, oldest,
            self._thinned, len(self._held), self._too_large,
        )  # fmt: skip

    # ---- room --------------------------------------------------------------

    def _has_room(self, length: int, now_ns: int) -> bool:
        """Room for one packet more, made where there is none; False: nobody has so much."""
        self._now = max(self._now, now_ns)
        if length > self._largest:
            self._too_large += 1
            return False
        if self._count == self._slots or self._end + length > self._room:
            self._tidy()
        return True

    def _tidy(self) -> None:
        """Give up what is too old, and thin what is too much."""
        n, of = self._count, self._of
        self._forget_old()
        source = mixed(of["source_high"][:n], of["source_low"][:n], self._seed)
        target = mixed(of["destination_high"][:n], of["destination_low"][:n], self._seed)
        kept_at = of["kept_at"][:n]
        held = self._in_window(source, kept_at) | self._in_window(target, kept_at)
        alive = held | (kept_at >= np.uint64(max(self._now - self.before_ns, 0)))
        answers = np.isin(source, self._ours)
        party = np.where(answers, target, source)
        del source, target
        room = self._room * _THINNED_TO[0] // _THINNED_TO[1]
        least = self._room // self._slots  # so many packets have room that small ones count as more
        size = np.maximum(of["length"][:n].astype(np.int64), least + 1)
        wanted, others = int(size[held].sum()), int(size[alive & ~held].sum())
        if (wanted + others) * _ENOUGH[1] > self._room * _ENOUGH[0]:
            stays = np.zeros(n, np.bool_)
            for who, share in (
                (held, max(room // 2, room - others)),
                (alive & ~held, room - min(wanted, max(room // 2, room - others))),
            ):
                rows = np.flatnonzero(who)
                lot = drawn(of["dialog"][rows], self._seed)
                stays[rows] = fair(party[rows], size[rows], lot, ~answers[rows], share)
            self._count_thinned(party, kept_at, alive & ~stays)
            alive = stays
        self._close_up(np.flatnonzero(alive))

    def _close_up(self, rows: NDArray[np.intp]) -> None:
        """Move what stays to the front, neighbours together."""
        of, view = self._of, self._view
        lengths = of["length"][rows].astype(np.int64)
        ends = np.cumsum(lengths)
        runs = np.flatnonzero(np.diff(rows, prepend=-2) != 1)
        begins = (ends - lengths)[runs].tolist()
        sizes = np.diff([*begins, int(ends[-1]) if len(ends) else 0]).tolist()
        for to, at, size in zip(begins, of["at"][rows[runs]].tolist(), sizes, strict=True):
            if to != at:
                view[to : to + size] = view[at : at + size]
        self._rows[: len(rows)] = self._rows[rows]
        of["at"][: len(rows)] = ends - lengths
        self._count, self._end = len(rows), int(ends[-1]) if len(ends) else 0

    def _in_window(self, side: Numbers, kept_at: Numbers) -> NDArray[np.bool_]:
        """Packets of addresses that are held, of the time around their verdict."""
        if not self._held:
            return np.zeros(len(side), np.bool_)
        named = self._mixed_all(self._held)
        order = np.argsort(named)
        named, since = named[order], np.fromiter(self._held.values(), np.int64)[order]
        place = np.minimum(np.searchsorted(named, side), len(named) - 1)
        begins = np.maximum(since - self.before_ns, 0).astype(np.uint64)
        ends = (since + self.after_ns).astype(np.uint64)
        within: NDArray[np.bool_] = named[place] == side
        within &= (kept_at >= begins[place]) & (kept_at <= ends[place])
        return within

    def _forget_old(self) -> None:
        late = self._now - self.after_ns - _FORGOTTEN_S * SECOND
        self._held = {key: since for key, since in self._held.items() if since > late}
        window = self.before_ns + self.after_ns
        first = (self._now - self.before_ns - window) // SECOND
        self._thinned_in = {s: count for s, count in self._thinned_in.items() if s >= first}
        if self._now - self._thinned_since >= window:  # what a cut tells is of its time
            fresh = self._now - self._thinned_since < 2 * window
            self._thinned_before = self._thinned_of if fresh else {}
            self._thinned_of, self._thinned_since = {}, self._now

    def _count_thinned(self, party: Numbers, kept_at: Numbers, lost: NDArray[np.bool_]) -> None:
        self._thinned += int(lost.sum())
        seconds, counts = np.unique(kept_at[lost] // np.uint64(SECOND), return_counts=True)
        for second, count in zip(seconds.tolist(), counts.tolist(), strict=True):
            self._thinned_in[second] = self._thinned_in.get(second, 0) + count
        parties, counts = np.unique(party[lost], return_counts=True)
        most = np.argsort(counts)[-MAX_THINNED:]
        for key, count in zip(parties[most].tolist(), counts[most].tolist(), strict=True):
            self._thinned_of[key] = self._thinned_of.get(key, 0) + count
        if len(self._thinned_of) > MAX_THINNED:
            by_count = sorted(self._thinned_of.items(), key=lambda one: one[1])
            self._thinned_of = dict(by_count[-MAX_THINNED:])

    def _exactly(self, keys: set[Words]) -> NDArray[np.bool_]:
        """Packets of these addresses; a hash says fast that it is none, the address that it is."""
        n, of = self._count, self._of
        found = np.zeros(n, np.bool_)
        named = self._mixed_all(keys)
        for side in ("source", "destination"):
            high, low = of[f"{side}_high"][:n], of[f"{side}_low"][:n]
            rows = np.flatnonzero(np.isin(mixed(high, low, self._seed), named))
            pairs = zip(high[rows].tolist(), low[rows].tolist(), strict=True)
            found[rows] |= np.fromiter((pair in keys for pair in pairs), np.bool_, len(rows))
        return found

    def _mixed_all(self, keys: Iterable[Words]) -> Numbers:
        pairs = np.array(list(keys), np.uint64).reshape(-1, 2)
        return mixed(pairs[:, 0], pairs[:, 1], self._seed)


def words(address: str) -> Words:
    """The address as tables have it: two words, IPv4 as ::ffff:a.b.c.d."""
    packed = ip_address(address).packed
    if len(packed) == 4:
        return 0, 0xFFFF << 32 | int.from_bytes(packed)
    return int.from_bytes(packed[:8]), int.from_bytes(packed[8:])
