"""What the guard does: decisions into the firewall, all that wait in one transaction.

How it works: decisions wait in a list; a thread takes all of it at once, so that while one
transaction is under way the next one fills. Nothing that the firewall does, or fails to do,
holds up those who listen. Without `--enforce` there is no firewall, and nothing is done.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ringfence.flow.firewall import FirewallError, InForce, MeasureError, Shape, measure_of
from ringfence.flow.guard.worker import Worker
from ringfence.flow.wall import Wall
from ringfence.model.case import CaseError, StoreError
from ringfence.model.decision import BLOCK, LIMIT, NARROW, RELEASE, Decision
from ringfence.model.endpoint import Address
from ringfence.model.measure import Measure, Withheld

# Users are known to the firewall for so long after they were seen.
KNOWN_LASTS = timedelta(days=7)
# Decisions that wait while the firewall is busy; a flood of forged names makes no more.
MAX_WAITING = 20_000
# A second after a fault it is tried again, later each time, at most so much later.
_LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class Acted:
    """What became of decisions: measures in force, those that nobody may be blocked by."""

    done: tuple[Measure, ...]
    withheld: tuple[Withheld, ...]
    released: tuple[str, ...]
    latencies_s: tuple[float, ...]  # from the decisive packet to the rule


@dataclass(frozen=True, slots=True)
class Looked:
    """What is in force, and what was dropped for its rate."""

    in_force: tuple[InForce, ...]
    slowed: Mapping[str, int]
    took_s: float


class Hand:
    """The firewall of one guard; `results` of what was asked come later."""

    def __init__(self, wall: Wall, shape: Shape, trouble: Callable[[str], None]) -> None:
        self._wall, self._shape = wall, shape
        self._trouble = trouble  # what is wrong; "": nothing any more
        self._waiting: deque[Decision] = deque()
        # In the thread only: what is to be done, by address.
        self._measures: dict[str, Measure] = {}
        self._decided_ns: dict[str, int] = {}
        self._releases: dict[str, Decision] = {}
        self._worker = Worker("firewall", self._failed)
        self._asked_to_apply = self._asked_to_look = False
        self._stands = False
        self._anew = self._asked_to_stand = False
        self._again_at, self._pause_s = 0.0, 1.0
        self.left_out = 0  # decisions for which there was no room

    def close(self, timeout_s: float = 10.0) -> None:
        """Do what waits. What is in force stays, to its end."""
        self._worker.close(timeout_s)

    @property
    def is_alive(self) -> bool:
        """Whether decisions would be done."""
        return self._worker.is_alive

    def begin(self) -> list[InForce]:
        """Tables stand, what should be in force is; all of it. Raises FirewallError, StoreError."""
        self._stand(anew=False)
        self._wall.restore()
        return self._wall.look()

    def do(self, decisions: Iterable[Decision]) -> None:
        """Have these done, soon."""
        for decision in decisions:
            if decision.action not in (BLOCK, NARROW, LIMIT, RELEASE):
                continue
            if len(self._waiting) >= MAX_WAITING and decision.action == LIMIT:
                self.left_out += 1
                continue
            self._waiting.append(decision)
        self.tick()

    def tick(self) -> None:
        """See to decisions that wait; ask now and then."""
        due = (
            (self._waiting or self._measures)
            and not self._asked_to_apply
            and time.monotonic() >= self._again_at
        )
        if due:
            self._asked_to_apply = self._worker.put(self._apply)
        if self._anew and not self._asked_to_stand and time.monotonic() >= self._again_at:
            self._asked_to_stand = self._worker.put(self._stand_anew)

    def know(self, addresses: Sequence[Address]) -> None:
        """Users were let in from these."""
        if addresses:
            self._worker.put(lambda: self._wall.know(addresses, KNOWN_LASTS))

    def look(self, heard: Mapping[str, int], moved: Mapping[str, str]) -> None:
        """Have it looked at what is in force, unless that is under way."""
        if not self._asked_to_look:
            self._asked_to_look = self._worker.put(lambda: self._look(heard, moved))

    def stand_anew(self) -> None:
        """Tables at the ingress of interfaces that were away."""
        self._anew = True
        self.tick()

    def results(self) -> list[Acted | Looked]:
        """What was done since it was asked last."""
        found: list[Acted | Looked] = []
        while self._worker.done:
            result = self._worker.done.popleft()
            if isinstance(result, Acted | Looked):
                found.append(result)
        return found

    # ------------------------------------------------------------ in the thread

    def _stand(self, *, anew: bool) -> None:
        self._wall.stand(self._shape, anew=anew)
        self._stands = True

    def _stand_anew(self) -> None:
        self._asked_to_stand = self._anew = False
        try:
            self._stand(anew=True)
        except (FirewallError, StoreError) as error:
            self._anew = True
            self._pause(str(error))

    def _apply(self) -> Acted | None:
        """What waits, and what could not be done before; nothing of it is forgotten."""
        self._asked_to_apply = False
        self._take()
        try:
            if not self._stands:
                self._stand(anew=False)
            acted = self._done()
        except (FirewallError, StoreError, CaseError) as error:
            self._stands = False
            self._pause(str(error))
            return None
        except MeasureError as error:  # of ours: the same again would fail again
            self._measures, self._decided_ns = {}, {}
            self._pause(str(error))
            return None
        self._again_at, self._pause_s = 0.0, 1.0
        self._trouble("")
        return acted

    def _take(self) -> None:
        """Decisions become measures, the last word about each address; each once."""
        now = datetime.now(UTC)
        for _ in range(len(self._waiting)):
            decision = self._waiting.popleft()
            if decision.action == RELEASE:
                self._measures.pop(decision.address, None)
                self._releases[decision.address] = decision
                continue
            try:
                measure = measure_of(decision, now)
            except MeasureError as error:
                self._trouble(str(error))
                continue
            is_room = len(self._measures) < MAX_WAITING or decision.action != LIMIT
            if measure is not None and is_room:
                self._releases.pop(measure.address, None)
                self._measures[measure.address] = measure
                self._decided_ns.setdefault(measure.address, decision.time_ns)

    def _done(self) -> Acted:
        released = tuple(self._releases)
        for decision in tuple(self._releases.values()):
            self._release(decision)
            del self._releases[decision.address]
        done, withheld = self._wall.apply(list(self._measures.values()))
        at_ns, decided_ns = time.time_ns(), self._decided_ns
        self._measures, self._decided_ns = {}, {}
        latencies = tuple(
            (at_ns - decided_ns[one.address]) / 1e9 for one in done if one.address in decided_ns
        )
        return Acted(tuple(done), tuple(withheld), released, latencies)

    def _release(self, decision: Decision) -> None:
        try:
            self._wall.release(decision.address, decision.reason)
        except MeasureError as error:  # it is blocked with its network, by somebody's own hand
            self._trouble(str(error))

    def _look(self, heard: Mapping[str, int], moved: Mapping[str, str]) -> Looked | None:
        self._asked_to_look = False
        began = time.monotonic()
        try:
            if not self._stands:
                self._stand(anew=False)
                self._again_at, self._pause_s = (
                    0.0,
                    1.0,
                )  # it works again: what waits, waited enough
            in_force = self._wall.look(heard, moved)
            slowed = self._wall.slowed()
        except (FirewallError, StoreError, CaseError) as error:
            self._stands = False
            self._pause(str(error))
            return None
        if not (self._measures or self._releases or self._anew):
            self._trouble("")  # what was wrong is over, whether or not there is anything to do
        return Looked(tuple(in_force), slowed, time.monotonic() - began)

    def _pause(self, why: str) -> None:
        self._again_at = time.monotonic() + self._pause_s
        self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        self._trouble(why)

    def _failed(self, _name: str, error: Exception) -> None:
        self._asked_to_apply = self._asked_to_look = self._asked_to_stand = False
        self._pause(f"the firewall: {error}")
