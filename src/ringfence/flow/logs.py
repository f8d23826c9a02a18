"""Logs of a PBX that are finished, read and added up: who asked for what, and how it went."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.model.event import Event
from ringfence.model.heard import LogSummary, SourceSummary

if TYPE_CHECKING:
    from ringfence.wire.log_reader import LogReader

# Sources of one log that are added up apart; a flood of forged ones is counted only.
MAX_SOURCES = 50_000
# Accounts of one source that are told apart.
MAX_ACCOUNTS = 1000
_SAMPLE = 5


class LogError(Exception):
    """A log that cannot be read; the text says what to do."""


def read_log(
    path: str,
    kind: str = "",
    mark: str = "",
    now_ns: int = 0,
    offset_s: int | None = None,
    each: Callable[[Event], None] | None = None,
) -> LogSummary:
    """One log added up; `each` is called with every event. Raises LogError."""
    from ringfence.wire import log_kinds
    from ringfence.wire.log_time import LogClock

    now_ns = now_ns or _written_at(path)
    clock = LogClock(now_ns, _local_offset_s(now_ns) if offset_s is None else offset_s)
    sums = _Sums()
    reader: LogReader | None = log_kinds.open_reader(kind, clock, mark) if kind else None
    waiting: list[bytes] = []
    for lines in _lines_of(path):
        if reader is None:
            waiting += lines
            reader, waiting = _recognised(waiting, clock, mark)
        if reader is not None:
            sums.add(reader.read(waiting or lines), each)
            waiting = []
    if reader is None:
        raise LogError(
            f"{path}: no line about a login that Asterisk, FreeSWITCH or Kamailio would write; "
            "say which it is with --kind, or see docs/guard.md how to switch such lines on"
        )
    return sums.summary(path, reader)


def _lines_of(path: str) -> Iterator[list[bytes]]:
    """Groups of lines. Raises LogError."""
    from ringfence.sources.capture_file import UnpackError
    from ringfence.sources.log_file import read_lines
    from ringfence.sources.log_octets import read_octets

    groups = read_lines(path, read_octets)
    while True:
        try:
            lines = next(groups, None)
        except (OSError, UnpackError) as error:
            why = (error.strerror if isinstance(error, OSError) else None) or str(error)
            raise LogError(f"{path}: {why}") from error
        if lines is None:
            return
        yield lines


def _recognised(
    lines: list[bytes], clock: object, mark: str
) -> tuple[LogReader | None, list[bytes]]:
    """The reader for these lines, and the lines that are still to be read."""
    from ringfence.wire import log_kinds
    from ringfence.wire.log_time import LogClock

    assert isinstance(clock, LogClock)  # noqa: S101  it was made above
    name = log_kinds.name_kind(lines)
    if name:
        return log_kinds.open_reader(name, clock, mark), lines
    return None, lines if len(lines) < log_kinds.SAMPLE else lines[-log_kinds.SAMPLE // 2 :]


def _written_at(path: str) -> int:
    """When the log was written last: the year of dates without one."""
    try:
        return Path(path).stat().st_mtime_ns if path != "-" else time.time_ns()
    except OSError:
        return time.time_ns()


def _local_offset_s(at_ns: int) -> int:
    return time.localtime(at_ns // 1_000_000_000).tm_gmtoff


@dataclass(slots=True)
class _Source:
    kinds: Counter[str] = field(default_factory=Counter)
    accounts: set[str] = field(default_factory=set)
    first_ns: int = 0
    last_ns: int = 0


class _Sums:
    """Events added up by source."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()
        self._sources: dict[str, _Source] = {}
        self._left: int = 0  # events of sources beyond the bound

    def add(self, events: list[Event], each: Callable[[Event], None] | None) -> None:
        for event in events:
            self._kinds[event.kind] += event.count
            source = self._sources.get(event.source)
            if source is None and len(self._sources) < MAX_SOURCES:
                source = self._sources[event.source] = _Source()
            if source is None:
                self._left += 1
            else:
                _add(source, event)
            if each is not None:
                each(event)

    def summary(self, path: str, reader: LogReader) -> LogSummary:
        found = sorted(self._sources.items(), key=lambda item: (-item[1].kinds.total(), item[0]))
        return LogSummary(
            path,
            reader.heard,
            tuple(self._kinds.most_common()),
            tuple(_summary(address, source) for address, source in found),
            self._left,
        )


def _add(source: _Source, event: Event) -> None:
    source.kinds[event.kind] += event.count
    if event.account and len(source.accounts) < MAX_ACCOUNTS:
        source.accounts.add(event.account)
    if event.time_ns:
        source.first_ns = min(source.first_ns or event.time_ns, event.time_ns)
        source.last_ns = max(source.last_ns, event.time_ns)


def _summary(address: str, source: _Source) -> SourceSummary:
    return SourceSummary(
        address, tuple(source.kinds.most_common()), source.kinds.total(), len(source.accounts),
        tuple(sorted(source.accounts)[:_SAMPLE]), source.first_ns, source.last_ns,
    )  # fmt: skip
