"""Words for one line of a terminal: as many as fit, the most telling first."""

from __future__ import annotations

from collections.abc import Sequence

# A stranger may choose a name of any length; a line has room for this much of it, which is
# more than the longest address (IPv6, 39).
MAX_NAME = 40


def fitting(parts: Sequence[str], width: int, separator: str = "; ") -> str:
    """The first parts that fit into `width` together; at least the first one."""
    line = "".join(parts[:1])
    for part in parts[1:]:
        if len(line) + len(separator) + len(part) > width:
            break
        line += separator + part
    return line


def listed(names: Sequence[str], width: int) -> str:
    """Names with commas, as many as fit into `width`; the others are counted."""
    named = ""
    line = ""
    for number, name in enumerate(names, 1):
        named += f"{', ' if named else ''}{brief(name)}"
        if line and len(named) > width:
            break
        rest = len(names) - number
        longer = f"{named} and {rest:,} more" if rest else named
        if not line or len(longer) <= width:
            line = longer
    return line


def brief(name: str) -> str:
    """The name, cut with an ellipsis where it is too long for a line."""
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"


def count(number: int, one: str, many: str) -> str:
    """The number with its noun: 1 call, 2,000 calls."""
    return f"{number:,} {one if number == 1 else many}"
