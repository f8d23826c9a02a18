"""Measures and the allow list: kept, ended once, found by case, by address, by time."""

from __future__ import annotations

from dataclasses import replace

from ringfence.model.decision import BLOCK, NARROW
from ringfence.model.measure import Allowed, Measure
from ringfence.store import measures as module
from ringfence.store.cases import CaseStore
from ringfence.store.measures import MeasureStore
from ringfence.store.opening import Database
from tests.store.cases import AT, LATER, entry, filed, merged

UNTIL = "2026-10-03T09:00:00Z"
ONE = Measure("00000001", BLOCK, "203.0.113.66", "guessing", "anna@pbx", AT, UNTIL, host="pbx")


def test_measure_comes_back_and_ends_with_its_time(database: Database) -> None:
    store = MeasureStore(database)
    narrow = replace(ONE, id="00000002", action=NARROW, ports=(5060, 40000), reason="ü")
    store.add([ONE, narrow])
    assert store.in_force(AT, "pbx") == [ONE, narrow]
    assert store.in_force(UNTIL, "pbx") == []
    assert store.of_address("203.0.113.66") == [ONE, narrow]
    assert store.of_address("203.0.113.6") == []


def test_measure_that_was_undone_is_over_and_told(database: Database) -> None:
    store = MeasureStore(database)
    store.add([ONE])
    store.end([ONE.id, "ffffffff"], LATER, "a user")
    store.end([ONE.id], "2027-01-01T00:00:00Z", "later")
    assert store.in_force(AT, "pbx") == []
    assert store.of_address(ONE.address) == [replace(ONE, ended_at=LATER, ended_why="a user")]


def test_measures_of_a_case_come_along_when_it_is_merged(database: Database) -> None:
    store, case = MeasureStore(database), filed(database)
    other = filed(database, "b")
    mine = replace(ONE, case_id=case.id)
    store.add([mine], case, entry("blocked"))
    store.add([replace(ONE, id="00000009")])
    assert store.of_case(case.id) == [mine]
    merged(database, case, other)
    assert store.of_case(other.id) == [mine]
    store.end([mine.id], LATER, "x", other, entry("ended"))
    assert "blocked" in [e.text for e in CaseStore(database).journal(case.id)]
    assert "ended" in [e.text for e in CaseStore(database).journal(other.id)]


def test_only_the_latest_of_an_address_are_told(database: Database) -> None:
    store = MeasureStore(database)
    many = [replace(ONE, id=f"{n:08x}") for n in range(module.MAX_HISTORY + 5)]
    store.add(many)
    assert store.of_address(ONE.address) == many[5:]


def test_many_end_at_once(database: Database) -> None:
    store = MeasureStore(database)
    many = [replace(ONE, id=f"{n:08x}", address=f"198.18.0.{n & 255}") for n in range(25_000)]
    store.add(many)
    store.end((one.id for one in many), LATER, "all")
    assert store.in_force(AT, "pbx") == []


def test_allow_list_is_as_it_was_said_last(database: Database) -> None:
    store = MeasureStore(database)
    carrier = Allowed("198.51.100.0/24", "carrier", "anna@pbx", AT)
    store.allow(carrier)
    store.allow(Allowed("192.0.2.1", "office", "anna@pbx", LATER))
    again = replace(carrier, why="our carrier")
    store.allow(again)
    assert [one.network for one in store.allowed()] == ["198.51.100.0/24", "192.0.2.1"]
    assert store.allowed()[0] == again
    assert store.disallow("198.51.100.0/24")
    assert not store.disallow("198.51.100.0/24")


def test_nothing_is_kept_as_nothing(database: Database) -> None:
    store = MeasureStore(database)
    store.add([])
    store.end([], LATER, "")
    assert (store.in_force(AT, "pbx"), store.allowed()) == ([], [])


def test_machines_that_share_a_store_have_each_their_own(database: Database) -> None:
    store = MeasureStore(database)
    store.add([ONE, replace(ONE, id="00000002", host="other")])
    assert [one.id for one in store.in_force(AT, "other")] == ["00000002"]
    assert len(store.of_address(ONE.address)) == 2


def test_those_that_are_kept_are_known_in_force_or_over(database: Database) -> None:
    store = MeasureStore(database)
    store.add([ONE, replace(ONE, id="00000002")])
    store.end(["00000002"], LATER, "a user")
    names = [f"{n:08x}" for n in range(2 * module._AT_ONCE)]
    assert store.known(names) == {"00000001", "00000002"}
    assert store.known([]) == set()
