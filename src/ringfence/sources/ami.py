"""Asterisk's manager interface: its security events as they happen.

The password never crosses the wire: Asterisk gives a challenge, and gets the MD5 of
both (`AuthType: MD5`). The account needs `read = security` and nothing to write.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable

from ringfence.model.event import Event
from ringfence.model.heard import Heard
from ringfence.sources.event_socket import EventSocket, LoginError
from ringfence.wire.asterisk_events import AsteriskEvents, Messages
from ringfence.wire.errors import WireError

PORT = 5038
_REFUSED = (
    "login refused; manager.conf needs this user with its secret, `read = security`, "
    "and our address in `permit`"
)
_NOTHING_BUT_VISIBLE = re.compile(r"[!-~]{1,128}\Z")


class Ami(EventSocket):
    """Security events of one Asterisk. Raises ValueError for a name that could hold a command."""

    name = "AMI"
    silence_s = 30.0

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
        self._reader = AsteriskEvents()
        self._messages = Messages()
        self._logged_in = False

    @property
    def heard(self) -> Heard:
        return self._reader.heard

    @property
    def security_events(self) -> int:
        return self._reader.security_events

    def started(self) -> None:
        self._messages = Messages()
        self._logged_in = False
        self._act("Challenge", AuthType="MD5")

    def take(self, octets: bytes) -> list[Event]:
        """Events; answers to our own actions are dealt with here."""
        messages = self._messages.feed(octets)
        if self._messages.too_long:
            raise WireError("a message without end", offset=0)
        for message in messages:
            if message and message[0][0] == b"Response" and not self._logged_in:
                self._answered(dict(message))
        return self._reader.read_messages(messages)

    def ping(self) -> None:
        if self._logged_in:
            self._act("Ping")

    def _answered(self, answer: dict[bytes, bytes]) -> None:
        if answer[b"Response"] != b"Success":
            raise LoginError(_REFUSED)
        challenge = answer.get(b"Challenge")
        if challenge is None:
            self._logged_in = True
            return
        key = key_of(challenge, self._secret)
        self._act("Login", AuthType="MD5", Username=self._user, Key=key, Events="security")

    def _act(self, action: str, **keys: str) -> None:
        lines = [f"Action: {action}", *(f"{key}: {value}" for key, value in keys.items())]
        self.send("\r\n".join([*lines, "", ""]).encode())


def check_login(user: str, secret: str) -> None:
    """Raises ValueError for a name or secret that could hold a line of its own."""
    if not _NOTHING_BUT_VISIBLE.match(user) or not _NOTHING_BUT_VISIBLE.match(secret):
        raise ValueError("user and secret of AMI are visible ASCII, without blanks")


def key_of(challenge: bytes, secret: str) -> str:
    """What is sent in place of the secret; MD5 is the protocol's own choice."""
    return hashlib.md5(challenge + secret.encode(), usedforsecurity=False).hexdigest()
