"""FreeSWITCH's event socket, given commands: `api …`, one answer each."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable

from ringfence.model.acting import ActError
from ringfence.sources.freeswitch_socket import PORT
from ringfence.wire.errors import WireError
from ringfence.wire.esl import Packet, Packets

CONNECT_S = 3.0
ANSWER_S = 10.0
_RECEIVE = 65_536
_ONE_LINE = re.compile(r"[ -~]{1,500}", re.ASCII)
_VISIBLE = re.compile(r"[!-~]{1,128}", re.ASCII)
_REFUSED = "login refused; event_socket.conf.xml has the password, and `apply-inbound-acl`"


class FreeswitchConsole:
    """One connection, made at the first command. Raises ValueError for a password with blanks."""

    def __init__(
        self,
        host: str,
        password: str,
        port: int = PORT,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not _VISIBLE.fullmatch(password):
            raise ValueError("the event socket's password is visible ASCII, without blanks")
        self._place, self._password = (host, port), password
        self._monotonic = monotonic
        self._socket: socket.socket | None = None
        self._packets = Packets()
        self._read: list[Packet] = []

    def api(self, command: str) -> str:
        """What it answers. Raises ActError."""
        if not _ONE_LINE.fullmatch(command):
            raise self._error("a command of more than one line")
        try:
            if self._socket is None:
                self._log_in()
            self._send(f"api {command}\n\n")
            return self._wait("api/response").body.decode("utf-8", "replace")
        except OSError as error:
            self.close()
            raise self._error(str(error.strerror or error)) from error
        except WireError as error:
            self.close()
            raise self._error(str(error)) from error
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
        self._packets, self._read = Packets(), []
        self._wait("auth/request")
        self._send(f"auth {self._password}\n\n")
        if not self._wait("command/reply").reply.startswith("+OK"):
            raise self._error(_REFUSED)

    def _send(self, text: str) -> None:
        if self._socket is not None:
            self._socket.sendall(text.encode())

    def _wait(self, kind: str) -> Packet:
        until = self._monotonic() + ANSWER_S
        while True:
            while self._read:
                packet = self._read.pop(0)
                if packet.content_type == kind:
                    return packet
                if packet.content_type == "text/rude-rejection":
                    raise self._error(_REFUSED)
            left_s = until - self._monotonic()
            if left_s <= 0 or self._socket is None:
                raise self._error(f"no answer within {ANSWER_S:.0f} s")
            self._socket.settimeout(left_s)
            octets = self._socket.recv(_RECEIVE)
            if not octets:
                raise self._error("the other side closed the connection")
            self._read += self._packets.feed(octets)

    def _error(self, why: str) -> ActError:
        return ActError(f"event socket at {self._place[0]}, port {self._place[1]}: {why}")
