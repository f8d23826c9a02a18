"""3CX over XAPI: calls of an extension dropped, the extension switched off.

An extension of a system owner or administrator is never switched off: he could not log in to
switch it on again. The application needs a role that may do this to users.
"""

from __future__ import annotations

import re

from ringfence.model.acting import ActError, OpenCall
from ringfence.model.outside import OutsideError, Web
from ringfence.model.text import shown

_NOT_FOUND = 404
_MAX = 1000
# "101 Anna Example", and "Anna Example (101)" of older versions.
_FIRST = re.compile(r"\s*([\w.+-]+)", re.ASCII)
_LAST = re.compile(r"\(([\w.+-]+)\)\s*\Z", re.ASCII)
_OPERATORS = ("system_owner", "system_admin")


class Threecx:
    """One 3CX."""

    def __init__(self, web: Web) -> None:
        self.name = f"3CX at {web.host}"
        self._web = web

    def calls(self, account: str) -> list[OpenCall]:
        """Calls that this extension made. Raises ActError."""
        found = []
        for row in self._listed("/ActiveCalls", {"$top": str(_MAX)}):
            number, caller, callee = row.get("Id"), row.get("Caller"), row.get("Callee")
            if isinstance(number, int) and isinstance(caller, str) and account in _names(caller):
                to = shown(callee[:60]) if isinstance(callee, str) else "nobody"
                found.append(OpenCall(str(number), f"{shown(caller[:60])} to {to}"))
        return found

    def end(self, call: OpenCall) -> None:
        """Drop this call. Raises ActError."""
        try:
            self._web.ask("POST", f"/ActiveCalls({int(call.key)})/Pbx.DropCall", body={})
        except OutsideError as error:
            if error.status != _NOT_FOUND:
                raise ActError(str(error)) from error

    def lock_says(self, account: str) -> str:
        """What locking does. Raises ActError where it would lock an operator out."""
        user = self._user(account)
        roles = _roles(user)
        if roles is None:
            raise ActError(
                f"{self.name}: what {account} may do cannot be read, and he may be the one who "
                "runs 3CX: switch it off by hand (Users, General, Disable extension)"
            )
        if any(role.startswith(_OPERATORS) for role in roles):
            raise ActError(
                f"{self.name}: {account} runs 3CX (a system owner or administrator), and could not "
                "log in to undo it: change its passwords instead"
            )
        who = " ".join(str(user.get(key) or "") for key in ("FirstName", "LastName")).strip()
        return f"the extension{f' of {shown(who[:80])}' if who else ''} is switched off"

    def is_locked(self, account: str) -> bool:
        """Whether the extension is switched off. Raises ActError."""
        return self._user(account).get("Enabled") is False

    def lock(self, account: str) -> None:
        """Switch it off. Raises ActError."""
        self._switch(account, on=False)

    def unlock(self, account: str) -> None:
        """Switch it on. Raises ActError."""
        self._switch(account, on=True)

    def close(self) -> None:
        """No more orders."""
        self._web.close()

    def _switch(self, account: str, *, on: bool) -> None:
        number = self._user(account)["Id"]
        try:
            self._web.ask("PATCH", f"/Users({number})", body={"Id": number, "Enabled": on})
        except OutsideError as error:
            raise ActError(str(error)) from error

    def _user(self, account: str) -> dict[str, object]:
        params = {"$filter": f"Number eq '{account}'", "$expand": "Groups($expand=Rights)"}
        for row in self._listed("/Users", params):
            if row.get("Number") == account and isinstance(row.get("Id"), int):
                return row
        raise ActError(f"{self.name}: there is no extension {account}")

    def _listed(self, path: str, params: dict[str, str]) -> list[dict[str, object]]:
        try:
            answer = self._web.ask("GET", path, params=params)
        except OutsideError as error:
            raise ActError(str(error)) from error
        rows = answer.get("value") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise ActError(f"{self.name}: no list of entries in the answer")
        return [row for row in rows[:_MAX] if isinstance(row, dict)]


def _names(caller: str) -> set[str]:
    return {found[1] for found in (_FIRST.match(caller), _LAST.search(caller)) if found}


def _roles(user: dict[str, object]) -> list[str] | None:
    """What he is in his groups; None where that is not said."""
    groups = user.get("Groups")
    if not isinstance(groups, list) or not groups:
        return None
    found = []
    for group in groups:
        rights = group.get("Rights") if isinstance(group, dict) else None
        role = rights.get("RoleName") if isinstance(rights, dict) else None
        if not isinstance(role, str):
            return None
        found.append(role)
    return found
