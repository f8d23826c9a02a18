"""A connection that takes orders, and a peer that does what it likes."""

from __future__ import annotations

import socket

import pytest

from ringfence.model.acting import ActError
from ringfence.sources.order_socket import OrderSocket
from ringfence.wire.errors import WireError
from tests.sources.pbx_server import hear, played, stay


class Echo(OrderSocket):
    """Says a word, hears one."""

    name = "echo"

    def log_in(self) -> None:
        self.send("hello\n")

    def ask(self) -> bytes:
        with self.ordering():
            return self.receive(self.deadline())


def greets(connection: socket.socket) -> None:
    hear(connection, b"hello\n")
    connection.sendall(b"welcome")
    stay(connection)


def ends(connection: socket.socket) -> None:
    hear(connection, b"hello\n")


def test_it_connects_at_the_first_order_and_again_after_a_failure() -> None:
    with played(ends, greets) as server:
        one = Echo("127.0.0.1", server.port)
        assert server.calls == 0
        with pytest.raises(ActError, match="closed the connection"):
            one.ask()
        assert one.ask() == b"welcome"
        one.close()
        assert server.calls == 2


def test_nobody_there_is_said_with_the_place() -> None:
    with pytest.raises(ActError, match=r"echo at 127\.0\.0\.1, port 1: Connection refused"):
        Echo("127.0.0.1", 1).ask()


def test_an_answer_is_waited_for_no_longer_than_told() -> None:
    moments = iter([0.0, 100.0])
    with played(stay) as server:
        one = Echo("127.0.0.1", server.port, lambda: next(moments))
        with pytest.raises(ActError, match="no answer within 10 s"):
            one.ask()


def test_what_is_no_protocol_ends_the_connection() -> None:
    with played(stay) as server:
        one = Echo("127.0.0.1", server.port)
        with pytest.raises(ActError, match="headers without end"), one.ordering():
            raise WireError("headers without end", offset=0)
        assert one._socket is None
