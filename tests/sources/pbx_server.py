"""A phone system's interface, played: says what a script tells it, notes what it is told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# A conversation: given a connected socket, says and hears what it likes.
Script = Callable[[socket.socket], None]


class Server:
    """Where it listens, and how many have called."""

    def __init__(self, listener: socket.socket) -> None:
        self.host, self.port = listener.getsockname()[:2]
        self.calls = 0


@contextmanager
def played(*scripts: Script) -> Iterator[Server]:
    """A server that plays one script for each connection, in order, then accepts no more."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(listener)

    def serve() -> None:
        for script in scripts:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            server.calls += 1
            connection.settimeout(5)
            with connection:
                try:
                    script(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def hear(connection: socket.socket, end: bytes) -> bytes:
    """What is said up to and with `end`; OSError when it is not said."""
    heard = b""
    while not heard.endswith(end):
        octets = connection.recv(65536)
        if not octets:
            raise ConnectionError(heard)
        heard += octets
    return heard


def stay(connection: socket.socket) -> None:
    """Until the other side goes."""
    while connection.recv(65536):
        pass
