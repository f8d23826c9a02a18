"""Manners: how long to wait before the same server is asked again, and whom not to ask now."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ringfence.attribute.registries import registry_of_host

# A pause without a time in it: LACNIC shuts out for five minutes.
PAUSE_S = 300.0
# Nobody is believed who wants to be left alone for longer.
MAX_PAUSE_S = 86_400.0
INTERVAL_S = 1.0
# How long a source rests that was silent, and how often it has to be.
REST_S = 60.0
_SILENCES = 2


def _wait(seconds: float) -> None:
    threading.Event().wait(seconds)


@dataclass(slots=True)
class Clock:
    """The time as look-ups see it; tests bring their own."""

    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    monotonic: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = _wait


class Pacer:
    """Lets each host be asked once in its interval; waits where it is too early."""

    def __init__(self, clock: Clock, interval_s: float = INTERVAL_S) -> None:
        self._clock = clock
        self._interval_s = interval_s
        # By host: the hosts are those of registries, a few dozen at most.
        self._last: dict[str, float] = {}

    def turn(self, host: str) -> None:
        """Wait until the host may be asked, and count the question that follows."""
        last = self._last.get(host)
        if last is not None:
            left = last + self._interval(host) - self._clock.monotonic()
            if left > 0:
                self._clock.wait(left)
        self._last[host] = self._clock.monotonic()

    def _interval(self, host: str) -> float:
        registry = registry_of_host(host)
        return max(self._interval_s, registry.interval_s if registry else 0.0)


class Rests:
    """Who was silent twice running is not asked for a while: nobody waits for each address."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # By source: a dozen names of ours.
        self._silences: dict[str, int] = {}
        self._until: dict[str, float] = {}

    def is_resting(self, source: str) -> bool:
        """Whether asking would only cost time."""
        return self._until.get(source, 0.0) > self._clock.monotonic()

    def silent(self, source: str) -> None:
        """It did not answer."""
        self._silences[source] = self._silences.get(source, 0) + 1
        if self._silences[source] >= _SILENCES:
            self._until[source] = self._clock.monotonic() + REST_S

    def spoke(self, source: str) -> None:
        """It said something, whatever it was."""
        self._silences.pop(source, None)


def pause_of(retry_after: str | None, now: datetime) -> float:
    """Seconds to leave a server alone: Retry-After is a number of seconds, or a date."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MAX_PAUSE_S)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return PAUSE_S
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), MAX_PAUSE_S)
