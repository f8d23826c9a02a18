"""What was asked before: by the network that was returned, not by the address asked for.

A hundred attackers in ten networks make ten questions. In this run everything is
remembered; in the store only what is complete, for a day.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec

from ringfence.attribute.pacing import Clock
from ringfence.attribute.special import IP, maybe_address
from ringfence.model.responsible import Responsible

LASTS = timedelta(days=1)
# Networks that one run remembers; the oldest goes first.
MAX_NETWORKS = 10_000


class Lasting(Protocol):
    """The part that outlives the run: `store.lookups.LookupStore`."""

    def find(self, position: str, now: str) -> list[bytes]:
        """Answers about networks that hold the position."""

    def keep(self, first: str, last: str, now: str, expires_at: str, answer: bytes) -> None:
        """Remember one."""

    def paused_until(self, host: str) -> str | None:
        """Until when a server wants to be left alone."""

    def pause(self, host: str, until: str) -> None:
        """Leave it alone."""


class Memory:
    """Remembers answers and pauses."""

    def __init__(self, clock: Clock, lasting: Lasting | None = None) -> None:
        self._clock = clock
        self._lasting = lasting
        self._networks: dict[tuple[str, str], Responsible] = {}
        self._pauses: dict[str, datetime] = {}

    def find(self, address: IP, *, of_this_run: bool = False) -> Responsible | None:
        """The answer about the narrowest network that holds the address."""
        position = position_of(address)
        now = self._clock.now()
        found = [
            (last, first, one)
            for (first, last), one in self._networks.items()
            if first <= position <= last
        ]
        if found:
            return min(found, key=lambda one: (one[0], _inverted(one[1])))[2]
        if self._lasting is None or of_this_run:
            return None
        for octets in self._lasting.find(position, stamp(now)):
            try:
                return msgspec.json.decode(octets, type=Responsible)
            except msgspec.MsgspecError:
                continue  # written by another version: asked again
        return None

    def keep(self, answer: Responsible, address: IP, *, lasting: bool) -> None:
        """Remember an answer; one without a network holds for the address alone."""
        network = answer.network
        first = maybe_address(network.first) if network else None
        last = maybe_address(network.last) if network else None
        span = position_of(first or address), position_of(last or address)
        self._networks.pop(span, None)
        if len(self._networks) >= MAX_NETWORKS:
            del self._networks[next(iter(self._networks))]
        self._networks[span] = answer
        if lasting and self._lasting is not None and network is not None:
            now = self._clock.now()
            octets = msgspec.json.encode(answer)
            self._lasting.keep(*span, stamp(now), stamp(now + LASTS), octets)

    def paused_s(self, host: str) -> float:
        """Seconds that are left of a server's pause."""
        until = self._pauses.get(host)
        if until is None and self._lasting is not None:
            text = self._lasting.paused_until(host)
            until = _read(text) if text else None
        return max((until - self._clock.now()).total_seconds(), 0.0) if until else 0.0

    def pause(self, host: str, seconds: float) -> None:
        """Leave a server alone, also in the next runs."""
        until = self._clock.now() + timedelta(seconds=seconds)
        self._pauses[host] = until
        if self._lasting is not None:
            self._lasting.pause(host, stamp(until))


def position_of(address: IP) -> str:
    """The address as text that sorts like the address."""
    return f"{address.version}{int(address):032x}"


def stamp(when: datetime) -> str:
    """ISO 8601 in UTC, with Z."""
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _read(text: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _inverted(position: str) -> int:
    return -int(position[1:], 16)
