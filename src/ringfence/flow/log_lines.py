"""The guard's own log: one JSON object a line, so many lines of a kind and no more.

What happened has a name of ours (`event`), everything else is a field. A kind that comes
too often is counted, and its next line says how many were left out (`left_out`): a log that
a stranger can fill is a disk that he can fill.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from ringfence.model.text import shown

DEBUG, INFO, WARNING, ERROR = "debug", "info", "warning", "error"
LEVELS = (DEBUG, INFO, WARNING, ERROR)
# Lines of one event in a minute.
MAX_LINES, PERIOD_S = 20, 60.0
MAX_TEXT = 500
# Events are words of the program, so there are few; this catches a mistake.
MAX_EVENTS = 500

Plain = str | int | float | bool | None


@dataclass(slots=True)
class _Kind:
    since_s: float
    lines: int = 0
    left_out: int = 0


@dataclass(slots=True)
class LogLines:
    """Writes lines through `write` (of a stream, say). For several threads.

    `clock` gives seconds that never go back, `now` the time that is written.
    """

    write: Callable[[str], object]
    clock: Callable[[], float]
    now: Callable[[], datetime]
    level: str = INFO
    failed: int = 0  # lines that could not be written
    _kinds: dict[str, _Kind] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def say(self, event: str, level: str = INFO, **fields: Plain) -> bool:
        """Write one line; False where it was left out. Never raises: a full disk is counted."""
        if LEVELS.index(level) < LEVELS.index(self.level):
            return False
        with self._lock:
            kind = self._kind(event)
            kind.lines += 1
            if kind.lines > MAX_LINES:
                kind.left_out += 1
                return False
            line = self._line(event, level, fields, kind.left_out)
            kind.left_out = 0
            try:
                self.write(line)
            except (OSError, ValueError):  # a closed stream is a ValueError
                self.failed += 1
                return False
        return True

    def _kind(self, event: str) -> _Kind:
        now_s = self.clock()
        kind = self._kinds.get(event)
        if kind is None:
            if len(self._kinds) >= MAX_EVENTS:
                self._kinds.pop(next(iter(self._kinds)))
            kind = self._kinds[event] = _Kind(now_s)
        elif now_s - kind.since_s >= PERIOD_S:
            kind.since_s, kind.lines = now_s, 0
        return kind

    def _line(self, event: str, level: str, fields: Mapping[str, Plain], left_out: int) -> str:
        at = self.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line: dict[str, Plain] = {"at": at, "level": level, "event": event}
        line |= {name: _bounded(value) for name, value in fields.items() if name not in line}
        if left_out:
            line["left_out"] = left_out
        return json.dumps(line, allow_nan=False, separators=(",", ":")) + "\n"


def _bounded(value: Plain) -> Plain:
    if isinstance(value, str):
        text = shown(value)
        return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
    if isinstance(value, float) and value - value != 0:  # not a number, or without end
        return str(value)
    return value
