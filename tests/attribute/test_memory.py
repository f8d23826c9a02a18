"""What was asked before is remembered by network."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from ringfence.attribute.memory import LASTS, MAX_NETWORKS, Memory, position_of, stamp
from ringfence.attribute.special import IP
from ringfence.model.responsible import Network, Responsible
from ringfence.store.lookups import LookupStore
from ringfence.store.opening import Database
from tests.attribute.scene import FakeTime


def known(first: str, last: str, holder: str = "Example") -> Responsible:
    """An answer about a network."""
    network = Network(first, last, (), holder, None, None, None, "ripe")
    return Responsible(first, "found", holder, network)


def address(text: str) -> IP:
    return ip_address(text)


@pytest.fixture
def store(tmp_path: Path) -> LookupStore:
    return LookupStore(Database(str(tmp_path / "cases.db")))


def test_positions_sort_like_addresses() -> None:
    texts = ["0.0.0.0", "9.0.0.0", "10.0.0.0", "203.0.113.5", "::", "2001:db8::9", "2001:db8::10"]  # noqa: S104
    positions = [position_of(address(text)) for text in texts]
    assert positions == sorted(positions)


def test_answer_holds_for_the_whole_network_and_no_further() -> None:
    memory = Memory(FakeTime().clock)
    memory.keep(known("203.0.113.0", "203.0.113.255"), address("203.0.113.5"), lasting=True)
    assert memory.find(address("203.0.113.255")) is not None
    assert memory.find(address("203.0.114.0")) is None
    assert memory.find(address("2001:db8::1")) is None


def test_narrowest_network_wins(store: LookupStore) -> None:
    fake = FakeTime()
    for memory in (Memory(fake.clock, store), Memory(fake.clock, store)):
        memory.keep(
            known("203.0.112.0", "203.0.119.255", "wide"), address("203.0.112.1"), lasting=True
        )
        memory.keep(
            known("203.0.113.0", "203.0.113.63", "narrow"), address("203.0.113.1"), lasting=True
        )
        memory.keep(
            known("203.0.113.0", "203.0.113.255", "middle"), address("203.0.113.99"), lasting=True
        )
        for one in (memory, Memory(fake.clock, store)):
            found = [one.find(address(f"203.0.113.{n}")) for n in (5, 77)]
            assert [f and f.says for f in found] == ["narrow", "middle"]


def test_answer_without_a_network_holds_for_the_address_alone() -> None:
    memory = Memory(FakeTime().clock)
    memory.keep(
        Responsible("203.0.113.5", "unreachable", ""), address("203.0.113.5"), lasting=False
    )
    assert memory.find(address("203.0.113.5")) is not None
    assert memory.find(address("203.0.113.6")) is None


def test_store_outlives_the_run_until_it_expires(store: LookupStore) -> None:
    fake = FakeTime()
    Memory(fake.clock, store).keep(
        known("203.0.113.0", "203.0.113.255"), address("203.0.113.5"), lasting=True
    )
    assert Memory(fake.clock, store).find(address("203.0.113.9")) == known(
        "203.0.113.0", "203.0.113.255"
    )
    assert Memory(fake.clock, store).find(address("203.0.113.9"), of_this_run=True) is None
    fake.at += LASTS + timedelta(seconds=1)
    assert Memory(fake.clock, store).find(address("203.0.113.9")) is None


def test_incomplete_answer_does_not_outlive_the_run(store: LookupStore) -> None:
    fake = FakeTime()
    memory = Memory(fake.clock, store)
    memory.keep(known("203.0.113.0", "203.0.113.255"), address("203.0.113.5"), lasting=False)
    assert memory.find(address("203.0.113.9")) is not None
    assert Memory(fake.clock, store).find(address("203.0.113.9")) is None


def test_answer_of_another_version_is_asked_again(store: LookupStore) -> None:
    fake = FakeTime()
    first, last = position_of(address("203.0.113.0")), position_of(address("203.0.113.255"))
    store.keep(first, last, stamp(fake.at), stamp(fake.at + LASTS), b'{"other": 1}')
    assert Memory(fake.clock, store).find(address("203.0.113.9")) is None


def test_pause_outlives_the_run(store: LookupStore) -> None:
    fake = FakeTime()
    Memory(fake.clock, store).pause("rdap.example", 300)
    assert Memory(fake.clock, store).paused_s("rdap.example") == 300
    assert Memory(fake.clock, store).paused_s("other.example") == 0
    fake.later(301)
    assert Memory(fake.clock, store).paused_s("rdap.example") == 0


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_NETWORKS >= 1000
    monkeypatch.setattr("ringfence.attribute.memory.MAX_NETWORKS", 3)
    memory = Memory(FakeTime().clock)
    for n in range(5):
        one = address(f"203.0.113.{n}")
        memory.keep(known(str(one), str(one)), one, lasting=False)
    found = [memory.find(address(f"203.0.113.{n}")) is not None for n in range(5)]
    assert found == [False, False, True, True, True]
