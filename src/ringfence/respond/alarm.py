"""Which alarm is raised, and when: one attack is one alarm with updates, not a thousand.

Pure: attacks and the time go in, alarms come out. An attack's first alarm waits a few
seconds for the proof that its block works; a break-in waits for nothing. Updates come when
something changed for the worse, at most one a minute, and at longer and longer intervals
when there is only more of the same. In quiet hours everything but break-ins waits for the
morning, and too many at once become one message that lists them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ringfence.model.alarm import (
    ATTACK,
    BREAK_IN,
    MOVED,
    NOT_EFFECTIVE,
    NOTE,
    SEVERITIES,
    UNKNOWN,
    WARNING,
    Alarm,
    Attack,
)
from ringfence.respond.alerts.text import alarm_of, digest_of

# How long the first alarm waits to say whether the block works.
SETTLE = timedelta(seconds=5)
CHANGED = timedelta(seconds=60)
BREAK_IN_AGAIN = timedelta(seconds=10)
# More of the same: a quarter of an hour, then twice as long each time.
MORE, MOST = timedelta(minutes=15), timedelta(hours=6)
# Messages in ten minutes, whatever happens; break-ins have a budget of their own.
PERIOD = timedelta(minutes=10)
MAX_ALARMS, MAX_BREAK_INS = 10, 20
# From so many that wait on, they come as one.
DIGEST_FROM = 4
# Attacks that are remembered; whoever changed least recently is forgotten, and would be new.
MAX_ATTACKS = 1000
_LOOKS_ONLY = {"scan", "enumeration", "flood", ""}

Quiet = Callable[[datetime], bool]


@dataclass(slots=True)
class _Known:
    """An attack, and what was told about it."""

    latest: Attack
    since: datetime
    told: Attack | None = None
    severity: str = NOTE
    told_at: datetime | None = None
    number: int = 0
    repeats: int = 0


def severity_of(attack: Attack) -> str:
    """How loud: success of the attacker is the loudest."""
    if attack.got_in:
        return BREAK_IN
    if attack.over:
        return NOTE
    if not attack.proven or set(attack.kinds or ("",)) <= _LOOKS_ONLY:
        return ATTACK if attack.effect == NOT_EFFECTIVE else WARNING
    return ATTACK


def never(_: datetime) -> bool:
    """No quiet hours."""
    return False


class AlarmBook:
    """What was told and what is still to tell. Ask `due` every second or so.

    `now` is aware, and in the owner's own time where there are quiet hours.
    """

    def __init__(self, minimum: str = WARNING, quiet: Quiet = never) -> None:
        self._minimum = SEVERITIES.index(minimum)
        self._quiet = quiet
        self._known: dict[str, _Known] = {}
        self._waiting: dict[str, None] = {}  # in order
        self._raised: list[tuple[datetime, bool]] = []

    def note(self, attack: Attack, now: datetime) -> Alarm | None:
        """An attack as it stands now, as often as it changes; the alarm that is due at once."""
        known = self._known.pop(attack.key, None) or _Known(attack, now)
        self._known[attack.key] = known
        known.latest = attack
        if len(self._known) > MAX_ATTACKS:
            oldest = next(iter(self._known))
            del self._known[oldest]
            self._waiting.pop(oldest, None)
        if not self._has_news(known):
            self._waiting.pop(attack.key, None)
            return None
        if self._may(known, now):
            return self._raise(known, now)
        self._waiting[attack.key] = None
        return None

    def due(self, now: datetime) -> list[Alarm]:
        """Alarms that had to wait and need not any more."""
        ready = [known for key in self._waiting if self._may(known := self._known[key], now)]
        loud = [known for known in ready if severity_of(known.latest) == BREAK_IN]
        others = [known for known in ready if severity_of(known.latest) != BREAK_IN]
        alarms = [self._raise(known, now) for known in loud if self._has_budget(now, loud=True)]
        if len(others) >= DIGEST_FROM:
            return [*alarms, self._digest(others, now)]
        return alarms + [
            self._raise(known, now) for known in others if self._has_budget(now, loud=False)
        ]

    @property
    def waiting(self) -> int:
        """Attacks about which there is something to tell."""
        return len(self._waiting)

    def _has_news(self, known: _Known) -> bool:
        latest, told = known.latest, known.told
        if SEVERITIES.index(severity_of(latest)) < self._minimum and (
            told is None or not latest.over
        ):
            return False
        if told is None:
            return not latest.over
        return latest != told

    def _may(self, known: _Known, now: datetime) -> bool:
        latest, told = known.latest, known.told
        loud = severity_of(latest) == BREAK_IN
        if not loud and self._quiet(now):
            return False
        if not self._has_budget(now, loud=loud):
            return False
        if told is None or known.told_at is None:
            settled = latest.effect != UNKNOWN or latest.dry_run or not latest.done
            return loud or settled or now - known.since >= SETTLE
        return now - known.told_at >= self._pause(known, told)

    def _pause(self, known: _Known, told: Attack) -> timedelta:
        latest = known.latest
        if (latest.accounts_taken, latest.got_in) != (told.accounts_taken, told.got_in):
            return BREAK_IN_AGAIN if told.got_in else timedelta(0)
        bad = latest.effect in (NOT_EFFECTIVE, MOVED)
        changed = bad and latest.effect != told.effect
        changed = changed or latest.done != told.done or latest.over != told.over
        changed = changed or told.effect == UNKNOWN != latest.effect
        if changed or SEVERITIES.index(severity_of(latest)) > SEVERITIES.index(known.severity):
            return CHANGED
        return min(MORE * (1 << min(known.repeats, 10)), MOST)

    def _raise(self, known: _Known, now: datetime) -> Alarm:
        severity = severity_of(known.latest)
        self._mark(known, severity, now)
        self._raised.append((now, severity == BREAK_IN))
        return alarm_of(known.latest, severity, known.number)

    def _digest(self, several: list[_Known], now: datetime) -> Alarm:
        severities = [severity_of(known.latest) for known in several]
        several = sorted(several, key=lambda known: -SEVERITIES.index(severity_of(known.latest)))
        for known in several:
            self._mark(known, severity_of(known.latest), now)
        self._raised.append((now, False))
        return digest_of([known.latest for known in several], max(severities, key=SEVERITIES.index))

    def _mark(self, known: _Known, severity: str, now: datetime) -> None:
        told = known.told
        same = told is not None and (told.effect, told.done) == (
            known.latest.effect,
            known.latest.done,
        )
        known.repeats = known.repeats + 1 if same else 0
        known.told, known.severity, known.told_at = known.latest, severity, now
        known.number += 1
        self._waiting.pop(known.latest.key, None)

    def _has_budget(self, now: datetime, *, loud: bool) -> bool:
        self._raised = [(at, kind) for at, kind in self._raised if now - at < PERIOD]
        most = MAX_BREAK_INS if loud else MAX_ALARMS
        return sum(kind == loud for _, kind in self._raised) < most


def quiet_hours(text: str) -> Quiet:
    """Of "22:00-07:00", in the time of the clock that is asked. Raises ValueError."""
    if not text:
        return never
    begin, _, end = text.partition("-")
    first, last = _minute(begin), _minute(end)
    if first == last:
        raise ValueError("it begins and ends at the same time")

    def is_quiet(now: datetime) -> bool:
        minute = now.hour * 60 + now.minute
        return first <= minute < last if first < last else minute >= first or minute < last

    return is_quiet


def _minute(text: str) -> int:
    hour, _, minute = text.strip().partition(":")
    if not (hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit()):
        raise ValueError("a time is written like 22:00")
    if len(minute) != 2 or int(hour) > 23 or int(minute) > 59:
        raise ValueError("a time is written like 22:00")
    return int(hour) * 60 + int(minute)
