"""MikroTik RouterOS 7: an address list over its REST interface; the router ends each entry.

Needs `www-ssl` and a user whose group may `read`, `write` and `rest-api`, and one rule of the
owner that drops the list (`doubt` says which). Entries are dynamic: a restart of the router
forgets them, and the next round puts them back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from ringfence.model.measure import Measure
from ringfence.model.outside import Entry, OutsideError, Web
from ringfence.respond.outside.marking import (
    canonical,
    host_mark,
    read_mark,
    remark_of,
    seconds_until,
    with_length,
)

_MENU = "/rest/{family}/firewall/{menu}"
_ID = re.compile(r"\*[0-9A-Fa-f]{1,16}", re.ASCII)
_NO_SUCH = (400, 404, 500)  # of a router without IPv6, by its version
_NOT_FOUND = 404
_DROPS = ("drop", "reject", "tarpit")


class Mikrotik:
    """One router."""

    room = 1000
    marks = True

    def __init__(self, web: Web, list_name: str, host: str) -> None:
        self.name = f"MikroTik at {web.host}"
        self._web, self._list, self._host = web, list_name, host_mark(host)
        self._has_v6 = True
        self._families = {"ip"}

    def standing(self) -> list[Entry]:
        """All that is on the list now. Raises OutsideError."""
        found = list(self._listed("ip"))
        try:
            found += self._listed("ipv6")
            self._has_v6 = True
        except OutsideError as error:
            if error.status not in _NO_SUCH:
                raise
            self._has_v6 = False
        self._families = {_family(one.address) for one in found if one.ours} or {"ip"}
        return found

    def push(self, measures: Sequence[Measure], now: datetime) -> dict[str, str]:
        """Put these on the list; why not, by id. Raises OutsideError."""
        says: dict[str, str] = {}
        for measure in measures:
            family = _family(measure.address)
            if family == "ipv6" and not self._has_v6:
                says[measure.id] = "this router has no IPv6 firewall"
                continue
            body = {
                "list": self._list,
                "address": with_length(measure.address) if family == "ipv6" else measure.address,
                "timeout": _time(seconds_until(measure.until, now)),
                "comment": remark_of(measure, self._host),
            }
            try:
                self._web.ask("PUT", _MENU.format(family=family, menu="address-list"), body=body)
            except OutsideError as error:
                if error.status not in (400, 404, 406):
                    raise
                says[measure.id] = str(error)
        return says

    def withdraw(self, entries: Sequence[Entry]) -> None:
        """Take these off the list. Raises OutsideError."""
        for entry in entries:
            family = _family(entry.address)
            path = f"{_MENU.format(family=family, menu='address-list')}/{entry.key}"
            try:
                self._web.ask("DELETE", path)
            except OutsideError as error:
                if error.status != _NOT_FOUND:
                    raise

    def doubt(self) -> str:
        """A router whose rules do not drop the list blocks nobody. Raises OutsideError."""
        for family in sorted(self._families):
            if not self._drops(family):
                return (
                    f"no rule of the router drops the list {self._list}: /{family} firewall raw "
                    f"add chain=prerouting action=drop src-address-list={self._list}"
                )
        return ""

    def _drops(self, family: str) -> bool:
        question = {"src-address-list": self._list}
        rows = [r for menu in ("raw", "filter") for r in self._rows(family, menu, question)]
        return any(
            row.get("src-address-list") == self._list
            and row.get("action") in _DROPS
            and "true" not in (row.get("disabled"), row.get("invalid"))
            for row in rows
        )

    def close(self) -> None:
        """No more questions."""
        self._web.close()

    def _listed(self, family: str) -> Iterator[Entry]:
        for row in self._rows(family, "address-list", {"list": self._list}):
            address, key = canonical(row.get("address")), row.get(".id")
            wanted = row.get("list") == self._list and row.get("disabled") != "true"
            if not address or not wanted or not isinstance(key, str) or not _ID.fullmatch(key):
                continue
            mark = read_mark(row.get("comment"))
            if mark is not None and mark.host == self._host:
                yield Entry(address, mark.id, mark.until, ours=True, key=key)
            else:
                yield Entry(address, key=key)

    def _rows(self, family: str, menu: str, params: dict[str, str]) -> list[dict[object, object]]:
        found = self._web.ask("GET", _MENU.format(family=family, menu=menu), params=params)
        if not isinstance(found, list):
            raise OutsideError(f"{self.name}: no list of entries in the answer")
        return [row for row in found if isinstance(row, dict)]


def _family(address: str) -> str:
    return "ipv6" if ":" in address else "ip"


def _time(seconds: int) -> str:
    """As RouterOS writes a time: 1d02:03:04."""
    days, rest = divmod(seconds, 86_400)
    return f"{days}d{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
