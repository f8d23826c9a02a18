"""Answers of registries in the store, and their pauses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.store.lookups import LookupStore
from ringfence.store.opening import Database

NOW, LATER, LONG_AFTER = "2026-11-26T12:00:00Z", "2026-11-27T12:00:00Z", "2026-12-26T12:00:00Z"


def at(text: str) -> str:
    """A position: 4, then the number of the address."""
    return f"4{int(text, 16):032x}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LookupStore]:
    where = str(tmp_path / "cases.db")
    if request.param == "postgresql":
        where = request.getfixturevalue("server")
    database = Database(where)
    with database.writing() as connection:
        for table in ("lookups", "pauses"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608  our own names
    yield LookupStore(database)
    database.close()


def test_answer_is_found_by_any_address_of_its_network(store: LookupStore) -> None:
    store.keep(at("cb007100"), at("cb0071ff"), NOW, LATER, b"net")
    for position, wanted in (("cb007100", [b"net"]), ("cb0071ff", [b"net"]), ("cb007200", [])):
        assert store.find(at(position), NOW) == wanted


def test_narrowest_answer_comes_first(store: LookupStore) -> None:
    store.keep(at("cb007000"), at("cb0077ff"), NOW, LATER, b"wide")
    store.keep(at("cb007100"), at("cb00713f"), NOW, LATER, b"narrow")
    store.keep(at("cb007100"), at("cb0071ff"), NOW, LATER, b"middle")
    assert store.find(at("cb007105"), NOW) == [b"narrow", b"middle", b"wide"]


def test_answer_expires_and_is_replaced(store: LookupStore) -> None:
    store.keep(at("cb007100"), at("cb0071ff"), NOW, LATER, b"old")
    store.keep(at("cb007100"), at("cb0071ff"), NOW, LONG_AFTER, b"new")
    assert store.find(at("cb007105"), LATER) == [b"new"]
    assert store.find(at("cb007105"), LONG_AFTER) == []


def test_number_of_answers_is_bounded(store: LookupStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ringfence.store.lookups.MAX_LOOKUPS", 3)
    for n in range(6):
        store.keep(at(f"cb00710{n}"), at(f"cb00710{n}"), NOW, f"2026-11-27T12:00:0{n}Z", b"x")
    assert [bool(store.find(at(f"cb00710{n}"), NOW)) for n in range(6)] == [False] * 3 + [True] * 3


def test_pause_is_kept_and_replaced(store: LookupStore) -> None:
    assert store.paused_until("rdap.example") is None
    store.pause("rdap.example", NOW)
    store.pause("rdap.example", LATER)
    assert store.paused_until("rdap.example") == LATER
