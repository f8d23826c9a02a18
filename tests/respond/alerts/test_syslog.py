"""Alarms at log servers: real sockets on loopback, one line whatever is in it."""

from __future__ import annotations

import re
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ringfence.model.alarm import BREAK_IN, WARNING, AlertError
from ringfence.respond.alerts.syslog import MAX_OCTETS, LogPlace, log_place, send_syslog

NOW = datetime(2026, 11, 6, 14, 2, 11, 345_678, tzinfo=UTC)


def send(place: LogPlace, text: str = "Who: 203.0.113.7\nGot in: no", host: str = "pbx") -> None:
    send_syslog(place, "Attack: scan", text, BREAK_IN, NOW, host, 42)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("/dev/log", LogPlace("local", "/dev/log")),
        ("udp://192.0.2.5", LogPlace("udp", "192.0.2.5", 514)),
        ("udp://192.0.2.5:5514/", LogPlace("udp", "192.0.2.5", 5514)),
        ("tcp://log.office.example", LogPlace("tcp", "log.office.example", 601)),
        ("udp://[2001:db8::5]:514", LogPlace("udp", "2001:db8::5", 514)),
    ],
)
def test_place_is_read(text: str, place: LogPlace) -> None:
    assert log_place(text) == place


@pytest.mark.parametrize(
    "text",
    ["", "log.office.example", "http://a.example", "udp://", "udp://a.example/x", "udp://u:p@a.example",
     "udp://a.example:99999", "udp://a b", "udp://a.example?x=1"],
)  # fmt: skip
def test_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  urlsplit has words of its own
        log_place(text)


def test_udp_server_gets_one_message_of_rfc_5424() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        send(LogPlace("udp", "127.0.0.1", server.getsockname()[1]))
        octets = server.recv(9000)
    assert octets == (
        b"<81>1 2026-11-06T14:02:11.345+00:00 pbx ringfence 42 alarm - "
        b"Attack: scan | Who: 203.0.113.7 | Got in: no"
    )


def test_tcp_server_gets_its_octets_counted() -> None:
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                got.extend(iter(lambda: connection.recv(9000), b""))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        send(LogPlace("tcp", "127.0.0.1", server.getsockname()[1]))
        thread.join(10)
    length, _, message = b"".join(got).partition(b" ")
    assert int(length) == len(message)
    assert message.startswith(b"<81>1 2026-11-06T")


def test_log_of_this_machine_gets_what_syslog_3_writes(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(path))
        server.settimeout(10)
        send(log_place(str(path)))
        octets = server.recv(9000)
    assert octets == (
        b"<81>Nov  6 14:02:11 ringfence[42]: Attack: scan | Who: 203.0.113.7 | Got in: no"
    )


def test_text_cannot_begin_a_second_line_or_a_second_message() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        place = LogPlace("udp", "127.0.0.1", server.getsockname()[1])
        send(place, "a\x00b\x1b[2J\u2028c\r<0>1 - - - - - -", host="p\nb x")
        send(place, "ü" * 5000)
        first, second = server.recv(9000), server.recv(9000)
    assert not re.search(rb"[\x00-\x1f\x7f]", first)
    assert b" pbx ringfence" in first
    assert len(second) <= MAX_OCTETS
    assert second.decode().endswith("ü")


def test_log_that_is_not_there_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(AlertError, match=f"log at 127.0.0.1:{port}: Connection refused") as caught:
        send(LogPlace("tcp", "127.0.0.1", port))
    assert caught.value.later
    with pytest.raises(AlertError, match="No such file"):
        send(LogPlace("local", str(tmp_path / "gone")))


def test_severities_are_those_of_syslog() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        place = LogPlace("udp", "127.0.0.1", server.getsockname()[1])
        send_syslog(place, "s", "t", WARNING, NOW, "pbx", 1)
        assert server.recv(999).startswith(b"<84>1 ")
