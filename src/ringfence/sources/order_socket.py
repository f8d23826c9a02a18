"""A connection to an interface of the PBX that takes orders: made at the first one, never trusted.

What goes wrong ends in one ActError, and the connection with it; the next order makes it again.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ringfence.model.acting import ActError
from ringfence.wire.errors import WireError

CONNECT_S = 3.0
ANSWER_S = 10.0
_RECEIVE = 65_536


class OrderSocket:
    """One connection. Subclasses say how to log in, and what octets mean."""

    name = ""

    def __init__(
        self, host: str, port: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._place = (host, port)
        self._monotonic = monotonic
        self._socket: socket.socket | None = None

    def log_in(self) -> None:
        """A connection stands. Raises ActError, OSError, WireError."""
        raise NotImplementedError

    @contextmanager
    def ordering(self) -> Iterator[None]:
        """For one order: connected before, and closed where it fails. Raises ActError."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._place, CONNECT_S)
                self.log_in()
            yield
        except OSError as error:
            self.close()
            raise self.error(str(error.strerror or error)) from error
        except WireError as error:
            self.close()
            raise self.error(str(error)) from error
        except ActError:
            self.close()
            raise

    def deadline(self) -> float:
        """Until when an answer is waited for."""
        return self._monotonic() + ANSWER_S

    def send(self, text: str) -> None:
        """Raises OSError."""
        if self._socket is not None:
            self._socket.sendall(text.encode())

    def receive(self, until: float) -> bytes:
        """Some octets. Raises ActError where none come, OSError."""
        left_s = until - self._monotonic()
        if left_s <= 0 or self._socket is None:
            raise self.error(f"no answer within {ANSWER_S:.0f} s")
        self._socket.settimeout(left_s)
        octets = self._socket.recv(_RECEIVE)
        if not octets:
            raise self.error("the other side closed the connection")
        return octets

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def error(self, why: str) -> ActError:
        """The sentence, with where."""
        host, port = self._place
        return ActError(f"{self.name} at {host}, port {port}: {why}")
