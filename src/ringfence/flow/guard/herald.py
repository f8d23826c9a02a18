"""Who tells people: attacks become alarms, alarms go into the store, and from there out.

How it works: which alarm is due is decided at once (`respond/alarm.py`); a thread writes it
to the store, and another sends what the store has, as servers may take minutes. Both open
the store for themselves. A store that fails keeps no alarm from being sent: it is tried at
once, and whom it did not reach is told when the store is back.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from ringfence.flow.alerting import Alerting, channels_of, send_now
from ringfence.flow.casebook import Casebook
from ringfence.flow.decision_journal import DecisionJournal
from ringfence.flow.guard.worker import Worker
from ringfence.flow.regular_book import RegularBook
from ringfence.model.alarm import Alarm, Attack
from ringfence.model.case import StoreError
from ringfence.model.decision import Decision
from ringfence.model.settings import Settings
from ringfence.respond.alarm import AlarmBook, quiet_hours
from ringfence.store.alerts import GIVEN_UP, WAITING, AlertStore
from ringfence.store.cases import CaseStore
from ringfence.store.opening import Database

if TYPE_CHECKING:
    from ringfence.flow.alerting import Channel

# What is due is sent this often; the store is counted with it.
DELIVER_S = 5.0
# Alarms that wait for the store; `respond/alarm.py` raises thirty in ten minutes at most.
MAX_WAITING = 1000


class Herald:
    """Alarms of one guard. Raises SettingsError where the settings name nobody right."""

    def __init__(self, settings: Settings, store: str, trouble: Callable[[str], None]) -> None:
        self._book = AlarmBook(settings.alerts.minimum, quiet_hours(settings.alerts.quiet))
        self._channels = channels_of(settings)
        self._where, self._trouble = store, trouble
        self._scribe = Worker("store", self._failed)
        self._messenger = Worker("alarms", self._failed)
        self._writing = _Opened(store, self._channels)
        self._sending = _Opened(store, self._channels)
        self._delivered_at = 0.0
        self._delivers = self._writes = self._queues = False
        # Alarms, and the channels that are left to tell; none: it was not tried yet.
        self._unstored: deque[tuple[Alarm, tuple[str, ...]]] = deque()
        self._book_of_cases = Casebook(store)
        self._journal = DecisionJournal(self._book_of_cases)
        self.regulars = RegularBook(self._book_of_cases)
        self.counts = (0, 0, 0)  # alarms that wait, that were given up; cases that are open

    @property
    def is_alive(self) -> bool:
        """Whether anybody would be told."""
        return self._scribe.is_alive and self._messenger.is_alive

    def decided(
        self, decisions: Sequence[Decision], roles: Mapping[str, str], *, enforcing: bool
    ) -> None:
        """Decisions, for the journal; `roles` of those that are no strangers."""
        self._journal.note(decisions, enforced=enforcing, roles=roles)

    def tell(self, attacks: Sequence[Attack], now: datetime) -> None:
        """Attacks that changed; alarms that are due go out. `now` in the owner's own time."""
        alarms = [alarm for attack in attacks if (alarm := self._book.note(attack, now))]
        alarms += self._book.due(now)
        room = max(0, MAX_WAITING - len(self._unstored))
        self._unstored.extend((alarm, ()) for alarm in alarms[:room])
        if self._unstored and not self._queues:
            self._queues = self._scribe.put(self._queue)
        if (self._journal.is_due() or self.regulars.is_due()) and not self._writes:
            self._writes = self._scribe.put(self._write)
        if not self._delivers and time.monotonic() - self._delivered_at >= DELIVER_S:
            self._delivered_at = time.monotonic()
            self._delivers = self._messenger.put(self._deliver)

    def close(self, timeout_s: float) -> None:
        """Write what is due; what was not delivered the next guard delivers."""
        self._scribe.put(self._queue)
        self._scribe.put(self._write)
        self._scribe.close(timeout_s)
        self._messenger.close(timeout_s)

    # ------------------------------------------------------------ in the threads

    def _queue(self) -> None:
        self._queues = False
        while self._unstored:
            alarm, names = self._unstored[0]
            try:
                self._writing.alerting.queue(alarm, datetime.now(UTC), names)
            except StoreError:
                self._send_untried()
                raise
            self._unstored.popleft()

    def _send_untried(self) -> None:
        """The store fails: whoever can be told is told without it."""
        for _ in range(len(self._unstored)):
            alarm, names = self._unstored.popleft()
            if names or not self._messenger.put(partial(self._send, alarm)):
                self._unstored.append((alarm, names))

    def _send(self, alarm: Alarm) -> None:
        tried = send_now(self._channels, alarm, datetime.now(UTC))
        if failed := tuple(one.channel for one in tried if not one.delivered):
            self._unstored.append((alarm, failed))

    def _write(self) -> None:
        self._writes = False
        self._journal.write()
        self.regulars.write()

    def _deliver(self) -> None:
        self._delivers = False
        opened = self._sending
        failed = [one for one in opened.alerting.deliver(datetime.now(UTC)) if not one.delivered]
        counts = opened.alerts.counts()
        self.counts = (
            counts[WAITING], counts[GIVEN_UP], opened.cases.open_count()
        )  # fmt: skip
        self._trouble(f"{failed[0].channel} was not told: {failed[0].says}" if failed else "")

    def _failed(self, _name: str, error: Exception) -> None:
        self._delivers = self._writes = self._queues = False
        self._trouble(str(error))


class _Opened:
    """The store, opened by the thread that uses it, when it does."""

    def __init__(self, where: str, channels: Sequence[Channel]) -> None:
        self._where, self._channels = where, channels
        self._database: Database | None = None
        self._alerting: Alerting | None = None

    @property
    def alerts(self) -> AlertStore:
        return AlertStore(self._open())

    @property
    def alerting(self) -> Alerting:
        if self._alerting is None:
            self._alerting = Alerting(self._channels, self.alerts)
        return self._alerting

    @property
    def cases(self) -> CaseStore:
        return CaseStore(self._open())

    def _open(self) -> Database:
        if self._database is None:
            self._database = Database(self._where)
        return self._database
