"""Events that tell of what packets showed already, or another log: each request counts once.

How it works: of every answer in packets (or HEP) it is noted, second by second, to
whom it went: address, port and method, and the same with less, since logs leave out
one or the other. An event waits a moment for its packet. If an answer went to its
source at its time, packets told of it, and it is dropped: packets win. If another log
told of the same request, it is dropped as well. What is left is `due`, to be told.
Rules: time is an argument, and each table has a bound. Where the notes of a second are
full, a packet may be forgotten (its request then counts twice), or an event be taken
for another's, once in four thousand million.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ringfence.model import event as kinds
from ringfence.model.endpoint import plain_address
from ringfence.model.event import Event
from ringfence.wire import _columns as columns
from ringfence.wire.feed import words_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ringfence.wire.table import MessageTable

_SECOND_NS = 10**9
# A log's time may be this far from its packet's: most write whole seconds, some when
# they are done.
NEAR_S = 2
# A log may come so late. Later, what packets showed then is forgotten.
LATE_S = 10
# An event waits so long for its packet: packets come in batches, HEP over a network.
HOLD_NS = 500_000_000
# Without an answer in packets for so long nobody knows what they would have shown.
_SEEN_S = 60
# Seconds that are remembered, a power of two beyond NEAR_S and LATE_S, and the places of
# each: 4 MiB altogether. An answer takes four places, so 16 000 answers to different
# sources in a second are remembered; of more the later one takes the place.
_SECONDS = 16
PLACES = 65_536
# Events that wait, and events that another log may still tell of.
MAX_HELD = 8192
MAX_TOLD = 16_384

_ODD, _OTHER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)
_METHODS = {name: number for number, name in enumerate(columns.METHODS) if name}
# Where one log says that the password was wrong, another says that nobody has that name.
_FAILED = frozenset((kinds.REFUSED, kinds.NO_ACCOUNT, kinds.NOT_ALLOWED))


@dataclass(frozen=True, slots=True)
class OnceFigures:
    """Events so far: how many were told, and how many were not, by reason."""

    told: int
    seen_in_packets: int
    told_by_another_log: int
    too_late: int
    too_many: int


@dataclass(slots=True)
class _Told:
    """An event that counts, and which logs have told of it."""

    event: Event
    time_ns: int
    came_ns: int
    origins: set[str] = field(default_factory=set)


class Once:
    """The joiner of one guard. The seed is a secret of this run."""

    def __init__(self, seed: int, *, packets_come: bool = True, hold_ns: int = HOLD_NS) -> None:
        """`packets_come`: packets or HEP are heard as well; without, no event waits."""
        self._seed = np.uint64(seed & 0xFFFF_FFFF_FFFF_FFFF)
        self._hold_ns = hold_ns if packets_come else 0
        self._notes = np.zeros((_SECONDS, PLACES), np.uint32)
        self._seconds = [-1] * _SECONDS
        self._answered_ns = -(_SEEN_S + 1) * _SECOND_NS
        self._held: deque[_Told] = deque()
        self._told: deque[_Told] = deque()
        self._by_name: dict[tuple[str, str], deque[_Told]] = {}
        self._counts = dict.fromkeys(("told", "packets", "logs", "late", "many"), 0)

    @property
    def figures(self) -> OnceFigures:
        """What became of the events so far."""
        return OnceFigures(*self._counts.values())

    def packets(self, table: MessageTable, now_ns: int) -> None:
        """Note to whom answers went, of a table of packets or HEP."""
        numbers, wide = table.numbers, table.wide
        seconds = (wide["time"] // np.uint64(_SECOND_NS)).astype(np.int64)
        now_s = now_ns // _SECOND_NS
        # Times beyond are no notes: a clock that is wrong would wipe out those of now.
        answers = (numbers["status"] >= 200) & (seconds > now_s - _SECONDS + NEAR_S)
        answers &= seconds <= now_s + NEAR_S
        if not answers.any():
            return
        self._answered_ns = now_ns
        ports, methods = numbers["destination_port"][answers], numbers["cseq_method"][answers]
        base = self._base(wide["destination_high"][answers], wide["destination_low"][answers])
        seconds = seconds[answers]
        for second in np.unique(seconds).tolist():
            notes, those = self._notes_of(second), seconds == second
            for port in (ports[those], np.zeros(1, np.int32)):
                for method in (methods[those], np.zeros(1, np.int32)):
                    places, marks = _places(base[those], port, method)
                    notes[places] = marks

    def take(self, events: Iterable[Event], now_ns: int) -> None:
        """Events that have come; those that count are `due` after a moment."""
        self._forget(now_ns)
        for event in events:
            self._take(event, now_ns)

    def due(self, now_ns: int) -> list[Event]:
        """Events that nothing else told of, in the order in which they came."""
        found = []
        # What came later than now came before the clock was set back: it is due as well, or
        # everything behind it would wait until the clock is there again.
        while self._held and not 0 <= now_ns - self._held[0].came_ns < self._hold_ns:
            held = self._held.popleft()
            if self._is_in_packets(held.event, held.time_ns):
                self._counts["packets"] += 1
            else:
                self._counts["told"] += 1
                found.append(held.event)
        return found

    def _take(self, event: Event, now_ns: int) -> None:
        time_ns = min(event.time_ns or now_ns, now_ns)
        if self._is_in_packets(event, time_ns):
            self._counts["packets"] += 1
        elif self._is_too_late(time_ns, now_ns):
            self._counts["late"] += 1
        elif self._is_in_another_log(event, time_ns):
            self._counts["logs"] += 1
        elif len(self._held) >= MAX_HELD:
            self._counts["many"] += 1
        else:
            told = _Told(event, time_ns, now_ns, {event.origin})
            self._held.append(told)
            self._told.append(told)
            self._by_name.setdefault(_name(event), deque()).append(told)
            if len(self._told) > MAX_TOLD:
                self._forget_first()

    # -- packets -----------------------------------------------------------------------------

    def _is_too_late(self, time_ns: int, now_ns: int) -> bool:
        """Packets were heard then, and what they showed is forgotten."""
        is_late = time_ns < now_ns - LATE_S * _SECOND_NS
        return is_late and now_ns - self._answered_ns < _SEEN_S * _SECOND_NS

    def _is_in_packets(self, event: Event, time_ns: int) -> bool:
        address = plain_address(event.source)
        if address is None:
            return False
        high, low = words_of(address)
        base = self._base(np.array([high], np.uint64), np.array([low], np.uint64))
        port = np.array([event.port], np.int32)
        method = np.array([_METHODS.get(event.method, 0)], np.int32)
        places, marks = _places(base, port, method)
        place, mark = int(places[0]), int(marks[0])
        second = time_ns // _SECOND_NS
        return any(
            self._seconds[s % _SECONDS] == s and self._notes[s % _SECONDS, place] == mark
            for s in range(second - NEAR_S, second + NEAR_S + 1)
        )

    def _notes_of(self, second: int) -> NDArray[np.uint32]:
        n = second % _SECONDS
        if self._seconds[n] != second:
            self._seconds[n] = second
            self._notes[n] = 0
        notes: NDArray[np.uint32] = self._notes[n]
        return notes

    def _base(self, high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """What is known of addresses: a hash that only the holder of the seed can foresee."""
        h = _mixed((low ^ self._seed) * _ODD)
        return _mixed((h ^ high ^ (self._seed >> _HALF)) * _OTHER + self._seed)

    # -- logs --------------------------------------------------------------------------------

    def _is_in_another_log(self, event: Event, time_ns: int) -> bool:
        """Whether another log told of the same request; it is told of by both then."""
        for told in self._by_name.get(_name(event), ()):
            if (
                event.origin not in told.origins
                and abs(told.time_ns - time_ns) <= NEAR_S * _SECOND_NS
                and _are_one(told.event, event)
            ):
                told.origins.add(event.origin)
                return True
        return False

    def _forget(self, now_ns: int) -> None:
        """Nobody tells any more of what came so long ago."""
        while self._told and self._told[0].came_ns < now_ns - LATE_S * _SECOND_NS:
            self._forget_first()

    def _forget_first(self) -> None:
        name = _name(self._told.popleft().event)
        same = self._by_name[name]
        same.popleft()
        if not same:
            del self._by_name[name]


def _places(
    base: NDArray[np.uint64], ports: NDArray[np.int32], methods: NDArray[np.int32]
) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Place and mark of each; a port or method of 0 is one that is not said."""
    what = ports.astype(np.uint64) * np.uint64(16) + methods.astype(np.uint64) + np.uint64(1)
    h = _mixed((base ^ what) * _ODD)
    return h & np.uint64(PLACES - 1), (h >> _HALF).astype(np.uint32) | np.uint32(1)


def _mixed(h: NDArray[np.uint64]) -> NDArray[np.uint64]:
    h ^= h >> _HALF
    h *= _OTHER
    return h ^ (h >> _HALF)


def _name(event: Event) -> tuple[str, str]:
    return str(plain_address(event.source)), event.account


def _are_one(one: Event, other: Event) -> bool:
    """Whether two logs may mean one request: nothing that both say differs."""
    if one.kind != other.kind and not (one.kind in _FAILED and other.kind in _FAILED):
        return False
    both = (
        (one.port, other.port),
        (one.method, other.method),
        (one.call_id, other.call_id),
        (one.number, other.number),
    )
    return one.count == other.count and all(not a or not b or a == b for a, b in both)
