"""Ports and destinations of the accused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringfence.search import streams as module
from ringfence.search.streams import streams_of
from tests.search.incidents import ATTACKER, PBX, PHONE, answers, asks, at, tables

if TYPE_CHECKING:
    import pytest

OTHER = "203.0.113.8"


def test_messages_of_a_source_are_counted_by_destination() -> None:
    packets = [asks(n, "REGISTER", f"c{n}") for n in range(5)] + [answers(5, 401, "REGISTER", "c4")]
    (one,) = streams_of(tables(*packets), [ATTACKER])
    assert (one.address, one.transport, one.ports) == (ATTACKER, "udp", (5071,))
    assert (one.destination, one.destination_port, one.messages) == (PBX, 5060, 5)
    assert (one.first_seen, one.last_seen) == (at(0), at(4))


def test_users_are_in_no_stream() -> None:
    packets = [asks(0, "REGISTER", "a", source=PHONE), asks(1, "REGISTER", "b")]
    assert [s.address for s in streams_of(tables(*packets), [ATTACKER])] == [ATTACKER]
    assert streams_of(tables(*packets), []) == ()


def test_the_busiest_port_comes_first() -> None:
    packets = [
        asks(n, "REGISTER", f"c{n}").replace("udp 5071", f"udp {port}")
        for n, port in enumerate((6000, 6001, 6001, 6002))
    ]
    (one,) = streams_of(tables(*packets), [ATTACKER])
    assert one.ports[0] == 6001
    assert sorted(one.ports) == [6000, 6001, 6002]


def test_a_port_for_each_try_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PORTS", 20)
    packets = [
        asks(n, "REGISTER", f"c{n}").replace("udp 5071", f"udp {6000 + n}") for n in range(50)
    ]
    (one,) = streams_of(tables(*packets), [ATTACKER])
    assert (one.messages, len(one.ports)) == (50, 16)


def test_streams_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_STREAMS", 1)
    packets = [asks(0, "REGISTER", "a"), asks(1, "REGISTER", "b", source=OTHER)]
    assert [s.address for s in streams_of(tables(*packets), [ATTACKER, OTHER])] == [ATTACKER]
