"""Times as logs write them: with or without a year, a zone, parts of a second."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, datetime

_SECOND = 1_000_000_000
_DAY_NS = 86_400 * _SECOND
_ISO = re.compile(
    rb"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?\Z"
)
_SHORT = re.compile(rb"()(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?()\Z")
_BSD = re.compile(rb"([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?\Z")
_MONTHS = (
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun",
    b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
)  # fmt: skip


class LogClock:
    """Reads times. `now_ns` gives the year where none is written; `offset_s` is the PBX's zone."""

    def __init__(self, now_ns: int = 0, offset_s: int = 0) -> None:
        self.now_ns = now_ns
        self._offset_ns = offset_s * _SECOND
        # Lines come in order: most have the second of the one before, and its zone.
        self._last = (b"", b"", 0)
        self._same = (b"", 0)  # syslog's times have no parts of a second

    def set(self, now_ns: int, offset_s: int) -> None:
        """What time it is now, and in the PBX's zone: summers begin, years end."""
        if offset_s * _SECOND != self._offset_ns:
            self._offset_ns = offset_s * _SECOND
            self._last, self._same = (b"", b"", 0), (b"", 0)
        self.now_ns = now_ns

    def read(self, text: bytes) -> int:
        """Nanoseconds since 1970, UTC; 0 where it is no time, or none can be told."""
        stamp, zone, second_ns = self._last
        if (
            text[:19] == stamp
            and text[23:] == zone
            and text[19:20] == b"."
            and text[20:23].isdigit()
        ):
            return second_ns + int(text[20:23]) * 1_000_000
        if text == self._same[0]:
            return self._same[1]
        try:
            found = self._read(text)
        except ValueError:  # the 31st of February
            return 0
        self._same = (text, found)
        if found and text[19:20] == b"." and text[20:23].isdigit() and not text[23:24].isdigit():
            self._last = (text[:19], text[23:], found - int(text[20:23]) * 1_000_000)
        return found

    def _read(self, text: bytes) -> int:
        if match := _ISO.match(text) or _SHORT.match(text):
            year, month, day, hour, minute, second, part, zone = match.groups()
            date = (int(year or 0), int(month), int(day))
        elif (match := _BSD.match(text)) and match[1] in _MONTHS:
            name, day, hour, minute, second, part = match.groups()
            date, zone = (0, _MONTHS.index(name) + 1, int(day)), None
        else:
            return 0
        clock = (int(hour), int(minute), int(second))
        fraction = int(part.ljust(9, b"0")) if part else 0
        shift = _zone_ns(zone) if zone else self._offset_ns
        if date[0]:
            return _since_1970(*date, *clock) + fraction - shift
        return self._in_some_year(date[1:], clock, fraction - shift)

    def _in_some_year(self, day: tuple[int, int], clock: tuple[int, int, int], add_ns: int) -> int:
        """The latest such time that is no more than a day ahead of now."""
        if not self.now_ns:
            return 0
        year = datetime.fromtimestamp(self.now_ns // _SECOND, UTC).year
        for candidate in (year + 1, year, year - 1, year - 2, year - 3, year - 4):
            try:
                time_ns = _since_1970(candidate, *day, *clock) + add_ns
            except ValueError:  # the 29th of February of another year
                continue
            if time_ns <= self.now_ns + _DAY_NS:
                return time_ns
        return 0


def _since_1970(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Raises ValueError for a date or an hour that does not exist; a leap second is the 59th."""
    when = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    return timegm(when.timetuple()) * _SECOND


def _zone_ns(zone: bytes) -> int:
    if zone == b"Z":
        return 0
    digits = zone[1:].replace(b":", b"")
    seconds = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return (-seconds if zone[:1] == b"-" else seconds) * _SECOND
