"""Asterisk's manager interface, played by a server."""

from __future__ import annotations

import hashlib
import socket

import pytest

from ringfence.model.event import Event
from ringfence.sources.ami import Ami
from tests.sources.pbx_server import hear, played, stay
from tests.wire.test_asterisk_events import event

END = b"\r\n\r\n"


def let_in(connection: socket.socket) -> bytes:
    """The login as Asterisk does it; what was said."""
    connection.sendall(b"Asterisk Call Manager/11.0.0\r\n")
    said = hear(connection, END)
    connection.sendall(b"Response: Success\r\nChallenge: 12345" + END)
    said += hear(connection, END)
    connection.sendall(b"Response: Success\r\nMessage: Authentication accepted" + END)
    return said


def test_security_events_come_and_the_secret_never_crosses_the_wire() -> None:
    said = []

    def script(connection: socket.socket) -> None:
        said.append(let_in(connection))
        connection.sendall(b"Event: FullyBooted\r\nPrivilege: system,all" + END + event())
        stay(connection)

    with played(script) as server:
        ami = Ami("127.0.0.1", "ringfence", "s3cret", server.port)
        (found,) = _read(ami)
        ami.close()
    assert found.source == "203.0.113.66"
    assert ami.security_events == 1
    assert b"s3cret" not in said[0]
    key = hashlib.md5(b"12345s3cret", usedforsecurity=False).hexdigest().encode()
    assert b"Key: " + key + b"\r\n" in said[0]
    assert b"Events: security\r\n" in said[0]


def test_a_refused_login_says_which_setting() -> None:
    def script(connection: socket.socket) -> None:
        hear(connection, END)
        connection.sendall(b"Response: Error\r\nMessage: Authentication failed" + END)
        stay(connection)

    with played(script) as server:
        ami = Ami("127.0.0.1", "ringfence", "s3cret", server.port)
        _read(ami, 50)
    assert "read = security" in ami.trouble
    assert "s3cret" not in ami.trouble


def test_a_server_that_never_ends_a_message_is_left() -> None:
    def script(connection: socket.socket) -> None:
        connection.sendall(b"x" * 200_000)
        stay(connection)

    with played(script) as server:
        ami = Ami("127.0.0.1", "ringfence", "s3cret", server.port)
        _read(ami, 50)
    assert "a message without end" in ami.trouble


def test_an_event_in_two_pieces_is_one() -> None:
    def script(connection: socket.socket) -> None:
        let_in(connection)
        connection.sendall(event()[:100])
        connection.sendall(event()[100:])
        stay(connection)

    with played(script) as server:
        ami = Ami("127.0.0.1", "ringfence", "s3cret", server.port)
        assert len(_read(ami)) == 1
        ami.close()


@pytest.mark.parametrize("name", ["a\r\nAction: Command", "", "a b", "ü"])
def test_a_name_that_could_hold_an_action_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="visible ASCII"):
        Ami("127.0.0.1", name, "s3cret")
    with pytest.raises(ValueError, match="visible ASCII"):
        Ami("127.0.0.1", "ringfence", name)


def _read(ami: Ami, times: int = 500) -> list[Event]:
    for _ in range(times):
        if events := ami.read(0.01):
            return events
        if ami.trouble:
            break
    return []
