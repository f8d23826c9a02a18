"""A clock that nobody waits for, and look-ups that reach loopback only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ringfence.attribute.client import HttpClient
from ringfence.attribute.doors import Doors, origin_of
from ringfence.attribute.memory import Memory
from ringfence.attribute.pacing import Clock, Pacer


@dataclass
class FakeTime:
    """Time that passes only where somebody waits."""

    at: datetime = datetime(2026, 11, 26, 12, 0, 0, tzinfo=UTC)
    waited: list[float] = field(default_factory=list)
    passed: float = 0.0

    def wait(self, seconds: float) -> None:
        """Pass the time."""
        self.waited.append(round(seconds, 3))
        self.later(seconds)

    def later(self, seconds: float) -> None:
        """Let it pass without counting it as waiting."""
        self.passed += seconds
        self.at += timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        """As look-ups see it."""
        return Clock(lambda: self.at, lambda: self.passed, self.wait)


def nobody(host: str, port: int) -> list[str]:
    """A resolver that must not be asked."""
    raise AssertionError(f"resolved {host}")


def client_of(*urls: str, time: FakeTime | None = None, **more: object) -> HttpClient:
    """A client that may ask these servers, and nobody else."""
    clock = (time or FakeTime()).clock
    doors = Doors(origins=frozenset(origin_of(url) for url in urls))
    given: dict[str, object] = {"resolve": nobody, "pacer": Pacer(clock)} | more
    return HttpClient(doors, Memory(clock), clock, **given)  # type: ignore[arg-type]
