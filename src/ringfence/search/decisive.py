"""The exchange that decides about a suspect: what a court wants to see first.

How it works: for each of the first suspects an anchor is chosen from the incident.
An answered call: all messages of its Call-ID. A password that was accepted: the
messages before and after the answer that accepted it. Else what followed from the
first message of the weightiest clue. A first reading (`watch`, which hands tables
on, so that it costs no reading of its own) notes which messages these are by their
number in the reading; a second one reads just them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ringfence.model.clock import nanoseconds
from ringfence.model.exchange import Event, Exchange
from ringfence.model.incident import AnsweredCall, Incident, Suspect
from ringfence.search.accused import Accused
from ringfence.search.events import EventReader
from ringfence.search.rows import Rows
from ringfence.wire import _columns as columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ringfence.search.rows import Numbers
    from ringfence.wire.decoder import Decoder
    from ringfence.wire.table import MessageTable

    Tables = Iterable[tuple[int, Decoder, MessageTable]]

# A report draws so many exchanges, and so much of each.
MAX_SUSPECTS = 5
MAX_EVENTS = 40
# Around an accepted password: messages before and after the answer.
_BEFORE, _AFTER = 24, 4
# From a telling message on.
_FOLLOWING = 20
# A call rings no longer before it is answered (RFC 3261 Timer C): what is older under the
# same Call-ID belongs to other calls of a caller who changes nothing.
_MAX_RINGING_NS = 180_000_000_000


@dataclass(slots=True)
class _Anchor:
    """What is looked for, of one suspect, and the numbers of the messages found."""

    suspect: Suspect
    call: AnsweredCall | None
    telling: tuple[int, int] | None  # input, packet
    call_hash: int = 0
    not_before_ns: int = 0
    of: str = ""
    before: deque[int] = field(default_factory=lambda: deque(maxlen=_BEFORE))
    wanted: list[int] = field(default_factory=list)
    room: int = 0  # for messages that still follow
    last: int = -1  # number of the last message of the call

    def note_end(self, calls: NDArray[np.uint64], first: int) -> None:
        """Note the call's last message among these Call-IDs, the first of which has this number."""
        of_call = np.flatnonzero(calls == np.uint64(self.call_hash))
        if len(of_call):
            self.last = first + int(of_call[-1])

    def ends_at(self) -> int:
        """Number of the last message that is wanted."""
        return self.last if self.call_hash else max(self.wanted, default=-1)


class Decisive:
    """`watch` the messages once, then `read` the exchanges in a second reading."""

    def __init__(self, incident: Incident) -> None:
        self._anchors = [_anchor(suspect) for suspect in incident.suspects[:MAX_SUSPECTS]]
        self._accused = Accused(anchor.suspect.address for anchor in self._anchors)

    def watch(self, tables: Tables) -> Iterator[tuple[int, Decoder, MessageTable]]:
        """The same tables, looked at on their way."""
        first = 0
        for number, decoder, table in tables:
            self._look_at(Rows(table), number, first)
            first += len(table)
            yield number, decoder, table

    def read(self, tables: Tables) -> dict[str, Exchange]:
        """By address: the exchange that decides. The same captures again, as far as needed."""
        self._choose_early()
        ends_at = max((anchor.ends_at() for anchor in self._anchors), default=-1)
        readers = [EventReader() for _ in self._anchors]
        events: list[list[Event]] = [[] for _ in self._anchors]
        counts = [0] * len(self._anchors)
        first = 0
        for number, _, table in tables:
            if first > ends_at:
                break
            rows = Rows(table)
            for i, anchor in enumerate(self._anchors):
                chosen = _chosen(anchor, rows, first)
                counts[i] += len(chosen)
                for row in chosen[: MAX_EVENTS - len(events[i])].tolist():
                    events[i].append(readers[i].read(rows, row, number))
            first += len(table)
        return {
            anchor.suspect.address: Exchange(anchor.of, _told(found), count - len(found))
            for anchor, found, count in zip(self._anchors, events, counts, strict=True)
            if found
        }

    def _choose_early(self) -> None:
        """Where nothing was accepted and no telling message was met, the first ones will do."""
        for anchor in self._anchors:
            if not anchor.call_hash and not anchor.wanted:
                anchor.of = f"{anchor.suspect.address}: its last messages"
                anchor.wanted = list(anchor.before)

    def _look_at(self, table: Rows, number: int, first: int) -> None:
        rows = table.all()
        sent = self._accused.numbers(table, "source", rows)
        received = self._accused.numbers(table, "destination", rows)
        calls = table.wide("call_hash", rows)
        for i, anchor in enumerate(self._anchors):
            if anchor.call_hash:
                anchor.note_end(calls, first)
                continue
            own = rows[(sent == i) | (received == i)]
            if not len(own):
                continue
            if anchor.call is not None and self._finds_call(anchor, table, rows[received == i]):
                anchor.note_end(calls, first)
                continue
            _follow(anchor, table, own, number, first)

    def _finds_call(self, anchor: _Anchor, table: Rows, rows: Numbers) -> bool:
        """Whether one of these answers is the one that answered the call."""
        call = anchor.call
        if call is None:
            return False
        answered_ns = nanoseconds(call.answered_at)
        status = table.narrow("status", rows)
        at = table.wide("time", rows) // np.uint64(1000) == answered_ns // 1000
        asked = table.narrow("cseq_method", rows) == columns.M_INVITE
        found = rows[at & asked & (status >= 200) & (status < 300)]
        if not len(found):
            return False
        anchor.call_hash = int(table.wide("call_hash", found)[0])
        anchor.not_before_ns = max(0, answered_ns - _MAX_RINGING_NS)
        anchor.of = f"{anchor.suspect.address}: the call to {call.number} that was answered"
        return True


