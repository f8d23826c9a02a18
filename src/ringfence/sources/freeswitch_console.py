"""FreeSWITCH's event socket, given commands: `api …`, one answer each."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from ringfence.sources.freeswitch_socket import PORT, REFUSED, check_password
from ringfence.sources.order_socket import OrderSocket
from ringfence.wire.esl import Packet, Packets

_ONE_LINE = re.compile(r"[ -~]{1,500}", re.ASCII)


class FreeswitchConsole(OrderSocket):
    """Commands to one FreeSWITCH. Raises ValueError for a password that could hold a command."""

    name = "event socket"

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
        self._packets = Packets()
        self._read: list[Packet] = []

    def api(self, command: str) -> str:
        """What it answers. Raises ActError."""
        if not _ONE_LINE.fullmatch(command):
            raise self.error("a command of more than one line")
        with self.ordering():
            until = self.deadline()
            self.send(f"api {command}\n\n")
            return self._wait("api/response", until).body.decode("utf-8", "replace")

    def log_in(self) -> None:
        """With the password. Raises ActError, OSError, WireError."""
        self._packets, self._read = Packets(), []
        until = self.deadline()
        self._wait("auth/request", until)
        self.send(f"auth {self._password}\n\n")
        if not self._wait("command/reply", until).reply.startswith("+OK"):
            raise self.error(REFUSED)

    def _wait(self, kind: str, until: float) -> Packet:
        while True:
            while self._read:
                packet = self._read.pop(0)
                if packet.content_type == kind:
                    return packet
                if packet.content_type == "text/rude-rejection":
                    raise self.error(REFUSED)
            self._read += self._packets.feed(self.receive(until))
