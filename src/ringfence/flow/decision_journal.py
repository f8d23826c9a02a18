"""The guard's journal: what it decided, written once a second, whatever a flood makes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from types import MappingProxyType

from ringfence.flow.casebook import Casebook, StoreError
from ringfence.flow.firewall import lasts_of
from ringfence.flow.moment import host, utc
from ringfence.model.decision import BLOCK, LIMIT, NARROW, Decision
from ringfence.model.noted import Noted, together
from ringfence.model.standing import STRANGER
from ringfence.store.decisions import DecisionStore

# Decisions that wait for the store by themselves; more are summed up by hour and action.
MAX_WAITING = 10_000
# Sums that wait while the store fails: three days of every action, done or not.
MAX_SUMS = 720
# Clocks of captures and agents that are farther off are not believed.
_BELIEVED = timedelta(hours=1)
EVERY_S = 1.0


class DecisionJournal:
    """For one thread that notes, and one that writes. `write` raises StoreError."""

    def __init__(
        self,
        book: Casebook,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = DecisionStore(book.database)
        self._now, self._clock, self._host = now, clock, host()
        self._lock = Lock()
        self._waiting: list[Noted] = []
        self._sums: dict[tuple[str, str, bool], Noted] = {}
        self._written_at = -EVERY_S
        self.lost = 0  # decisions that were not written, as the store failed for days

    def note(
        self,
        decisions: Iterable[Decision],
        *,
        enforced: bool,
        roles: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Have these written; `enforced` where they are done, and not only would be.

        `roles` are those of `model.standing`, by address, of whoever is no stranger.
        """
        with self._lock:
            for decision in decisions:
                role = roles.get(decision.address, STRANGER)
                self._put(self._noted(decision, role, enforced=enforced))

    def is_due(self) -> bool:
        """Whether something waits, and the last transaction is a second ago."""
        waits = bool(self._waiting or self._sums)
        return waits and self._clock() - self._written_at >= EVERY_S

    def write(self) -> None:
        """Write all that waits, in one transaction; what could not be written goes on waiting."""
        with self._lock:
            taken = [*self._waiting, *self._sums.values()]
            self._waiting, self._sums = [], {}
            self._written_at = self._clock()
        if not taken:
            return
        try:
            self._store.add(taken)
        except StoreError:
            with self._lock:
                later = [*self._waiting, *self._sums.values()]
                self._waiting, self._sums = [], {}
                for one in (*taken, *later):
                    self._put(one)
            raise

    def _put(self, one: Noted) -> None:
        if one.address and len(self._waiting) < MAX_WAITING:
            self._waiting.append(one)
            return
        key = (one.at[:13], one.action, one.enforced)
        if key in self._sums:
            self._sums[key] = together(self._sums[key], one)
        elif len(self._sums) < MAX_SUMS:
            self._sums[key] = replace(one, address="", ports=(), account="", campaign="")
        else:
            self.lost += one.times

    def _noted(self, decision: Decision, role: str, *, enforced: bool) -> Noted:
        holds = decision.action in (BLOCK, NARROW, LIMIT)
        return Noted(
            self._at(decision.time_ns), decision.action, decision.address, self._host, enforced,
            int(lasts_of(decision).total_seconds()) if holds else 0, decision.reason,
            decision.kinds, decision.weight_db, decision.proven, decision.ports,
            decision.account, decision.campaign, role, decision.messages, decision.refused,
        )  # fmt: skip

    def _at(self, time_ns: int) -> str:
        """When it was decided, by the message; by our clock where that is far off."""
        now = self._now()
        off_s = time_ns / 1e9 - now.timestamp()
        if abs(off_s) > _BELIEVED.total_seconds():
            return utc(now)
        return utc(now + timedelta(seconds=off_s))
