"""FreeSWITCH over its event socket: calls of an account killed, the account on a list.

A user of the directory cannot be switched off without a change of its file. What can be kept
is a list in FreeSWITCH's own database (mod_db), which the dialplan asks; where it does not,
`lock` says what to do by hand.
"""

from __future__ import annotations

import re
from typing import Protocol

import msgspec

from ringfence.model.acting import ActError, OpenCall
from ringfence.model.text import shown

REALM = "ringfence"
_LOCKED = "locked"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_CAUSE = "CALL_REJECTED"
_UNDEFINED = "_undef_"
# What FreeSWITCH answers where a command has nothing to say.
_NOTHING = ("-ERR no reply", "Command returned no output")
_MAX_CHANNELS = 1000
_BY_HAND = (
    "FreeSWITCH cannot lock {account} by itself: a new password in its file of the directory, then "
    "fs_cli -x reloadxml. docs/blocking.md has a dialplan that lets ringfence lock it "
    "(freeswitch.locks)"
)


class Console(Protocol):
    """FreeSWITCH's commands (`api`)."""

    def api(self, command: str) -> str:
        """What it answers. Raises ActError."""

    def close(self) -> None:
        """No more commands."""


class Freeswitch:
    """One FreeSWITCH."""

    def __init__(self, console: Console, host: str, *, locks: bool) -> None:
        self.name = f"FreeSWITCH at {host}"
        self._console, self._locks = console, locks

    def calls(self, account: str) -> list[OpenCall]:
        """Channels of this account: by the login where there was one. Raises ActError."""
        found = []
        for row in self._channels():
            uuid, name = row.get("uuid"), row.get("name")
            if not isinstance(uuid, str) or not _UUID.fullmatch(uuid) or not isinstance(name, str):
                continue
            if account in self._owners(uuid, row):
                to = row.get("dest")
                with_whom = shown(to[:60]) if isinstance(to, str) and to else "nobody"
                found.append(OpenCall(uuid, f"{shown(name[:80])} with {with_whom}"))
        return found

    def end(self, call: OpenCall) -> None:
        """Kill this channel. Raises ActError."""
        says = self._console.api(f"uuid_kill {call.key} {_CAUSE}")
        if not says.startswith("+OK") and "No such channel" not in says:
            raise ActError(f"{self.name}: {shown(says.strip()[:200])}")

    def lock_says(self, account: str) -> str:
        """What locking does. Raises ActError where the dialplan does not ask our list."""
        if not self._locks:
            raise ActError(_BY_HAND.format(account=account))
        return "the dialplan lets it call nobody; its phone still rings"

    def is_locked(self, account: str) -> bool:
        """Whether it is on the list. Raises ActError."""
        says = self._console.api(f"db select/{REALM}/{account}").strip()
        if says.startswith(_NOTHING):
            return False
        if says.startswith("-"):
            raise ActError(f"{self.name}: {shown(says[:200])}; is mod_db loaded?")
        return says == _LOCKED

    def lock(self, account: str) -> None:
        """Put it on the list. Raises ActError."""
        self._change(f"db insert/{REALM}/{account}/{_LOCKED}")

    def unlock(self, account: str) -> None:
        """Take it off the list. Raises ActError."""
        self._change(f"db delete/{REALM}/{account}")

    def close(self) -> None:
        """No more commands."""
        self._console.close()

    def _change(self, command: str) -> None:
        says = self._console.api(command)
        if not says.startswith("+OK"):
            raise ActError(f"{self.name}: {shown(says.strip()[:200])}; is mod_db loaded?")

    def _owners(self, uuid: str, row: dict[str, object]) -> set[str]:
        """The account that logged in for this channel; else whose device it is."""
        if row.get("direction") == "inbound":
            login = self._console.api(f"uuid_getvar {uuid} sip_auth_username").strip()
            if login and login != _UNDEFINED and not login.startswith("-"):
                return {login}
            return set()  # nobody logged in: From is what a stranger wrote
        presence = row.get("presence_id")
        return {presence.partition("@")[0]} if isinstance(presence, str) else set()

    def _channels(self) -> list[dict[str, object]]:
        says = self._console.api("show channels as json")
        try:
            found = msgspec.json.decode(says.encode(), type=dict[str, object])
        except (msgspec.MsgspecError, RecursionError):
            raise ActError(f"{self.name}: its list of channels is no JSON") from None
        rows = found.get("rows", [])
        if not isinstance(rows, list):
            raise ActError(f"{self.name}: its list of channels is no list")
        return [row for row in rows[:_MAX_CHANNELS] if isinstance(row, dict)]
