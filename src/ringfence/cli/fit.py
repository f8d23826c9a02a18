"""Words for one line of a terminal: as many as fit, the most telling first."""

from __future__ import annotations

from collections.abc import Sequence

# A stranger may choose a name of any length; a line has room for this much of it, which is
# more than the longest address (IPv6, 39), and never less than the second figure.
MAX_NAME = 40
_MIN_NAME = 12


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
    alone = len(names) == 1
    room = width if alone else width - len(_with_rest("", len(names) - 1))
    named = ""
    line = ""
    for number, name in enumerate(names, 1):
        named += f"{', ' if named else ''}{brief(name, room)}"
        if line and len(named) > width:
            break
        longer = _with_rest(named, len(names) - number)
        if not line or len(longer) <= width:
            line = longer
    return line


def brief(name: str, room: int = MAX_NAME) -> str:
    """The name, cut with an ellipsis where it is too long for `room` or any line."""
    most = max(_MIN_NAME, min(room, MAX_NAME))
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _with_rest(line: str, rest: int) -> str:
    return f"{line} and {rest:,} more" if rest else line
