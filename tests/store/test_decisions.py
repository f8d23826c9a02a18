"""The journal of decisions: kept, found again, and within its bound whatever a flood makes up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ringfence.model.decision import ALARM, BLOCK, LIMIT, NARROW, RELEASE
from ringfence.model.noted import Noted
from ringfence.store import decisions as module
from ringfence.store.decisions import DecisionStore
from ringfence.store.opening import Database
from ringfence.store.schema import DECISIONS

AT, LATER = "2026-11-26T12:00:00Z", "2026-11-26T12:59:59Z"
BLOCKED = Noted(
    AT, BLOCK, "203.0.113.66", "pbx", True, 3600, "guessing", ("scan", "enumeration"), 61.5,
    "nonce", (), "", "hand-1", "", 120, 6,
)  # fmt: skip
LIMITED = Noted(AT, LIMIT, "203.0.113.7", "pbx", False, 60, "fails fast")


@pytest.fixture
def store(database: Database) -> DecisionStore:
    return DecisionStore(database)


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """For bounds, which are the same everywhere."""
    database = Database(str(tmp_path / "flood.db"))
    yield database
    database.close()


def all_of(store: DecisionStore) -> list[Noted]:
    return store.since("", "pbx")


def rows(database: Database) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(DECISIONS)) or 0


def test_decision_comes_back_with_all_that_was_known(store: DecisionStore) -> None:
    narrow = replace(BLOCKED, action=NARROW, ports=(5060, 40_000), role="peer", enforced=False)
    alarm = replace(BLOCKED, action=ALARM, account="200", at=LATER, reason="ü")
    store.add([alarm, BLOCKED])
    store.add([narrow])
    assert all_of(store) == [BLOCKED, narrow, alarm]
    assert store.since(LATER, "pbx") == [alarm]
    assert store.since("", "other") == []
    store.add([])


def test_forged_address_is_one_row_an_hour(store: DecisionStore) -> None:
    store.add([LIMITED, replace(LIMITED, at=LATER, messages=9)])
    store.add([replace(LIMITED, at="2026-11-26T12:30:00Z")])
    store.add([replace(LIMITED, at="2026-11-26T13:00:00Z"), replace(LIMITED, enforced=True)])
    first, done, next_hour = all_of(store)
    assert (first.times, first.at, first.until, first.messages) == (3, AT, LATER, 9)
    assert (done.times, done.enforced) == (1, True)
    assert next_hour.at == "2026-11-26T13:00:00Z"


def test_flood_of_forged_addresses_is_a_few_rows_an_hour(sqlite: Database) -> None:
    store = DecisionStore(sqlite)
    for begin in range(0, 20_000, 5_000):
        store.add(
            replace(LIMITED, address=f"2001:db8::{n:x}", at=AT if n % 2 else LATER)
            for n in range(begin, begin + 5_000)
        )
    assert rows(sqlite) == module.MAX_UNPROVEN_AN_HOUR + 1
    (many,) = (one for one in all_of(store) if not one.address)
    assert many.times == 20_000 - module.MAX_UNPROVEN_AN_HOUR
    assert (many.at, many.until, many.kinds, many.ports) == (AT, LATER, (), ())
    again = DecisionStore(sqlite)  # after a restart of the guard the bound is the same
    again.add([replace(LIMITED, address="203.0.113.8"), LIMITED])
    assert rows(sqlite) == module.MAX_UNPROVEN_AN_HOUR + 1


def test_forged_tool_and_alarm_are_bounded_as_well(sqlite: Database) -> None:
    store = DecisionStore(sqlite)
    store.add(
        replace(LIMITED, address=f"2001:db8::{n:x}", action=action)
        for n in range(1000)
        for action in (BLOCK, ALARM)
    )
    assert rows(sqlite) == 2 * module.MAX_UNPROVEN_AN_HOUR + 2


def test_who_owns_a_whole_network_fills_a_day_and_no_more(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_A_DAY", 50)
    store = DecisionStore(sqlite)
    proven = [replace(BLOCKED, address=f"2001:db8::{n:x}") for n in range(200)]
    store.add(proven[:100])
    DecisionStore(sqlite).add(proven[100:])
    assert rows(sqlite) == 51
    # A release tells of a mistake: it is kept though the day is full.
    released = replace(BLOCKED, action=RELEASE, address="198.51.100.9")
    store.add([released])
    assert all_of(store)[-1] == released
    store.add([replace(BLOCKED, at="2026-11-27T00:00:00Z")])
    assert rows(sqlite) == 53


def test_old_rows_go_by_age_and_by_number(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_A_LOOK", 1)
    store = DecisionStore(sqlite)
    store.add(
        [replace(BLOCKED, at="2026-08-01T00:00:00Z"), replace(BLOCKED, at="2026-09-01T00:00:00Z")]
    )
    store.add([BLOCKED])
    assert [one.at[:10] for one in all_of(store)] == ["2026-09-01", "2026-11-26"]
    monkeypatch.setattr(module, "MAX_ROWS", 10)
    store.add(replace(BLOCKED, messages=n) for n in range(30))
    assert [one.messages for one in all_of(store)] == list(range(20, 30))


def test_texts_of_a_row_are_bounded(store: DecisionStore) -> None:
    store.add(
        [replace(BLOCKED, reason="x" * 9999, account="x" * 9999, campaign="x" * 9999,
                 kinds=("kind",) * 999, ports=tuple(range(1, 999)))]
    )  # fmt: skip
    (one,) = all_of(store)
    assert [len(text) for text in (one.reason, one.account, one.campaign)] == [400, 64, 64]
    assert (len(one.kinds), len(one.ports)) == (16, 64)


def test_transaction_that_failed_has_used_no_room(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_A_DAY", 2)
    store = DecisionStore(sqlite)

    def wrong() -> Iterator[Noted]:
        yield BLOCKED
        yield BLOCKED
        raise OSError("the disk went away")

    with pytest.raises(Exception, match="the disk went away"):
        store.add(wrong())
    assert rows(sqlite) == 0
    store.add([BLOCKED, BLOCKED])
    assert rows(sqlite) == 2
    assert all(one.address for one in all_of(store))
