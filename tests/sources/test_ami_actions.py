"""Orders to Asterisk's manager interface, played by a server."""

from __future__ import annotations

import hashlib
import re
import socket
from collections.abc import Callable

import pytest

from ringfence.model.acting import ActError
from ringfence.sources.ami_actions import MAX_ANSWERS, AmiActions
from tests.sources.pbx_server import hear, played, stay

END = b"\r\n\r\n"


def ordered(connection: socket.socket) -> tuple[bytes, bytes]:
    """An order, and its number."""
    said = hear(connection, END)
    found = re.search(rb"ActionID: (\w+)", said)
    assert found
    return said, found[1]


def let_in(connection: socket.socket) -> bytes:
    connection.sendall(b"Asterisk Call Manager/11.0.0\r\n")
    _, number = ordered(connection)
    connection.sendall(b"Response: Success\r\nActionID: " + number + b"\r\nChallenge: 12345" + END)
    said, number = ordered(connection)
    connection.sendall(b"Response: Success\r\nActionID: " + number + END)
    return said


def script(*answers: Callable[[bytes], bytes]) -> Callable[[socket.socket], None]:
    """Lets in, then answers each order."""

    def run(connection: socket.socket) -> None:
        let_in(connection)
        for answer in answers:
            connection.sendall(answer(ordered(connection)[1]))
        stay(connection)

    return run


def channels(number: bytes) -> bytes:
    tag = b"\r\nActionID: " + number
    return b"".join([
        b"Event: FullyBooted\r\nStatus: x" + END,
        b"Response: Success" + tag + b"\r\nEventList: start" + END,
        b"Event: CoreShowChannel" + tag + b"\r\nChannel: PJSIP/101-00000001\r\nCallerIDName: a"
        b"\r\nEventList: Complete\r\nChannel: PJSIP/999-00000009" + END,
        b"Event: CoreShowChannel" + tag + b"\r\nChannel: PJSIP/102-00000002" + END,
        b"Event: CoreShowChannel\r\nActionID: 0000\r\nChannel: PJSIP/103-00000003" + END,
        b"Event: CoreShowChannelsComplete" + tag + b"\r\nEventList: Complete" + END,
    ])  # fmt: skip


def test_a_list_comes_whole_and_a_name_with_line_breaks_ends_nothing() -> None:
    with played(script(channels)) as server:
        ami = AmiActions("127.0.0.1", "ringfence", "s3cret", server.port)
        answers = ami.act("CoreShowChannels")
        ami.close()
    assert answers[0]["Response"] == "Success"
    assert [row["Channel"] for row in answers[1:]] == ["PJSIP/101-00000001", "PJSIP/102-00000002"]


def test_the_secret_never_crosses_the_wire() -> None:
    said = []

    def run(connection: socket.socket) -> None:
        said.append(let_in(connection))
        _, number = ordered(connection)
        connection.sendall(b"Response: Success\r\nActionID: " + number + END)
        stay(connection)

    with played(run) as server:
        ami = AmiActions("127.0.0.1", "ringfence", "s3cret", server.port)
        assert ami.act("Hangup", Channel="PJSIP/101-00000001")[0]["Response"] == "Success"
        ami.close()
    key = hashlib.md5(b"12345s3cret", usedforsecurity=False).hexdigest().encode()
    assert b"Key: " + key in said[0]
    assert b"s3cret" not in said[0]


def test_a_refused_login_says_which_setting() -> None:
    def run(connection: socket.socket) -> None:
        for _ in range(2):
            _, number = ordered(connection)
            connection.sendall(b"Response: Error\r\nActionID: " + number + END)
        stay(connection)

    with played(run) as server:
        ami = AmiActions("127.0.0.1", "ringfence", "s3cret", server.port)
        with pytest.raises(ActError, match="write = call,reporting,system") as error:
            ami.act("CoreShowChannels")
    assert "s3cret" not in str(error.value)


def test_a_connection_that_ends_is_made_again_with_the_next_order() -> None:
    def ended(connection: socket.socket) -> None:
        let_in(connection)
        ordered(connection)

    with played(ended, script(channels)) as server:
        ami = AmiActions("127.0.0.1", "ringfence", "s3cret", server.port)
        with pytest.raises(ActError, match="closed the connection"):
            ami.act("CoreShowChannels")
        assert len(ami.act("CoreShowChannels")) == 3
        ami.close()


def test_who_talks_of_other_things_is_not_waited_for() -> None:
    now = [0.0]

    def chatter(_: bytes) -> bytes:
        now[0] = 100.0
        return b"Event: PeerStatus" + END

    with played(script(chatter)) as server:
        ami = AmiActions("127.0.0.1", "ringfence", "s3cret", server.port, lambda: now[0])
        with pytest.raises(ActError, match="no answer within 10 s"):
            ami.act("Ping")


def test_a_list_without_end_is_left() -> None:
    def endless(number: bytes) -> bytes:
        tag = b"\r\nActionID: " + number + END
        return (
            b"Response: Success\r\nEventList: start" + tag + (b"Event: X" + tag) * (MAX_ANSWERS + 5)
        )

    with played(script(endless)) as server:
        ami = AmiActions("127.0.0.1", "ringfence", "s3cret", server.port)
        with pytest.raises(ActError, match="a list of more than 5,000"):
            ami.act("CoreShowChannels")


def test_nobody_there_is_said() -> None:
    with pytest.raises(ActError, match=r"AMI at 127\.0\.0\.1, port 1: .*refused"):
        AmiActions("127.0.0.1", "ringfence", "s3cret", 1).act("Ping")


def test_an_order_is_one_line_each() -> None:
    with played(script()) as server:
        ami = AmiActions("127.0.0.1", "ringfence", "s3cret", server.port)
        with pytest.raises(ActError, match="more than one line"):
            ami.act("Hangup", Channel="x\r\nAction: Command\r\nCommand: core stop now")
    with pytest.raises(ValueError, match="visible ASCII"):
        AmiActions("127.0.0.1", "a\r\nb", "s3cret")
