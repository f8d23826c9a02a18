"""A connection to an interface of the PBX that tells events: kept up, and never trusted.

How it works: `read` waits for octets, gives them to the protocol, and sends what the
protocol wants sent. A connection that fails, or is silent for longer than its
protocol allows, is made again after a pause that doubles up to a minute; a refused
login waits the longest pause, so that we are not taken for a guesser ourselves.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Callable

from ringfence.model.event import Event
from ringfence.model.heard import Heard
from ringfence.wire.errors import WireError

CONNECT_S = 3.0
LONGEST_PAUSE_S = 60.0
MAX_RECEIVE = 256 * 1024
# What we send is a few lines; a peer that takes none of it in this time is dead.
_SEND_S = 3.0


class LoginError(Exception):
    """The interface does not let us in; the text says what to look at."""


class EventSocket:
    """One connection. Subclasses say what to send, what octets mean, and how long is silence."""

    name = ""
    silence_s = 60.0

    def __init__(
        self, host: str, port: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.trouble = ""  # why there is no connection at the moment
        self.connections = 0
        self._address = (host, port)
        self._monotonic = monotonic
        self._socket: socket.socket | None = None
        self._pause_s = 1.0
        self._again_at = 0.0
        self._spoke_at = 0.0

    def read(self, wait_s: float) -> list[Event]:
        """The events that came within `wait_s`; connects where there is no connection."""
        if self._socket is None and not self._connect(wait_s):
            return []
        try:
            octets = self._receive(wait_s)
            if octets is None:
                self._watch_silence()
                return []
            events = self.take(octets)
            self._pause_s = 1.0
        except LoginError as error:
            self._fail(str(error), LONGEST_PAUSE_S)
            return []
        except (OSError, WireError) as error:
            self._fail(str(error))
            return []
        self._spoke_at = self._monotonic()
        return events

    @property
    def heard(self) -> Heard:
        raise NotImplementedError

    def started(self) -> None:
        """A connection stands: forget what was left of the one before, and greet."""
        raise NotImplementedError

    def take(self, octets: bytes) -> list[Event]:
        """Events of these octets. Raises LoginError, WireError."""
        raise NotImplementedError

    def ping(self) -> None:
        """Nothing was heard for half of the time that is allowed."""

    def send(self, octets: bytes) -> None:
        """Raises OSError."""
        if self._socket is not None:
            self._socket.settimeout(_SEND_S)
            self._socket.sendall(octets)

    def close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def _connect(self, wait_s: float) -> bool:
        left_s = self._again_at - self._monotonic()
        if left_s > 0:
            select.select([], [], [], min(left_s, wait_s))
            return False
        try:
            self._socket = socket.create_connection(self._address, CONNECT_S)
            self._spoke_at = self._monotonic()
            self.connections += 1
            self.trouble = ""
            self.started()
        except OSError as error:
            self._fail(str(error.strerror or error))
            return False
        return True

    def _receive(self, wait_s: float) -> bytes | None:
        """Octets; None when none came. Raises OSError, also when the peer has gone."""
        if self._socket is None or not select.select([self._socket], [], [], wait_s)[0]:
            return None
        octets = self._socket.recv(MAX_RECEIVE)
        if not octets:
            raise OSError("the other side closed the connection")
        return octets

    def _watch_silence(self) -> None:
        silent_s = self._monotonic() - self._spoke_at
        if silent_s > self.silence_s:
            raise OSError(f"silent for {silent_s:.0f} s")
        if silent_s > self.silence_s / 2:
            self.ping()

    def _fail(self, why: str, pause_s: float = 0.0) -> None:
        host, port = self._address
        self.trouble = f"{self.name} at {host}, port {port}: {why}"
        self.close()
        self._again_at = self._monotonic() + max(self._pause_s, pause_s)
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
