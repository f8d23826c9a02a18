"""3CX's event log, asked for by its XAPI every few seconds: everything newer than was read.

The application needs a role that may read the event log.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ringfence.model.event import Event
from ringfence.model.heard import Heard
from ringfence.model.outside import OutsideError
from ringfence.sources.xapi import Xapi
from ringfence.wire.threecx_events import MAX_ENTRIES, ThreecxEvents

if TYPE_CHECKING:
    import httpx

POLL_S = 5.0
LONGEST_PAUSE_S = 300.0


class ThreecxLog:
    """The event log of one 3CX. Raises ValueError for an address that is not safe to ask."""

    def __init__(
        self,
        url: str,
        client_id: str,
        secret: str,
        *,
        from_start: bool = False,
        authority_file: str = "",
        monotonic: Callable[[], float] = time.monotonic,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.trouble = ""
        self._xapi = Xapi(
            url, client_id, secret, may="read the event log", authority_file=authority_file,
            monotonic=monotonic, transport=transport,
        )  # fmt: skip
        self._monotonic = monotonic
        self._reader = ThreecxEvents()
        self._know_where = from_start
        self._next_at = 0.0
        self._pause_s = POLL_S

    @property
    def heard(self) -> Heard:
        return self._reader.heard

    def read(self, wait_s: float) -> list[Event]:
        """Events that are new; waits until the next question is due, at most `wait_s`."""
        left_s = self._next_at - self._monotonic()
        if left_s > 0:
            select.select([], [], [], min(left_s, wait_s))
            return []
        try:
            events = self._ask()
        except OutsideError as error:
            self.trouble = str(error)
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
            self._next_at = self._monotonic() + self._pause_s
            return []
        self.trouble = ""
        self._pause_s = POLL_S
        self._next_at = self._monotonic() + POLL_S
        return events

    def close(self) -> None:
        self._xapi.close()

    def _ask(self) -> list[Event]:
        """New entries, the oldest first; on the first time only where the log ends."""
        if not self._know_where:
            newest = self._xapi.listed("/EventLogs", {"$orderby": "Id desc", "$top": "1"})
            self._reader.last_id = max((_id_of(entry) for entry in newest), default=0)
            self._know_where = True
            return []
        newer = f"Id gt {self._reader.last_id}"
        question = {"$filter": newer, "$orderby": "Id", "$top": str(MAX_ENTRIES)}
        return self._reader.read_entries(self._xapi.listed("/EventLogs", question))


def _id_of(entry: object) -> int:
    number = entry.get("Id") if isinstance(entry, dict) else None
    return number if isinstance(number, int) else 0
