"""OPNsense: an alias of ours, filled over its API.

Its list has no room for a remark or an end, so the alias must be ours alone, and we end what
stands there. The owner makes it once, of the type External (or Host), with a rule that blocks
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ringfence.model.measure import Measure
from ringfence.model.outside import Entry, OutsideError, Web
from ringfence.respond.outside.marking import canonical

_NOT_FOUND = 404


class Opnsense:
    """One OPNsense."""

    room = 1000
    marks = False

    def __init__(self, web: Web, alias: str) -> None:
        self.name = f"OPNsense at {web.host}"
        self._web, self._alias = web, alias

    def standing(self) -> list[Entry]:
        """All that is in the alias now. Raises OutsideError."""
        self._demand_alias()
        found = self._web.ask("GET", f"/api/firewall/alias_util/list/{self._alias}")
        # Since 20.7 a page of rows, before it a plain list.
        rows = found.get("rows") if isinstance(found, dict) else found
        if not isinstance(rows, list):
            raise OutsideError(f"{self.name}: no list of addresses in the answer")
        texts = (row.get("ip") if isinstance(row, dict) else row for row in rows)
        addresses = (canonical(text) for text in texts)
        return [Entry(one, ours=True, key=one) for one in addresses if one]

    def push(self, measures: Sequence[Measure], now: datetime) -> dict[str, str]:  # noqa: ARG002  we end it
        """Put these into the alias; why not, by id. Raises OutsideError."""
        says = {one.id: self._change("add", one.address) for one in measures}
        return {id_: why for id_, why in says.items() if why}

    def withdraw(self, entries: Sequence[Entry]) -> None:
        """Take these out of the alias. Raises OutsideError."""
        for entry in entries:
            if why := self._change("delete", entry.key):
                raise OutsideError(why)

    def doubt(self) -> str:
        """Rules cannot be asked for by address; the owner's manual says how to look."""
        return ""

    def close(self) -> None:
        """No more questions."""
        self._web.close()

    def _change(self, verb: str, address: str) -> str:
        """Why it was not done, else nothing. Raises OutsideError."""
        body = {"address": address}
        answer = self._web.ask("POST", f"/api/firewall/alias_util/{verb}/{self._alias}", body=body)
        if isinstance(answer, dict) and answer.get("status") == "done":
            return ""
        return f"{self.name}: it did not {verb} {address}"

    def _demand_alias(self) -> None:
        """Without the alias it would make a table that no rule knows. Raises OutsideError."""
        try:
            found = self._web.ask("GET", f"/api/firewall/alias/getAliasUUID/{self._alias}")
        except OutsideError as error:
            if error.status != _NOT_FOUND:
                raise
            return  # a version that cannot be asked
        if not (isinstance(found, dict) and found.get("uuid")):
            raise OutsideError(
                f"{self.name}: there is no alias {self._alias}: make one (Firewall, Aliases) of "
                "the type External, and a rule that blocks it"
            )
