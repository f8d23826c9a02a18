"""Who was hit by the guard, or would have been, in the last days."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """One address. Times are ISO 8601 in UTC with Z."""

    address: str
    action: str  # the strongest: block, narrow, limit
    first_at: str
    last_at: str
    times: int
    lasted_s: int  # in all, until it was released
    why: str  # of the strongest, the latest
    enforced: bool  # any of it was done, and not only would have been
    kinds: tuple[str, ...] = ()
    proven: bool = False
    ports: tuple[int, ...] = ()
    mistakes: tuple[str, ...] = ()  # what says that it was a user


@dataclass(frozen=True, slots=True)
class WouldHave:
    """All of them: first those who were users after all, then those hit hardest and latest."""

    days: int
    since: str  # as far back as the journal goes within these days; "": nothing was noted
    hits: tuple[Hit, ...] = ()
    summed: int = 0  # measures against addresses that may be forged, and are not told apart

    @property
    def users(self) -> tuple[Hit, ...]:
        """Those who were users after all."""
        return tuple(one for one in self.hits if one.mistakes)
