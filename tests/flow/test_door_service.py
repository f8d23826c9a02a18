"""Both processes: the front has no rights and no secret, the keeper believes it nothing."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import threading
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest

from ringfence.flow.door import Doors
from ringfence.flow.door_folder import DoorFolder
from ringfence.flow.door_service import Service, answer_to, asking, listen, tls_of
from ringfence.flow.privileges import held
from ringfence.model.door import Answer, DoorError
from tests.mail_server import certificate_of

HOME = "198.51.100.7"


class Table:
    def __init__(self) -> None:
        self.ends: dict[str, float] = {}

    def set(self, ends: Mapping[str, float], now: float) -> None:
        self.ends |= {address: until for address, until in ends.items() if until > now}


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def doors(tmp_path: Path, table: Table) -> Doors:
    return Doors(DoorFolder(tmp_path / "door"), table)


def test_a_link_from_a_browser_to_the_firewall_and_nobody_has_rights(
    tmp_path: Path, doors: Doors, table: Table
) -> None:
    certificate = certificate_of(tmp_path)
    link = doors.invite("Anna", "201", 7200, 1, 3600, "https://localhost")
    path = "/" + link.split("/", 3)[3]
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    tls = tls_of(certificate.chain, certificate.chain)
    context = ssl.create_default_context(cafile=str(certificate.root))

    def say(method: str) -> bytes:
        with (
            socket.create_connection(("127.0.0.1", port), 5) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secured,
        ):
            head = f"{method} {path} HTTP/1.1\r\nX-Forwarded-For: {HOME}\r\nContent-Length: 0\r\n"
            secured.sendall(f"{head}\r\n".encode())
            return secured.recv(65536)

    with Service(listening, doors, tls, ip_address("127.0.0.1")) as service:
        running = threading.Thread(target=service.run)
        running.start()
        try:
            status = Path(f"/proc/{service.pid}/status").read_text()
            assert set(held(str(service.pid)).values()) == {0}
            assert "NoNewPrivs:\t1" in status
            if os.geteuid() == 0:
                assert "Uid:\t65534\t65534\t65534\t65534" in status
                assert "Groups:\t \n" in status or "Groups:\t\n" in status
            assert say("GET").startswith(b"HTTP/1.1 200")
            assert table.ends == {}
            assert say("POST").startswith(b"HTTP/1.1 200")
            assert list(table.ends) == [HOME]
            assert say("POST").startswith(b"HTTP/1.1 404")
        finally:
            os.kill(service.pid, signal.SIGKILL)
            running.join(10)  # who keeps does not outlive who serves
        assert not running.is_alive()


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"{}", b"null", b"\xff" * 2000, b'{"word":"look"}',
        b'{"word":"close","token":"x","address":"198.51.100.7"}',
        b'{"word":"open","token":"x","address":"0.0.0.0/0"}',
        b'{"word":"open","token":"x","address":"10.0.0.1"}',
        b'{"word":"open","token":1,"address":"198.51.100.7"}',
        b'{"word":"open","token":"x","address":"198.51.100.7","seconds":9}',
    ],
)  # fmt: skip
def test_a_front_that_was_taken_over_gets_nothing_by_asking(
    doors: Doors, table: Table, octets: bytes
) -> None:
    assert answer_to(octets, doors) == b"null"
    assert table.ends == {}


def test_a_front_that_was_taken_over_has_to_guess_like_anybody(doors: Doors, table: Table) -> None:
    question = {"word": "open", "token": "x" * 71, "address": HOME}
    answer = msgspec.json.decode(answer_to(msgspec.json.encode(question), doors), type=Answer)
    assert answer.why
    assert table.ends == {}


def test_a_keeper_that_refuses_or_babbles_is_an_error_to_the_front() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ask = asking(ours)
        for said in (b"null", b"{", b"[]"):
            theirs.send(said)
            with pytest.raises(DoorError):
                ask("look", "x", HOME)


def test_a_front_that_may_not_serve_says_why(doors: Doors) -> None:
    with pytest.raises(DoorError, match="loopback only"):
        Service(listen("127.0.0.1", 0), doors, None, None)


@pytest.mark.parametrize(("host", "port"), [("x", 1), ("", 1), ("127.0.0.1", 65536), ("::1", -1)])
def test_it_listens_at_an_address(host: str, port: int) -> None:
    with pytest.raises(DoorError, match="listen at"):
        listen(host, port)


def test_a_port_that_is_taken_is_said() -> None:
    with listen("127.0.0.1", 0) as first, pytest.raises(DoorError, match="in use"):
        listen("127.0.0.1", first.getsockname()[1])


def test_a_certificate_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(DoorError, match="No such file"):
        tls_of(tmp_path / "a", tmp_path / "b")
    (tmp_path / "a").write_text("x")
    with pytest.raises(DoorError):
        tls_of(tmp_path / "a", tmp_path / "a")
