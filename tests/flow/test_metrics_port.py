"""The port for metrics: asked as Prometheus does, and as somebody with bad manners."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from ringfence.flow import metrics_port
from ringfence.flow.metrics_port import MAX_CONNECTIONS, MetricsPort


class Guard:
    """What is told."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def text(self) -> str:
        return "ringfence_blocks 2\n"

    def health(self) -> list[str]:
        return self.wrong


@pytest.fixture
def guard() -> Guard:
    return Guard()


@pytest.fixture
def port(guard: Guard) -> Iterator[int]:
    with MetricsPort(guard.text, guard.health, 0) as served:
        yield served.port


def ask(port: int, octets: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(octets)
        return b"".join(iter(lambda: connection.recv(9000), b""))


def get(port: int, path: str = "/metrics", host: str = "127.0.0.1", method: str = "GET") -> bytes:
    return ask(port, f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())


def test_metrics_are_told(port: int) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/metrics?x=1", timeout=10) as answer:
        assert answer.read() == b"ringfence_blocks 2\n"
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_health_says_what_is_wrong(guard: Guard, port: int) -> None:
    assert get(port, "/health").endswith(b"\r\n\r\nok\n")
    guard.wrong = ["asterisk.security: silent since 14:02"]
    answer = get(port, "/health")
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert answer.endswith(b"\r\n\r\nasterisk.security: silent since 14:02\n")


@pytest.mark.parametrize("host", ["localhost:9", "127.0.0.1:9", "[::1]:9", "LOCALHOST"])
def test_this_machine_may_be_named_in_many_ways(port: int, host: str) -> None:
    assert get(port, host=host).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9", "192.0.2.1", "[::]", ""])
def test_web_page_that_gives_its_name_our_address_reads_nothing(port: int, host: str) -> None:
    answer = get(port, host=host)
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"ringfence_blocks" not in answer


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"POST /metrics HTTP/1.1\r\n\r\n", b"405"),
        (b"GET / HTTP/1.1\r\n\r\n", b"404"),
        (b"GET /../../etc/passwd HTTP/1.1\r\n\r\n", b"404"),
        (b"GET /metrics\r\n\r\n", b"400"),
        (b"\xff\x00\r\n\r\n", b"400"),
        (b"HEAD /metrics HTTP/1.1\r\n\r\n", b"200"),
    ],
)
def test_odd_requests_get_an_answer(port: int, octets: bytes, status: bytes) -> None:
    answer = ask(port, octets)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b"ringfence_blocks" not in answer


def test_head_without_end_is_cut(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        try:
            connection.sendall(b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 20_000)
            assert connection.recv(9000) == b""
        except ConnectionError:
            pass
    assert get(port).startswith(b"HTTP/1.1 200 ")


def test_who_says_nothing_is_cut_and_holds_up_nobody(
    guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics_port, "TIMEOUT_S", 0.2)
    with MetricsPort(guard.text, guard.health, 0) as served:
        silent = socket.create_connection(("127.0.0.1", served.port), 10)
        assert get(served.port).startswith(b"HTTP/1.1 200 ")
        assert silent.recv(1) == b""
        silent.close()


def test_connections_are_bounded_and_free_again(port: int) -> None:
    silent = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(MAX_CONNECTIONS)]
    with socket.create_connection(("127.0.0.1", port), 10) as refused:
        assert refused.recv(1) == b""
    for connection in silent:
        connection.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
        assert connection.recv(9).startswith(b"HTTP/1.1")
        connection.close()
    assert get(port).startswith(b"HTTP/1.1 200 ")


def test_guard_that_goes_down_meanwhile_is_an_error_of_one_word(guard: Guard) -> None:
    def broken() -> str:
        raise RuntimeError("/secret/path")

    with MetricsPort(broken, guard.health, 0) as served:
        answer = get(served.port)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert answer.endswith(b"\r\n\r\nRuntimeError\n")


def test_stop_cuts_who_waits(guard: Guard) -> None:
    served = MetricsPort(guard.text, guard.health, 0)
    with socket.create_connection(("127.0.0.1", served.port), 10) as silent:
        assert get(served.port).startswith(b"HTTP/1.1 200 ")
        silent.sendall(b"GET")
        served.stop()
        assert silent.recv(1) == b""
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", served.port), 10)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104  refused
def test_others_cannot_reach_it(guard: Guard, host: str) -> None:
    with pytest.raises(ValueError, match="on this machine only"):
        MetricsPort(guard.text, guard.health, 0, host)


def test_port_that_is_taken_is_told(guard: Guard, port: int) -> None:
    with pytest.raises(OSError, match="in use"):
        MetricsPort(guard.text, guard.health, port)
