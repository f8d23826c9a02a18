"""A source of events, read by a thread of its own: a log, AMI, an event socket, XAPI."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from ringfence.model.event import Event
from ringfence.model.guard_status import FAILING, OK, SILENT, SourceStatus
from ringfence.model.heard import Heard
from ringfence.model.text import shown
from ringfence.sources.hearing import Hearing

# Events that wait for the guard; of more only the number is known.
MAX_WAITING = 65_536
# A read waits so long at most, so that the thread ends when it is asked to.
_READ_S = 0.5
# After a fault of ours it is tried again, and not at once.
_PAUSE_S = 5.0


class Source(Protocol):
    """What a log and the interfaces of phone systems have in common."""

    @property
    def heard(self) -> Heard: ...

    @property
    def trouble(self) -> str: ...

    def read(self, wait_s: float) -> list[Event]: ...

    def close(self) -> None: ...


class Listener:
    """One source and its thread; `take` what came. `woken` is called when something did."""

    def __init__(self, name: str, source: Source, woken: Callable[[], None]) -> None:
        self.name = name
        self.lost = 0  # events for which there was no room
        self._source = source
        self._woken = woken
        self._waiting: deque[Event] = deque()
        self._hearing = Hearing(name, time.time())
        self._fault = ""
        self._last_at = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._listen, name=name, daemon=True)
        self._thread.start()

    def take(self) -> list[Event]:
        """Events that came since it was asked last."""
        found = []
        while self._waiting:
            found.append(self._waiting.popleft())
        return found

    def close(self) -> None:
        """Listen no more."""
        self._ended.set()
        self._source.close()
        self._thread.join(2 * _READ_S)

    def status(self, now_s: float) -> SourceStatus:
        """How it is heard. Ask every few seconds: what it says depends on what it said before."""
        heard = self._source.heard
        self._hearing.note(heard, now_s)
        trouble = self._fault or self._source.trouble
        said = self._hearing.warnings(now_s, trouble)
        state = FAILING if trouble else SILENT if said else OK
        lost = f"{self.lost:,} events were too many" if self.lost else ""
        return SourceStatus(
            self.name, state, heard.lines, heard.understood, self.lost,
            stamp(self._last_at), "; ".join((*said, *filter(None, [lost]))),
        )  # fmt: skip

    def _listen(self) -> None:
        while not self._ended.is_set():
            try:
                events = self._source.read(_READ_S)
                self._fault = ""
            except Exception as error:  # noqa: BLE001  a fault of one source must not end the guard
                if self._ended.is_set():
                    return
                self._fault = f"{type(error).__name__}: {shown(str(error))[:200]}"
                self._ended.wait(_PAUSE_S)
                continue
            if events:
                self._last_at = time.time()
                room = MAX_WAITING - len(self._waiting)
                self.lost += max(0, len(events) - room)
                self._waiting.extend(events[: max(0, room)])
                self._woken()


def stamp(at_s: float) -> str:
    """ISO 8601 in UTC, "" for never."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at_s)) if at_s else ""
