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
