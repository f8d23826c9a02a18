"""What `ringfence doctor` found: one thing that is well, or is not, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

# In order: as it should be; works, but worse than it could; does not work.
OK, WARN, FAIL = "ok", "warn", "fail"
STATES = (OK, WARN, FAIL)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of it."""

    check: str  # "kernel", "logs", "clock"
    state: str  # one of STATES
    says: str
    do: str = ""  # nothing where all is well


def worst(findings: list[Finding]) -> str:
    """The worst state of them."""
    return max((one.state for one in findings), key=STATES.index, default=OK)
