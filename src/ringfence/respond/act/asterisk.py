"""Asterisk over AMI: channels of an account hung up, the account on a list that the dialplan asks.

AMI cannot switch an endpoint off: that takes a change of pjsip.conf. What it can is to keep
a list in Asterisk's own database; a dialplan that asks it lets nobody on it call. Where the
dialplan does not, `lock` says what to do by hand. The account of AMI needs
`write = call,reporting,system`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from ringfence.model.acting import ActError, OpenCall
from ringfence.model.text import shown

FAMILY = "ringfence-locked"
_CHANNEL = re.compile(r"(?:PJSIP|SIP|IAX2)/([\w.+-]{1,80})-[0-9a-f]{8,16}", re.ASCII)
_GONE = "no such channel"
_CAUSE = "21"  # call rejected (Q.850)
_BY_HAND = (
    "Asterisk cannot lock {account} by itself. FreePBX: Applications, Extensions, {account}: a new "
    "Secret, Submit, Apply Config. Without FreePBX: a new password in pjsip.conf, then "
    "asterisk -rx 'pjsip reload'. docs/blocking.md has a dialplan that lets ringfence lock it "
    "(asterisk.locks)"
)

Answer = Mapping[str, str]


class Manager(Protocol):
    """Asterisk's manager interface, logged in."""

    def act(self, action: str, **keys: str) -> Sequence[Answer]:
        """The answer, and the events that belong to it. Raises ActError."""

    def close(self) -> None:
        """Log off."""


class Asterisk:
    """One Asterisk."""

    def __init__(self, manager: Manager, host: str, *, locks: bool) -> None:
        self.name = f"Asterisk at {host}"
        self._manager, self._locks = manager, locks

    def calls(self, account: str) -> list[OpenCall]:
        """Channels of this account's device. Raises ActError."""
        answers = self._manager.act("CoreShowChannels")
        self._demand(answers)
        found = []
        for row in answers[1:]:
            name = row.get("Channel", "")
            matched = _CHANNEL.fullmatch(name)
            if matched and matched[1] == account:
                to = row.get("ConnectedLineNum") or row.get("Exten") or "nobody"
                lasts = row.get("Duration", "")
                found.append(OpenCall(name, f"{name} with {shown(to[:60])}, {shown(lasts[:20])}"))
        return found

    def end(self, call: OpenCall) -> None:
        """Hang up this channel. Raises ActError."""
        answers = self._manager.act("Hangup", Channel=call.key, Cause=_CAUSE)
        if _GONE not in answers[0].get("Message", "").lower():
            self._demand(answers)

    def lock_says(self, account: str) -> str:
        """What locking does. Raises ActError where the dialplan does not ask our list."""
        if not self._locks:
            raise ActError(_BY_HAND.format(account=account))
        return "the dialplan lets it call nobody; its phone still rings"

    def is_locked(self, account: str) -> bool:
        """Whether it is on the list. Raises ActError."""
        answers = self._manager.act("DBGet", Family=FAMILY, Key=account)
        if answers[0].get("Response") == "Success":
            return True
        if "not found" in answers[0].get("Message", "").lower():
            return False
        self._demand(answers)
        return False

    def lock(self, account: str) -> None:
        """Put it on the list. Raises ActError."""
        self._demand(self._manager.act("DBPut", Family=FAMILY, Key=account, Val="1"))

    def unlock(self, account: str) -> None:
        """Take it off the list. Raises ActError."""
        self._demand(self._manager.act("DBDel", Family=FAMILY, Key=account))

    def close(self) -> None:
        """Log off."""
        self._manager.close()

    def _demand(self, answers: Sequence[Answer]) -> None:
        answer = answers[0]
        if answer.get("Response") == "Success":
            return
        says = shown(answer.get("Message", "no reason given")[:200])
        hint = "; its user needs write = call,reporting,system" if "ermission" in says else ""
        raise ActError(f"{self.name}: {says}{hint}")
