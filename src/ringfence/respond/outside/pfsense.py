"""pfSense with the package pfSense-pkg-RESTAPI (v2): an alias whose entries bear our remarks.

The interface changes an alias only as a whole, found by its place among all aliases. So it is
read right before each change, everything that others wrote goes back as it was, and when the
answer is about another alias nothing more is written: somebody changed the aliases meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network

from ringfence.model.measure import Measure
from ringfence.model.outside import Entry, OutsideError, Web
from ringfence.respond.outside.marking import (
    canonical,
    host_mark,
    read_mark,
    remark_of,
    with_length,
)

_ALIAS = "/api/v2/firewall/alias"
_APPLY = "/api/v2/firewall/apply"
_HOST, _NETWORK = "host", "network"


@dataclass(slots=True)
class _Alias:
    """As it stands in the configuration."""

    id: int
    type: str
    rows: list[tuple[str, str]]  # address, remark


class Pfsense:
    """One pfSense."""

    room = 500  # the whole alias is written for each change
    marks = True

    def __init__(self, web: Web, alias: str, host: str) -> None:
        self.name = f"pfSense at {web.host}"
        self._web, self._alias, self._host = web, alias, host_mark(host)
        self._hands_off = ""

    def standing(self) -> list[Entry]:
        """All that is in the alias now. Raises OutsideError."""
        found = []
        for text, remark in self._read().rows:
            address, mark = canonical(text), read_mark(remark)
            if not address:
                continue
            if mark is not None and mark.host == self._host:
                found.append(Entry(address, mark.id, mark.until, ours=True, key=text))
            else:
                found.append(Entry(address, key=text))
        return found

    def push(self, measures: Sequence[Measure], now: datetime) -> dict[str, str]:  # noqa: ARG002  we end it
        """Put these into the alias, in one change; why not, by id. Raises OutsideError."""
        alias = self._read()
        says: dict[str, str] = {}
        for measure in measures:
            network = ip_network(measure.address)
            if alias.type == _HOST and network.prefixlen != network.max_prefixlen:
                says[measure.id] = f"the alias {self._alias} takes hosts; networks need Network(s)"
                continue
            text = measure.address if alias.type == _HOST else with_length(measure.address)
            alias.rows.append((text, remark_of(measure, self._host)))
        if len(says) < len(measures):
            self._write(alias)
        return says

    def withdraw(self, entries: Sequence[Entry]) -> None:
        """Take these out of the alias, in one change. Raises OutsideError."""
        alias = self._read()
        unwanted = {(entry.key, entry.id) for entry in entries}
        kept = [
            (text, remark)
            for text, remark in alias.rows
            if not (
                (mark := read_mark(remark))
                and mark.host == self._host
                and (text, mark.id) in unwanted
            )
        ]
        if len(kept) != len(alias.rows):
            alias.rows = kept
            self._write(alias)

    def doubt(self) -> str:
        """A change that waits to be applied does nothing yet. Raises OutsideError."""
        data = self._data(self._web.ask("GET", _APPLY))
        if isinstance(data, dict) and data.get("applied") is False:
            return "a change waits to be applied: Firewall, Aliases, Apply Changes"
        return ""

    def close(self) -> None:
        """No more questions."""
        self._web.close()

    def _read(self) -> _Alias:
        params = {"name": self._alias, "limit": "0"}
        found = self._data(self._web.ask("GET", f"{_ALIAS}es", params=params))
        rows = found if isinstance(found, list) else []
        named = [one for one in rows if isinstance(one, dict) and one.get("name") == self._alias]
        if not named:
            raise OutsideError(
                f"{self.name}: there is no alias {self._alias}: make one (Firewall, Aliases, type "
                "Network(s)), and a rule that blocks it"
            )
        alias = self._alias_of(named[0])
        if alias is None or alias.type not in (_HOST, _NETWORK):
            raise OutsideError(f"{self.name}: the alias {self._alias} holds no addresses")
        return alias

    def _alias_of(self, row: dict[object, object]) -> _Alias | None:
        number, kind = row.get("id"), row.get("type")
        addresses, details = row.get("address") or [], row.get("detail") or []
        if not isinstance(number, int) or not isinstance(kind, str):
            return None
        if not isinstance(addresses, list) or not isinstance(details, list):
            return None
        padded = [*map(str, details), *[""] * len(addresses)]
        return _Alias(number, kind, list(zip(map(str, addresses), padded, strict=False)))

    def _write(self, alias: _Alias) -> None:
        if self._hands_off:
            raise OutsideError(self._hands_off)
        body = {
            "id": alias.id,
            "address": [text for text, _ in alias.rows],
            "detail": [remark for _, remark in alias.rows],
        }
        answer = self._data(self._web.ask("PATCH", _ALIAS, body=body))
        if not isinstance(answer, dict) or answer.get("name") != self._alias:
            self._hands_off = (
                f"{self.name}: aliases were changed by somebody else at the same moment, and our "
                f"list may have been written into another alias than {self._alias}: look at them "
                "(Diagnostics, Backup & Restore, Config History), then start the guard again"
            )
            raise OutsideError(self._hands_off)
        self._web.ask("POST", _APPLY, body={})

    def _data(self, answer: object) -> object:
        """What the envelope of an answer holds. Raises OutsideError."""
        if not isinstance(answer, dict) or "data" not in answer:
            raise OutsideError(f"{self.name}: no data in the answer")
        return answer["data"]
