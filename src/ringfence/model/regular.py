"""Who was let in, and did nothing bad: as the guard remembers it over days and restarts."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Regular:
    """An address with an account that was let in from there. Times: ISO 8601 in UTC with Z."""

    address: str
    account: str  # "" where none was named; what a stranger wrote is escaped
    role: str  # REGULAR, or PEER (`model.standing`)
    first: str
    last: str
    host: str  # the guard's machine

    def joined(self, later: Regular) -> Regular:
        """With what was seen of the same address and account at another time."""
        first, last = min(self.first, later.first), max(self.last, later.last)
        return replace(later, first=first, last=last)
