"""What all readers of logs share: counts of what was said, and what was understood.

How it works: a reader looks for a few words first, with `in`, so that the many
lines about other things cost next to nothing. `read_line` says one of three
things: an event, not ours (None), or why a line that is ours was not understood.
Reasons are constants, so their table does not grow.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from ringfence.model.event import Event
from ringfence.model.heard import Heard, Reading
from ringfence.wire.log_time import LogClock

# syslogd writes it for lines that are the same; nobody's PBX repeats more often in a row.
_MAX_REPEATED = 10_000
# The daemon's name and what stands before it: RFC 3164, RFC 5424's time, journalctl.
_HOST = (
    rb"(?:<\d{1,3}>)?([A-Z][a-z]{2} [ \d]\d? \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ][\d:.,]{8,18}"
    rb"(?:Z|[+-]\d\d:?\d\d)?) [\w.:-]{1,255} "
)
_SYSLOG = re.compile(_HOST + rb"([\w./-]{1,64})(?:\[\d{1,10}\])?: ")
# From its beginning: a name that ends in these words must not multiply somebody's event.
_REPEATED = re.compile(_HOST + rb"last message repeated (\d{1,5}) times?\Z")
_FOLDED = re.compile(
    rb"(" + _HOST + rb"[\w./-]{1,64}(?:\[\d{1,10}\])?: )"
    rb"message repeated (\d{1,5}) times: \[ ?(.*)\]\Z",
    re.DOTALL,
)


class LogReader:
    """Lines of one log to events, with counts. Subclasses say `read_line`."""

    origin = ""
    daemon = b""  # whose lines of a syslog are ours

    def __init__(self, clock: LogClock | None = None) -> None:
        self.clock = clock or LogClock()
        self._lines = 0
        self._ours = 0
        self._understood = 0
        self._reasons: Counter[str] = Counter()
        self._last: Event | None = None

    def read(self, lines: Iterable[bytes]) -> list[Event]:
        """The events of these lines, in order."""
        events: list[Event] = []
        for line in lines:
            self._lines += 1
            reading = self.read_line(line)
            if reading is None:
                reading = self._repeated(line)
            self._account(reading, events)
        return events

    def read_line(self, line: bytes) -> Reading:
        """One line."""
        raise NotImplementedError

    def idle(self) -> None:
        """Nothing came for a while: no record is being written."""

    @property
    def heard(self) -> Heard:
        return Heard(
            self.origin,
            self._lines,
            self._ours,
            self._understood,
            tuple(self._reasons.most_common()),
        )

    def _account(self, reading: Reading, events: list[Event]) -> None:
        if reading is None:
            self._last = None
            return
        self._ours += 1
        if isinstance(reading, str):
            self._reasons[reading] += 1
            self._last = None
            return
        self._understood += 1
        self._last = reading
        events.append(reading)

    def _repeated(self, line: bytes) -> Reading:
        """What syslogd folded: the event before, or the one in brackets, so many times."""
        if b" repeated " not in line:
            return None
        if (found := _REPEATED.match(line)) and self._last is not None:
            return replace(self._last, count=_bounded(found[2]))
        if found := _FOLDED.match(line):
            reading = self.read_line(found[1] + found[4])
            if isinstance(reading, Event):
                return replace(reading, count=_bounded(found[3]))
            return reading
        return None


def after_syslog(line: bytes, daemon: bytes) -> tuple[bytes, bytes]:
    """Time and rest of a line that syslog wrote for this daemon; ("", line) for any other."""
    found = _SYSLOG.match(line)
    if found is None or found[2].rpartition(b"/")[2] != daemon:
        return b"", line
    return found[1], line[found.end() :]


def _bounded(digits: bytes) -> int:
    return max(1, min(int(digits), _MAX_REPEATED))
