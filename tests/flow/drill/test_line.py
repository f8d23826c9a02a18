"""What a drill sends is counted, paced and told, whatever comes back."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from ringfence.flow.drill.line import (
    ANSWER,
    MAX_PACKETS,
    OPEN,
    REFUSED,
    SILENCE,
    Line,
    SpentError,
    is_own,
)
from ringfence.model.drill import Sent

HERE = "127.0.0.1"


def said(_address: str, _port: int) -> bytes:
    return b"hello"


@contextmanager
def echo() -> Iterator[int]:
    """A port that answers each datagram, until it hears `end`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind((HERE, 0))

        def serve() -> None:
            while (heard := opened.recvfrom(100))[0] != b"end":
                opened.sendto(heard[0], heard[1])

        thread = Thread(target=serve)
        thread.start()
        yield opened.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"end", opened.getsockname())
        thread.join()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def line(waits: list[float]) -> Line:
    return Line(wait=waits.append)


def test_answer_silence_and_refusal_are_told_apart(line: Line) -> None:
    with echo() as port:
        assert line.ask(HERE, port, said, "hello").kind == ANSWER
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind((HERE, 0))
        port = mute.getsockname()[1]
        assert line.ask(HERE, port, said, "hello", wait_s=0.05).kind == SILENCE
    assert line.ask(HERE, port, said, "hello").kind == REFUSED
    assert line.packets == 3


def test_each_packet_is_told_with_where_it_went() -> None:
    told: list[Sent] = []
    with echo() as port:
        Line(tell=told.append).ask(HERE, port, said, "hello")
    (one,) = told
    assert (one.what, one.address, one.port, one.transport, one.packets) == (
        "hello", HERE, port, "UDP", 1,
    )  # fmt: skip


def test_connections_count_as_what_they_are(line: Line) -> None:
    with socket.create_server((HERE, 0)) as there:
        port = there.getsockname()[1]
        assert line.reach(HERE, port, "connection").kind == OPEN
        assert line.packets == 3
        assert line.reach(HERE, port, "hello", said).kind == OPEN
        assert line.packets == 8
    assert line.reach(HERE, port, "connection").kind == REFUSED
    assert line.packets == 9


def test_packets_are_two_a_second_and_ten_in_the_burst(line: Line, waits: list[float]) -> None:
    with echo() as port:
        for burst in (False, False, True, True):
            line.ask(HERE, port, said, "hello", burst=burst)
    assert waits == [pytest.approx(0.5, abs=0.1)] * 2 + [pytest.approx(0.1, abs=0.09)]


def test_no_more_is_sent_than_a_drill_may(line: Line) -> None:
    with echo() as port:
        for _ in range(MAX_PACKETS):
            line.ask(HERE, port, said, "hello")
        with pytest.raises(SpentError):
            line.ask(HERE, port, said, "hello")
        with pytest.raises(SpentError):
            line.reach(HERE, port, "connection")
    assert line.packets == len(line.sent) == MAX_PACKETS


def test_source_is_the_one_that_is_asked_for() -> None:
    heard: list[str] = []

    def note(address: str, _: int) -> bytes:
        heard.append(address)
        return b"hello"

    with echo() as port:
        Line("127.0.0.2").ask(HERE, port, note, "hello")
    assert heard == ["127.0.0.2"]


def test_address_of_nobody_here_is_an_error_and_sends_nothing() -> None:
    line = Line("192.0.2.55")
    with pytest.raises(OSError, match="assign"):
        line.ask(HERE, 9, said, "hello")
    assert line.sent == []


def test_own_addresses_are_known_without_a_packet() -> None:
    assert is_own("127.0.0.1")
    assert not is_own("192.0.2.55")
