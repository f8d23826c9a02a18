"""FreeSWITCH's event socket, played by a server."""

from __future__ import annotations

import socket

import pytest

from ringfence.model.event import Event
from ringfence.sources.freeswitch_socket import FreeswitchSocket
from tests.sources.pbx_server import hear, played, stay
from tests.wire.test_esl import FAILURE, packet

ASK = b"Content-Type: auth/request\n\n"
ACCEPTED = b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n"
REFUSED = b"Content-Type: command/reply\nReply-Text: -ERR invalid\n\n"


def test_refusals_come_as_events() -> None:
    said = []

    def script(connection: socket.socket) -> None:
        connection.sendall(ASK)
        said.append(hear(connection, b"\n\n"))
        connection.sendall(ACCEPTED)
        said.append(hear(connection, b"\n\n"))
        connection.sendall(b"Content-Type: command/reply\nReply-Text: +OK event listener\n\n")
        connection.sendall(packet(b"Event-Name: HEARTBEAT\n\n") + packet(FAILURE))
        stay(connection)

    with played(script) as server:
        source = FreeswitchSocket("127.0.0.1", "s3cret", server.port)
        (found,) = _read(source)
        source.close()
    assert found.source == "203.0.113.66"
    assert source.heard.lines == 2
    assert said[0] == b"auth s3cret\n\n"
    assert said[1].startswith(b"event plain HEARTBEAT CUSTOM sofia::register ")


@pytest.mark.parametrize("answer", [
    REFUSED, b"Content-Type: text/rude-rejection\nContent-Length: 1\n\nx",
])  # fmt: skip
def test_a_refused_login_says_which_setting(answer: bytes) -> None:
    def script(connection: socket.socket) -> None:
        connection.sendall(ASK)
        hear(connection, b"\n\n")
        connection.sendall(answer)
        stay(connection)

    with played(script) as server:
        source = FreeswitchSocket("127.0.0.1", "s3cret", server.port)
        _read(source)
    assert "event_socket.conf.xml" in source.trouble
    assert "s3cret" not in source.trouble


@pytest.mark.parametrize("octets", [
    b"Content-Length: 99999999\n\n", b"x" * 100_000,
    b"Content-Type: text/disconnect-notice\n\n",
])  # fmt: skip
def test_a_server_that_is_no_event_socket_or_goes_is_left(octets: bytes) -> None:
    def script(connection: socket.socket) -> None:
        connection.sendall(octets)
        stay(connection)

    with played(script) as server:
        source = FreeswitchSocket("127.0.0.1", "s3cret", server.port)
        _read(source)
    assert source.trouble


def test_a_password_that_could_hold_a_command_is_refused() -> None:
    with pytest.raises(ValueError, match="visible ASCII"):
        FreeswitchSocket("127.0.0.1", "x\n\napi shutdown")


def _read(source: FreeswitchSocket) -> list[Event]:
    for _ in range(500):
        if events := source.read(0.01):
            return events
        if source.trouble:
            break
    return []
