"""3CX's own blocklist over XAPI: entries that 3CX ends itself, and what it blocked on its own.

The application needs a role that may change the security settings. Addresses that 3CX itself
allows are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_network

from ringfence.model.measure import Measure
from ringfence.model.outside import Entry, OutsideError, Web
from ringfence.respond.outside.marking import (
    canonical,
    host_mark,
    moment,
    read_mark,
    remark_of,
    seconds_until,
    with_length,
)

_LIST = "/Blocklist"
_MOST = 2000  # entries that are read
_REFUSED = (400, 404, 409, 422)
# How 3CX says that it put an entry there by itself.
BY_ITSELF = "AutoBlacklist"


class ThreecxBlocklist:
    """The blocklist of one 3CX."""

    room = 1000
    marks = True

    def __init__(self, web: Web, host: str) -> None:
        self.name = f"3CX at {web.host}"
        self._web, self._host = web, host_mark(host)
        self._allowed: list[str] = []

    def standing(self) -> list[Entry]:
        """All that it blocks now. Raises OutsideError."""
        params = {"$top": str(_MOST), "$orderby": "Id desc"}
        answer = self._web.ask("GET", _LIST, params=params)
        rows = answer.get("value") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise OutsideError(f"{self.name}: no list of entries in the answer")
        allowed, found = [], []
        for row in rows[:_MOST]:
            if not isinstance(row, dict) or not isinstance(row.get("Id"), int):
                continue
            address = canonical(row.get("IPAddrMask"))
            if address and row.get("BlockType") == "Allow":
                allowed.append(address)
            elif address:
                found.append(self._entry(address, row))
        self._allowed = allowed
        return found

    def push(self, measures: Sequence[Measure], now: datetime) -> dict[str, str]:
        """Put these on the list; why not, by id. Raises OutsideError."""
        says: dict[str, str] = {}
        for measure in measures:
            if any(_overlap(measure.address, one) for one in self._allowed):
                says[measure.id] = "3CX has it on its own allow list"
                continue
            if seconds_until(measure.until, now) <= 0:
                continue
            body = {
                "IPAddrMask": with_length(measure.address),
                "BlockType": "Block",
                "Description": remark_of(measure, self._host),
                "ExpiresAt": measure.until,
            }
            try:
                self._web.ask("POST", _LIST, body=body)
            except OutsideError as error:
                if error.status not in _REFUSED:
                    raise
                says[measure.id] = str(error)
        return says

    def withdraw(self, entries: Sequence[Entry]) -> None:
        """Take these off the list. Raises OutsideError."""
        ids = [int(entry.key) for entry in entries]
        self._web.ask("POST", f"{_LIST}/Pbx.BulkIpsDelete", body={"ids": ids})

    def doubt(self) -> str:
        """3CX needs no rule for its list."""
        return ""

    def close(self) -> None:
        """No more questions."""
        self._web.close()

    def _entry(self, address: str, row: dict[object, object]) -> Entry:
        mark, key = read_mark(row.get("Description")), str(row["Id"])
        until = moment(row.get("ExpiresAt"))
        if mark is not None and mark.host == self._host:
            return Entry(address, mark.id, until or mark.until, ours=True, key=key)
        by = row.get("AddedBy")
        return Entry(address, until=until, key=key, by=by if isinstance(by, str) else "")


def _overlap(one: str, other: str) -> bool:
    mine, theirs = ip_network(one), ip_network(other)
    return mine.version == theirs.version and mine.overlaps(theirs)
