"""A time as people write it: 90s, 10m, 12h, 7d."""

from __future__ import annotations

import re

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LASTING = re.compile(r"([1-9]\d{0,6})([smhd])", re.ASCII)


def seconds_of(text: str) -> int | None:
    """How many seconds; None where it is no such time."""
    found = _LASTING.fullmatch(text)
    return int(found[1]) * _UNITS[found[2]] if found else None
