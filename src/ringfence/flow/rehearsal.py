"""What the guard would have done: the same engine over captures, and nobody is blocked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ringfence.detect.assess import assess
from ringfence.detect.live import Live, Step
from ringfence.detect.verdict import ATTACKER, SUSPECT, Verdict
from ringfence.detect.watch import Watch
from ringfence.flow.investigation import Owner
from ringfence.model.decision import BLOCK, LIMIT, NARROW, Decision
from ringfence.model.standing import Standing
from ringfence.respond.budget import A_DAY, Budget
from ringfence.respond.decide import Decider
from ringfence.sources.capture_file import CaptureFile, in_order_of_time
from ringfence.wire import _columns as columns
from ringfence.wire.gathering import ROWS
from ringfence.wire.table import MessageTable

# A guard hears of packets in blocks that are no longer than this.
SLICE_NS = 10_000_000
_NOBODY = Owner()


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One decision, and what came of its source afterwards."""

    decision: Decision
    messages_after: int  # that a drop would have kept from the phone system
    verdict: str  # at the end of the captures


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All decisions in their order, and what they were made from."""

    decisions: tuple[Rehearsed, ...]
    messages: int
    sources: int

    @property
    def hit(self) -> tuple[Rehearsed, ...]:
        """Measures against sources that are no attackers, seen from the end."""
        return tuple(
            r
            for r in self.decisions
            if r.decision.action in (BLOCK, NARROW, LIMIT) and r.verdict not in (ATTACKER, SUSPECT)
        )


class Engine:
    """Detection and decisions together: tables in, what is to be done out."""

    def __init__(
        self, owner: Owner = _NOBODY, guesses_a_day: int = A_DAY, rows: int = ROWS, seed: int = 0
    ) -> None:
        """The seed is a secret of this run."""
        self.live = Live(rows, owner.servers, owner.known, seed=seed)
        self.decider = Decider()
        self.budget = Budget(guesses_a_day)
        self.standings: tuple[Standing, ...] = ()  # of sources that the last table changed

    def take(
        self, table: MessageTable, source_input: int = 0, first: int = 0, end: int | None = None
    ) -> list[Decision]:
        """Decisions about the messages of a table, or of rows `first` to `end` of it."""
        step: Step = self.live.take(table, source_input, first, end)
        self.standings = step.standings
        found = self.decider.decide(step.standings, self.live.now_ns)
        found += self.budget.note(step.guesses)
        self.live.forget(self.decider.returned())
        return found


def rehearse(
    paths: list[str],
    owner: Owner = _NOBODY,
    guesses_a_day: int = A_DAY,
    on_decision: Callable[[Decision], None] | None = None,
) -> Rehearsal:
    """Play captures to the engine as they happened. Raises CaptureError."""
    seed = int.from_bytes(os.urandom(8), "little")
    engine, hindsight = Engine(owner, guesses_a_day, ROWS, seed), Watch(ROWS, seed=seed)
    decisions: list[Decision] = []
    messages = 0
    for number in in_order_of_time(paths):
        for table in CaptureFile(paths[number]).tables():
            messages += len(table)
            hindsight.take(table, number)
            for first, end in slices(table):
                for decision in engine.take(table, number, first, end):
                    decisions.append(decision)
                    if on_decision is not None:
                        on_decision(decision)
    sources = hindsight.sources()
    found = assess(sources, owner.servers, owner.known)
    verdicts = {str(v.deeds.address): v for v in found.verdicts}
    done = tuple(_rehearsed(decision, verdicts.get(decision.address)) for decision in decisions)
    return Rehearsal(done, messages, hindsight.n)


def slices(table: MessageTable) -> Iterator[tuple[int, int]]:
    """Rows of a table in pieces that a guard would have had at once."""
    times = memoryview(table.batch.wide)[columns.TIME :: columns.WIDE_WIDTH]
    first, n = 0, len(table)
    for row in range(1, n):
        if not 0 <= times[row] - times[first] < SLICE_NS:
            yield first, row
            first = row
    if n:
        yield first, n


def _rehearsed(decision: Decision, v: Verdict | None) -> Rehearsed:
    if v is None:
        return Rehearsed(decision, 0, "ordinary")
    after = max(0, v.deeds.counts.messages - decision.messages)
    return Rehearsed(decision, after, v.verdict)
