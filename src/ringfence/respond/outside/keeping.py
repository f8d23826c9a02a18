"""One machine outside, kept as the measures want it: read, take away, add, read again.

How it works: a round begins and ends with reading the machine's own list, so what counts is
what stands there, never what we remember to have sent. It takes away entries of ours that
nobody wants any more, adds what is missing, the newest first, and says of each measure how
it stands. A round that broke off leaves nothing to repair: the next one reads again.
Entries of others are read and never touched. Where a list has no room for remarks, all that
is on it is ours, so it must be ours alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ringfence.model.decision import BLOCK
from ringfence.model.measure import Measure
from ringfence.model.outside import (
    FAILS,
    LEFT_OUT,
    STANDS,
    WAITS,
    Carried,
    Entry,
    OutsideError,
    OutsideState,
)
from ringfence.model.text import count
from ringfence.respond.outside.marking import moment, seconds_until
from ringfence.respond.plan import why_never

# An address that may be forged is dropped for a minute at most; who is blocked for less than
# this is not carried to a router, which writes its configuration to flash for each.
LEAST = timedelta(minutes=5)
# So many go out in one round, so that a round has an end; the newest first.
MAX_A_ROUND = 50
# Somebody who takes an entry out by hand has his reason; a router that was restarted has not.
MAX_AGAIN = 3
MAX_OTHERS = 1000
# Clocks and timeouts differ by seconds; more is another end.
_SAME_END = timedelta(seconds=90)
# What is left of a measure that is not worth a change any more.
_TOO_LATE_S = 60

Objection = Callable[[str], str | None]


class Outside(Protocol):
    """A machine that blocks for us. Everything may raise OutsideError; nothing is repeated."""

    name: str
    room: int  # entries of ours at most
    marks: bool  # its list has room for remarks: id, end and host are read back

    def standing(self) -> list[Entry]:
        """All that is on its list now."""

    def push(self, measures: Sequence[Measure], now: datetime) -> dict[str, str]:
        """Put these on the list; why not, by the ids of those that it did not take."""

    def withdraw(self, entries: Sequence[Entry]) -> None:
        """Take these, which were just read, off the list; one that is gone is no error."""

    def doubt(self) -> str:
        """Why what stands on the list may do nothing; "" where there is no doubt."""

    def close(self) -> None:
        """No more questions."""


@dataclass(slots=True)
class _Seen:
    """What is remembered of a measure: whether it stood, and how often it vanished."""

    stood: bool = False
    vanished: int = 0


def carries(measure: Measure, now: datetime) -> str:
    """Why this is nothing for a machine outside; "" where it is."""
    if measure.action != BLOCK:
        return "only whole addresses are blocked outside, never ports or rates"
    if seconds_until(measure.until, now) <= 0:
        return "it is over"
    began = moment(measure.since)
    lasts = (
        datetime.fromisoformat(measure.until) - datetime.fromisoformat(began)
        if began
        else timedelta(seconds=seconds_until(measure.until, now))
    )
    if lasts < LEAST:
        return f"shorter than {LEAST.seconds // 60} minutes: this machine's firewall is enough"
    return why_never(measure.address) or ""


@dataclass(frozen=True, slots=True)
class _Aim:
    """What should be on the list after this round, and what may not."""

    chosen: Mapping[str, Measure]
    refused: Mapping[str, tuple[Measure, str]]
    unwanted: frozenset[str]
    settled: bool
    now: datetime

    def surplus(self, entries: Sequence[Entry]) -> list[Entry]:
        """Entries of ours that nobody wants any more, or with another end."""
        return [one for one in entries if one.ours and not self._fits(one)]

    def _fits(self, entry: Entry) -> bool:
        measure = self.chosen.get(entry.address)
        if measure is not None:
            return not entry.until or _same_end(entry.until, measure.until)
        over = bool(entry.until) and seconds_until(entry.until, self.now) <= 0
        known = entry.address in self.refused or entry.address in self.unwanted
        return not (over or known or self.settled)


class Keeping:
    """What one machine should have and has."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._seen: dict[str, _Seen] = {}
        self._entries: list[Entry] = []
        self.state = OutsideState(outside.name)

    def round(
        self,
        wanted: Mapping[str, Measure],
        unwanted: frozenset[str],
        objection: Objection,
        now: datetime,
        *,
        settled: bool,
    ) -> OutsideState:
        """One round. `wanted` by address; `settled`: nobody else wants anything of ours there.

        `unwanted` are addresses that were taken back, also where we are not settled.
        """
        ids = {one.id for one in wanted.values()}
        self._seen = {id_: seen for id_, seen in self._seen.items() if id_ in ids}
        self._entries = []
        aim = _Aim(*self._choose(wanted, objection, now), unwanted, settled, now)
        says: dict[str, str] = {}
        trouble = doubt = ""
        try:
            self._work(aim, says)
            left = aim.surplus(self._entries)
            if left:
                addresses = count(len(left), "address", "addresses")
                trouble = f"{addresses} could not be taken off its list"
            if any(one.ours for one in self._entries):
                doubt = self._outside.doubt()
        except OutsideError as error:
            trouble = str(error)
        seen_at = self.state.seen_at if trouble else f"{now:%Y-%m-%dT%H:%M:%SZ}"
        others = tuple(one for one in self._entries if not one.ours)[:MAX_OTHERS]
        carried = tuple(self._carried(aim, says, trouble))
        self.state = OutsideState(self._outside.name, seen_at, trouble, doubt, carried, others)
        return self.state

    def _work(self, aim: _Aim, says: dict[str, str]) -> None:
        """Take away, add, read again; `says` gets why not, by measure."""
        self._entries = self._outside.standing()
        surplus = aim.surplus(self._entries)
        if surplus:
            self._outside.withdraw(surplus)
            self._entries = [one for one in self._entries if one not in surplus]
        missing = self._missing(aim, {one.address for one in surplus})
        if missing:
            says.update(self._outside.push(missing, aim.now))
        if missing or surplus:
            self._entries = self._outside.standing()
            there = {one.address for one in self._entries}
            for measure in missing:
                if measure.address not in there:
                    says.setdefault(measure.id, "it said yes, but its list does not have it")

    def _choose(
        self, wanted: Mapping[str, Measure], objection: Objection, now: datetime
    ) -> tuple[dict[str, Measure], dict[str, tuple[Measure, str]]]:
        """Those that may go out, and why others may not: asked at the last moment."""
        chosen: dict[str, Measure] = {}
        refused: dict[str, tuple[Measure, str]] = {}
        for address, measure in wanted.items():
            why = carries(measure, now) or objection(address) or ""
            vanished = self._of(measure).vanished
            if not why and vanished > MAX_AGAIN:
                why = f"somebody took it out {vanished} times: it is left to him"
            if why:
                refused[address] = (measure, why)
            else:
                chosen[address] = measure
        room = self._outside.room
        for measure in _newest_first(chosen.values())[room:]:
            why = f"there is room for {room:,}, and newer ones go before"
            refused[measure.address] = (chosen.pop(measure.address), why)
        return chosen, refused

    def _missing(self, aim: _Aim, replaced: set[str]) -> list[Measure]:
        """What to push now. What we took away ourselves, to put it back, did not vanish."""
        there = {one.address for one in self._entries}
        missing = []
        for address, measure in aim.chosen.items():
            if address in there or seconds_until(measure.until, aim.now) < _TOO_LATE_S:
                continue
            seen = self._of(measure)
            if seen.stood and address not in replaced:
                seen.vanished += 1
            seen.stood = False
            if seen.vanished <= MAX_AGAIN:
                missing.append(measure)
        return _newest_first(missing)[:MAX_A_ROUND]

    def _carried(self, aim: _Aim, says: Mapping[str, str], trouble: str) -> Iterator[Carried]:
        name = self._outside.name
        there = {one.address: one for one in self._entries}
        for address, measure in aim.chosen.items():
            entry = there.get(address)
            if entry is not None:
                self._of(measure).stood = True
                whose = "" if entry.ours else "on its list already, and not by us"
                yield Carried(name, measure.id, address, STANDS, whose)
            elif why := says.get(measure.id) or trouble:
                yield Carried(name, measure.id, address, FAILS, why)
            else:
                yield Carried(name, measure.id, address, WAITS)
        for measure, why in aim.refused.values():
            yield Carried(name, measure.id, measure.address, LEFT_OUT, why)

    def _of(self, measure: Measure) -> _Seen:
        return self._seen.setdefault(measure.id, _Seen())


def _newest_first(measures: Iterable[Measure]) -> list[Measure]:
    return sorted(measures, key=lambda one: one.since, reverse=True)


def _same_end(one: str, other: str) -> bool:
    apart = datetime.fromisoformat(one) - datetime.fromisoformat(other)
    return abs(apart) <= _SAME_END
