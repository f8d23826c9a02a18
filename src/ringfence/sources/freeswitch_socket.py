"""FreeSWITCH's event socket: registrations that were refused or accepted, as they happen."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from ringfence.model.event import Event
from ringfence.model.heard import Heard
from ringfence.sources.event_socket import EventSocket, LoginError
from ringfence.wire.esl import PLAIN, SUBSCRIBED, FreeswitchEvents, Packet, Packets

PORT = 8021
REFUSED = "login refused; event_socket.conf.xml has the password, and `apply-inbound-acl`"
_VISIBLE = re.compile(r"[!-~]{1,128}\Z")


class FreeswitchSocket(EventSocket):
    """Events of one FreeSWITCH. Its heart beats every 20 s, so silence is a dead connection."""

    name = "event socket"
    silence_s = 60.0

    def __init__(
        self,
        host: str,
        password: str,
        port: int = PORT,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(host, port, monotonic)
        check_password(password)
        self._password = password
        self._reader = FreeswitchEvents()
        self._packets = Packets()
        self._logged_in = False

    @property
    def heard(self) -> Heard:
        return self._reader.heard

    def started(self) -> None:
        self._packets = Packets()
        self._logged_in = False

    def take(self, octets: bytes) -> list[Event]:
        events: list[Event] = []
        for packet in self._packets.feed(octets):
            if packet.content_type == PLAIN:
                events += self._reader.read([packet.body])
            else:
                self._answer(packet)
        return events

    def _answer(self, packet: Packet) -> None:
        if packet.content_type == "auth/request":
            self.send(f"auth {self._password}\n\n".encode())
        elif packet.content_type == "command/reply" and not self._logged_in:
            if not packet.reply.startswith("+OK"):
                raise LoginError(REFUSED)
            self._logged_in = True
            # CUSTOM takes the names of all that follow it, so it stands last.
            self.send(f"event plain HEARTBEAT CUSTOM {' '.join(SUBSCRIBED)}\n\n".encode())
        elif packet.content_type == "text/rude-rejection":
            raise LoginError(REFUSED)
        elif packet.content_type == "text/disconnect-notice":
            raise OSError("FreeSWITCH ends the connection")


def check_password(password: str) -> None:
    """Raises ValueError for a password that could hold a command."""
    if not _VISIBLE.match(password):
        raise ValueError("the event socket's password is visible ASCII, without blanks")
