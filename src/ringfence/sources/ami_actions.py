"""Asterisk's manager interface, given orders: an action, its answer, the list that follows.

The password never crosses the wire (`AuthType: MD5`). What belongs to an order is told by its
ActionID; a line that somebody wrote into a name has none that we drew.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import socket
import time
from collections.abc import Callable

from ringfence.model.acting import ActError
from ringfence.sources.ami import PORT
from ringfence.wire.asterisk_events import Messages

CONNECT_S = 3.0
ANSWER_S = 10.0
MAX_ANSWERS = 5000
_RECEIVE = 65_536
_ONE_LINE = re.compile(r"[ -~]{0,255}", re.ASCII)
_VISIBLE = re.compile(r"[!-~]{1,128}", re.ASCII)
_REFUSED = (
    "login refused; manager.conf needs this user with its secret, `write = call,reporting,system`, "
    "and our address in `permit`"
)


class AmiActions:
    """One connection, made at the first order. Raises ValueError for a name with a blank in it."""

    def __init__(
        self,
        host: str,
        user: str,
        secret: str,
        port: int = PORT,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not _VISIBLE.fullmatch(user) or not _VISIBLE.fullmatch(secret):
            raise ValueError("user and secret of AMI are visible ASCII, without blanks")
        self._place, self._user, self._secret = (host, port), user, secret
        self._monotonic = monotonic
        self._socket: socket.socket | None = None
        self._messages = Messages()
        self._read: list[dict[str, str]] = []

    def act(self, action: str, **keys: str) -> list[dict[str, str]]:
        """The answer, then the events of its list. Raises ActError."""
        try:
            if self._socket is None:
                self._log_in()
            return self._order(action, keys)
        except OSError as error:
            self.close()
            raise self._error(str(error.strerror or error)) from error
        except ActError:
            self.close()
            raise

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _log_in(self) -> None:
        self._socket = socket.create_connection(self._place, CONNECT_S)
        self._messages, self._read = Messages(), []
        answer = self._order("Challenge", {"AuthType": "MD5"})[0]
        both = (answer.get("Challenge", "") + self._secret).encode()
        key = hashlib.md5(both, usedforsecurity=False).hexdigest()  # the protocol's own choice
        login = {"AuthType": "MD5", "Username": self._user, "Key": key, "Events": "off"}
        if self._order("Login", login)[0].get("Response") != "Success":
            raise self._error(_REFUSED)

    def _order(self, action: str, keys: dict[str, str]) -> list[dict[str, str]]:
        number = secrets.token_hex(8)
        fields = {"Action": action, "ActionID": number, **keys}
        if not all(_ONE_LINE.fullmatch(value) for value in fields.values()):
            raise self._error("an order of more than one line")
        lines = [f"{name}: {value}" for name, value in fields.items()]
        if self._socket is None:
            raise self._error("no connection")
        until = self._monotonic() + ANSWER_S
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        return self._answers(number, until)

    def _answers(self, number: str, until: float) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        while True:
            message = self._next(until)
            if message.get("ActionID") != number:
                continue
            if not found and "Response" not in message:
                continue
            if found and _ends(message):
                return found
            found.append(message)
            if len(found) == 1 and message.get("EventList", "").lower() != "start":
                return found
            if len(found) > MAX_ANSWERS:
                raise self._error(f"a list of more than {MAX_ANSWERS:,}")

    def _next(self, until: float) -> dict[str, str]:
        while not self._read:
            left_s = until - self._monotonic()
            if left_s <= 0 or self._socket is None:
                raise self._error(f"no answer within {ANSWER_S:.0f} s")
            self._socket.settimeout(left_s)
            octets = self._socket.recv(_RECEIVE)
            if not octets:
                raise self._error("the other side closed the connection")
            for message in self._messages.feed(octets):
                self._read.append({})
                for name, value in message:
                    self._read[-1].setdefault(
                        name.decode("ascii", "replace"), value.decode("utf-8", "replace")
                    )
            if self._messages.too_long:
                raise self._error("a message without end")
        return self._read.pop(0)

    def _error(self, why: str) -> ActError:
        return ActError(f"AMI at {self._place[0]}, port {self._place[1]}: {why}")


def _ends(message: dict[str, str]) -> bool:
    """The end of a list: by the event's own name, for a stranger may have written the rest."""
    return message.get("Event", "").endswith("Complete") and "EventList" in message
