"""Asterisk's manager interface, given orders: an action, its answer, the list that follows.

The password never crosses the wire (`AuthType: MD5`). What belongs to an order is told by its
ActionID; a line that somebody wrote into a name has none that we drew.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable

from ringfence.sources.ami import PORT, check_login, key_of
from ringfence.sources.order_socket import OrderSocket
from ringfence.wire.asterisk_events import Messages

MAX_ANSWERS = 5000
_ONE_LINE = re.compile(r"[ -~]{0,255}", re.ASCII)
_REFUSED = (
    "login refused; manager.conf needs this user with its secret, `write = call,reporting,system`, "
    "and our address in `permit`"
)


class AmiActions(OrderSocket):
    """Orders to one Asterisk. Raises ValueError for a name that could hold a command."""

    name = "AMI"

    def __init__(
        self,
        host: str,
        user: str,
        secret: str,
        port: int = PORT,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(host, port, monotonic)
        check_login(user, secret)
        self._user, self._secret = user, secret
        self._messages = Messages()
        self._read: list[dict[str, str]] = []

    def act(self, action: str, **keys: str) -> list[dict[str, str]]:
        """The answer, then the events of its list. Raises ActError."""
        with self.ordering():
            return self._order(action, keys)

    def log_in(self) -> None:
        """By the challenge. Raises ActError, OSError."""
        self._messages, self._read = Messages(), []
        answer = self._order("Challenge", {"AuthType": "MD5"})[0]
        key = key_of(answer.get("Challenge", "").encode(), self._secret)
        login = {"AuthType": "MD5", "Username": self._user, "Key": key, "Events": "off"}
        if self._order("Login", login)[0].get("Response") != "Success":
            raise self.error(_REFUSED)

    def _order(self, action: str, keys: dict[str, str]) -> list[dict[str, str]]:
        number = secrets.token_hex(8)
        fields = {"Action": action, "ActionID": number, **keys}
        if not all(_ONE_LINE.fullmatch(value) for value in fields.values()):
            raise self.error("an order of more than one line")
        lines = [f"{name}: {value}" for name, value in fields.items()]
        until = self.deadline()
        self.send("\r\n".join([*lines, "", ""]))
        return self._answers(number, until)

    def _answers(self, number: str, until: float) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        while True:
            message = self._next(until)
            if message.get("ActionID") != number or not (found or "Response" in message):
                continue
            if found and _ends(message):
                return found
            found.append(message)
            if len(found) == 1 and message.get("EventList", "").lower() != "start":
                return found
            if len(found) > MAX_ANSWERS:
                raise self.error(f"a list of more than {MAX_ANSWERS:,}")

    def _next(self, until: float) -> dict[str, str]:
        while not self._read:
            for message in self._messages.feed(self.receive(until)):
                values: dict[str, str] = {}
                for name, value in message:  # the first of a name counts
                    key = name.decode("ascii", "replace")
                    values.setdefault(key, value.decode("utf-8", "replace"))
                self._read.append(values)
            if self._messages.too_long:
                raise self.error("a message without end")
        return self._read.pop(0)


def _ends(message: dict[str, str]) -> bool:
    """The end of a list: by the event's own name, for a stranger may have written the rest."""
    return message.get("Event", "").endswith("Complete") and "EventList" in message
