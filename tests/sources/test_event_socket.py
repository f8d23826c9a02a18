"""A connection that is kept up, whatever the other side does."""

from __future__ import annotations

import socket

from ringfence.model.event import REFUSED, Event
from ringfence.model.heard import Heard
from ringfence.sources.event_socket import LONGEST_PAUSE_S, EventSocket, LoginError
from ringfence.wire.errors import WireError
from tests.sources.pbx_server import Script, played, stay


class Clock:
    """Seconds that pass when the test says so."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Letters(EventSocket):
    """A protocol of single letters: e is an event, l a refused login, w nonsense."""

    name = "letters"
    silence_s = 10.0
    pings = 0

    @property
    def heard(self) -> Heard:
        return Heard("letters")

    def started(self) -> None:
        self.send(b"hello")

    def take(self, octets: bytes) -> list[Event]:
        if b"l" in octets:
            raise LoginError("wrong password")
        if b"w" in octets:
            raise WireError("nonsense", offset=0)
        return [Event(REFUSED, "letters", "203.0.113.66")] * octets.count(b"e")

    def ping(self) -> None:
        self.pings += 1


def say(octets: bytes) -> Script:
    def script(connection: socket.socket) -> None:
        connection.recv(5)
        connection.sendall(octets)
        stay(connection)

    return script


def closes(connection: socket.socket) -> None:
    connection.recv(5)


def test_events_come_through() -> None:
    with played(say(b"ee")) as server:
        letters = Letters("127.0.0.1", server.port, Clock())
        assert len(_read(letters)) == 2
        assert letters.trouble == ""
        letters.close()


def test_nobody_listens() -> None:
    with played() as server:
        port = server.port
    clock = Clock()
    letters = Letters("127.0.0.1", port, clock)
    assert letters.read(0.01) == []
    assert "letters at 127.0.0.1" in letters.trouble
    assert letters.connections == 0


def test_a_closed_connection_is_made_again_after_a_pause_that_grows() -> None:
    with played(closes, closes, say(b"e")) as server:
        clock = Clock()
        letters = Letters("127.0.0.1", server.port, clock)
        _read_until_trouble(letters)
        assert letters.read(0.0) == []
        assert letters.connections == 1  # too early
        clock.now += 1.0
        _read_until_trouble(letters)
        clock.now += 1.0
        letters.read(0.0)
        assert letters.connections == 2  # the pause has doubled
        clock.now += 1.0
        assert len(_read(letters)) == 1
        assert letters.connections == 3
        letters.close()


def test_a_refused_login_is_not_tried_again_at_once() -> None:
    """Else we are the guesser in the phone system's log."""
    with played(say(b"l"), say(b"e")) as server:
        clock = Clock()
        letters = Letters("127.0.0.1", server.port, clock)
        _read_until_trouble(letters)
        assert "wrong password" in letters.trouble
        clock.now += LONGEST_PAUSE_S - 1
        letters.read(0.0)
        assert letters.connections == 1
        clock.now += 1
        assert len(_read(letters)) == 1
        letters.close()


def test_nonsense_ends_the_connection() -> None:
    with played(say(b"w")) as server:
        letters = Letters("127.0.0.1", server.port, Clock())
        _read_until_trouble(letters)
        assert "nonsense" in letters.trouble


def test_silence_is_asked_about_and_then_a_dead_connection() -> None:
    with played(say(b"")) as server:
        clock = Clock()
        letters = Letters("127.0.0.1", server.port, clock)
        letters.read(0.01)
        clock.now += 6
        letters.read(0.0)
        assert letters.pings == 1
        assert letters.trouble == ""
        clock.now += 6
        letters.read(0.0)
        assert "silent for 12 s" in letters.trouble


def _read(letters: EventSocket) -> list[Event]:
    for _ in range(500):
        if events := letters.read(0.01):
            return events
    return []


def _read_until_trouble(letters: EventSocket) -> None:
    for _ in range(500):
        letters.read(0.01)
        if letters.trouble:
            return