def _told(events: list[Event]) -> tuple[Event, ...]:
    """In the order of time, from the first request on: an answer alone says little."""
    ordered = sorted(events, key=lambda event: event.time_ns)
    first = next((n for n, event in enumerate(ordered) if not event.status), 0)
    return tuple(ordered[first:])


def _anchor(suspect: Suspect) -> _Anchor:
    calls = suspect.calls_answered
    worst = max(calls, key=lambda c: (c.cost or 0.0, c.seconds or 0.0), default=None)
    for_guilt = [clue for clue in suspect.clues if clue.weight_db > 0 and clue.messages]
    clue = max(for_guilt, key=lambda clue: clue.weight_db, default=None)
    telling = (clue.messages[0].input, clue.messages[0].packet) if clue else None
    return _Anchor(suspect, worst, telling)


def _follow(anchor: _Anchor, table: Rows, own: Numbers, number: int, first: int) -> None:
    """Note messages of the suspect: what it is let in with, or what the clue rests on."""
    suspect = anchor.suspect
    if anchor.room:
        following = own[: anchor.room]
        anchor.wanted += (following + first).tolist()
        anchor.room -= len(following)
        return
    if anchor.wanted:
        return
    hits = (
        _accepting(table, own) if suspect.accounts_taken else _telling(anchor, table, own, number)
    )
    if not len(hits):
        anchor.before.extend((own[-_BEFORE:] + first).tolist())
        return
    at = int(hits[0])
    if suspect.accounts_taken:
        anchor.of = f"{suspect.address}: how it was let in"
        earlier, room = own[own < at][-_BEFORE:], _AFTER
        anchor.before.extend((earlier + first).tolist())
        anchor.wanted = list(anchor.before)
    else:
        anchor.of = f"{suspect.address}: what the weightiest clue rests on"
        room = _FOLLOWING
    following = own[own >= at][: room + 1]
    anchor.wanted += (following + first).tolist()
    anchor.room = room + 1 - len(following)


def _accepting(table: Rows, own: Numbers) -> Numbers:
    """Answers to REGISTER that let in."""
    status = table.narrow("status", own)
    registers = table.narrow("cseq_method", own) == columns.M_REGISTER
    found: Numbers = own[registers & (status >= 200) & (status < 300)]
    return found


def _telling(anchor: _Anchor, table: Rows, own: Numbers, number: int) -> Numbers:
    if anchor.telling is None or anchor.telling[0] != number:
        return own[:0]
    found: Numbers = own[table.wide("packet", own) == np.uint64(anchor.telling[1])]
    return found


def _chosen(anchor: _Anchor, rows: Rows, first: int) -> Numbers:
    """The rows of this table that belong to the exchange."""
    everything = rows.all()
    if anchor.call_hash:
        same_call = rows.wide("call_hash", everything) == np.uint64(anchor.call_hash)
        recent = rows.wide("time", everything) >= np.uint64(anchor.not_before_ns)
        found: Numbers = everything[same_call & recent]
    else:
        found = everything[np.isin(everything + first, anchor.wanted)]
    return found
