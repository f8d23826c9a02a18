"""Who was let in: found again, one row each however often he comes, and within the bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.model.regular import Regular
from ringfence.model.standing import PEER, REGULAR
from ringfence.store import regulars as module
from ringfence.store.opening import Database
from ringfence.store.regulars import RegularStore

EARLY, AT, LATE = "2026-11-20T08:00:00Z", "2026-11-26T12:00:00Z", "2026-11-26T13:00:00Z"
ANN = Regular("198.51.100.9", "202", REGULAR, AT, AT, "pbx")
BEN = replace(ANN, account="203")
TRUNK = Regular("2001:db8::9", "", PEER, AT, AT, "pbx")


@pytest.fixture
def store(database: Database) -> RegularStore:
    return RegularStore(database)


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[RegularStore]:
    """For bounds, which are the same everywhere."""
    database = Database(str(tmp_path / "many.db"))
    yield RegularStore(database)
    database.close()


def test_who_was_let_in_is_found_again_by_machine_and_time(store: RegularStore) -> None:
    store.note([TRUNK, BEN, ANN, replace(ANN, host="other")], (), "pbx")
    assert store.since("", "pbx") == [ANN, BEN, TRUNK]
    assert store.since(LATE, "pbx") == []
    assert [one.host for one in store.since("", "other")] == ["other"]
    store.note([], (), "pbx")


def test_who_comes_again_is_one_row_from_first_to_last(store: RegularStore) -> None:
    store.note([ANN, BEN], (), "pbx")
    store.note([replace(ANN, first=LATE, last=LATE)], (), "pbx")
    store.note([replace(ANN, first=EARLY, last=EARLY, role=PEER)], (), "pbx")
    assert store.since("", "pbx") == [replace(ANN, first=EARLY, last=LATE, role=PEER), BEN]


def test_who_is_struck_is_forgotten_here_and_nowhere_else(store: RegularStore) -> None:
    other = replace(ANN, host="other")
    store.note([ANN, BEN, TRUNK, other], (), "pbx")
    store.note([ANN], [ANN.address], "pbx")
    assert store.since("", "pbx") == [TRUNK]
    assert store.since("", "other") == [other]


def test_rows_go_after_a_quarter_of_a_year_and_the_oldest_when_they_are_too_many(
    on_disk: RegularStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_A_LOOK", 1)
    on_disk.note(
        [replace(ANN, first="2026-08-01T00:00:00Z", last="2026-08-01T00:00:00Z")], (), "pbx"
    )
    on_disk.note([TRUNK], (), "pbx")
    assert on_disk.since("", "pbx") == [TRUNK]
    monkeypatch.setattr(module, "MAX_ROWS", 50)
    many = [
        replace(ANN, address=f"198.51.100.{n}", last=f"2026-11-26T14:{n // 60:02}:{n % 60:02}Z")
        for n in range(200)
    ]
    on_disk.note(many, (), "pbx")
    assert {one.address for one in on_disk.since("", "pbx")} == {
        f"198.51.100.{n}" for n in range(150, 200)
    }


def test_names_are_cut_to_what_a_row_takes(store: RegularStore) -> None:
    store.note([replace(ANN, account="x" * 500)], (), "pbx")
    store.note([replace(ANN, account="x" * 500)], (), "pbx")
    assert [len(one.account) for one in store.since("", "pbx")] == [module.MAX_NAME]
