"""Times as people and scripts read them: UTC, ISO 8601 with Z."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(time_ns: int) -> str | None:
    """ISO 8601 with microseconds and Z; None for 0 or a year past 9999."""
    if time_ns == 0:
        return None
    try:
        when = datetime.fromtimestamp(time_ns // 1_000_000_000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return f"{when:%Y-%m-%dT%H:%M:%S}.{time_ns % 1_000_000_000 // 1000:06d}Z"


def nanoseconds(time: str) -> int:
    """What `utc` wrote, back in nanoseconds since 1970; 0 for anything else."""
    try:
        when = datetime.strptime(time, "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        return 0
    since = when - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000
