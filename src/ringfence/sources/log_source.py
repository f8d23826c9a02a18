"""A log that is followed, as a source of events: the same three words as the interfaces have.

source.read(wait_s)   the events that came within this time
source.heard          what was heard, for `hearing.py`
source.trouble        why nothing is heard at the moment, or ""
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ringfence.model.event import Event
from ringfence.model.heard import Heard
from ringfence.sources.log_file import POLL_S, LogFile
from ringfence.wire.log_reader import LogReader

# A record is written by one call; after this no half of it is on its way any more.
IDLE_S = 1.0


class LogSource:
    """One log, read by one reader."""

    def __init__(
        self,
        path: str,
        reader: LogReader,
        *,
        from_start: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
        wall_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._log = LogFile(path, from_start=from_start, monotonic=monotonic)
        self._reader = reader
        self._monotonic = monotonic
        self._wall_ns = wall_ns
        self._spoke_at = monotonic()
        self._ended = threading.Event()
        # A file that is closed while it is read could be another one's by then.
        self._reading = threading.Lock()

    @property
    def heard(self) -> Heard:
        return self._reader.heard

    @property
    def trouble(self) -> str:
        return self._log.trouble

    def read(self, wait_s: float) -> list[Event]:
        """The events of the lines that came, at once; an empty list after `wait_s`, or `close`."""
        until = self._monotonic() + wait_s
        while not self._ended.is_set():
            with self._reading:
                lines = [] if self._ended.is_set() else self._log.poll()
            now = self._monotonic()
            if lines:
                self._spoke_at = now
                now_ns = self._wall_ns()
                offset_s = time.localtime(now_ns // 1_000_000_000).tm_gmtoff
                self._reader.clock.set(now_ns, offset_s)
                return self._reader.read(lines)
            if now - self._spoke_at > IDLE_S:
                self._reader.idle()
            if now >= until:
                break
            self._ended.wait(min(POLL_S, until - now))
        return []

    def close(self) -> None:
        """May be called from another thread, and ends a `read` that waits."""
        self._ended.set()
        with self._reading:
            self._log.close()
