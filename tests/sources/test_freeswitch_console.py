"""Commands to FreeSWITCH's event socket, played by a server."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from ringfence.model.acting import ActError
from ringfence.sources.freeswitch_console import FreeswitchConsole
from tests.sources.pbx_server import hear, played, stay

ASK = b"Content-Type: auth/request\n\n"
ACCEPTED = b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n"


def answer(text: bytes) -> bytes:
    return b"Content-Type: api/response\nContent-Length: %d\n\n%s" % (len(text), text)


def script(heard: list[bytes], *answers: bytes) -> Callable[[socket.socket], None]:
    def run(connection: socket.socket) -> None:
        connection.sendall(ASK)
        heard.append(hear(connection, b"\n\n"))
        connection.sendall(ACCEPTED)
        for one in answers:
            heard.append(hear(connection, b"\n\n"))
            connection.sendall(one)
        stay(connection)

    return run


def test_each_command_has_its_answer() -> None:
    heard: list[bytes] = []
    with played(script(heard, answer(b"+OK\n"), answer(b""))) as server:
        console = FreeswitchConsole("127.0.0.1", "s3cret", server.port)
        assert console.api("uuid_kill x CALL_REJECTED") == "+OK\n"
        assert console.api("db select/ringfence/101") == ""
        console.close()
    assert heard == [
        b"auth s3cret\n\n", b"api uuid_kill x CALL_REJECTED\n\n",
        b"api db select/ringfence/101\n\n",
    ]  # fmt: skip


@pytest.mark.parametrize("refusal", [
    b"Content-Type: command/reply\nReply-Text: -ERR invalid\n\n",
    b"Content-Type: text/rude-rejection\nContent-Length: 1\n\nx",
])  # fmt: skip
def test_a_refused_login_says_which_setting(refusal: bytes) -> None:
    def run(connection: socket.socket) -> None:
        connection.sendall(ASK)
        hear(connection, b"\n\n")
        connection.sendall(refusal)
        stay(connection)

    with played(run) as server:
        console = FreeswitchConsole("127.0.0.1", "s3cret", server.port)
        with pytest.raises(ActError, match=r"event_socket\.conf\.xml") as error:
            console.api("status")
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(("octets", "says"), [
    (b"x" * 100_000, "headers without end"), (b"", "closed the connection"),
    (b"Content-Type: api/response\nContent-Length: 99999999\n\n", "too large"),
])  # fmt: skip
def test_what_is_no_event_socket_is_left(octets: bytes, says: str) -> None:
    def run(connection: socket.socket) -> None:
        connection.sendall(octets)
        if octets:
            stay(connection)

    with played(run) as server:
        console = FreeswitchConsole("127.0.0.1", "s3cret", server.port)
        with pytest.raises(ActError, match=says):
            console.api("status")


def test_silence_is_bounded() -> None:
    moments = iter([0.0, 100.0, 100.0])
    with played(stay) as server:
        console = FreeswitchConsole("127.0.0.1", "s3cret", server.port, lambda: next(moments))
        with pytest.raises(ActError, match="no answer within 10 s"):
            console.api("status")


def test_a_command_is_one_line() -> None:
    with pytest.raises(ActError, match="more than one line"):
        FreeswitchConsole("127.0.0.1", "s3cret", 1).api("status\n\napi shutdown")
    with pytest.raises(ValueError, match="visible ASCII"):
        FreeswitchConsole("127.0.0.1", "x\n\napi shutdown")
    with pytest.raises(ActError, match="refused"):
        FreeswitchConsole("127.0.0.1", "s3cret", 1).api("status")
