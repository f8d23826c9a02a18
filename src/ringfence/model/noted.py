"""A decision of the guard as its journal keeps it."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Noted:
    """One decision, or several that were summed up. Times are ISO 8601 in UTC with Z."""

    at: str
    action: str  # of `model.decision.ACTIONS`
    address: str  # "": of many, who are not told apart
    host: str  # whose guard
    enforced: bool  # False: it would have been done
    lasts_s: int = 0
    reason: str = ""
    kinds: tuple[str, ...] = ()
    weight_db: float = 0.0
    proven: str = "none"
    ports: tuple[int, ...] = ()
    account: str = ""
    campaign: str = ""
    role: str = ""  # of `model.standing.ROLES`
    messages: int = 0
    refused: int = 0
    times: int = 1
    last_at: str = ""  # of several; else as `at`

    @property
    def until(self) -> str:
        """The last time that it was decided."""
        return self.last_at or self.at


def together(one: Noted, other: Noted) -> Noted:
    """Both as one, which stands where the earlier stood."""
    first, second = (one, other) if one.at <= other.at else (other, one)
    return replace(
        first,
        times=one.times + other.times,
        last_at=max(one.until, other.until),
        lasts_s=max(one.lasts_s, other.lasts_s),
        weight_db=max(one.weight_db, other.weight_db),
        messages=max(one.messages, other.messages),
        refused=max(one.refused, other.refused),
        role=first.role or second.role,
    )
