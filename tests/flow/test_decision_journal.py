"""What the guard notes is written once a second, and not lost while the store fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ringfence.flow import decision_journal as module
from ringfence.flow.casebook import Casebook, StoreError
from ringfence.flow.decision_journal import DecisionJournal
from ringfence.flow.moment import host
from ringfence.model.decision import ALARM, BLOCK, LIMIT, RELEASE, Decision
from ringfence.model.noted import Noted
from ringfence.store.decisions import DecisionStore

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
AT_NS = int(NOW.timestamp()) * 10**9
BLOCKED = Decision(BLOCK, "203.0.113.66", "guessing", AT_NS, ("scan",), 60.0, "nonce", lasts_s=3600)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Casebook]:
    with Casebook(str(tmp_path / "cases.db")) as book:
        yield book


@pytest.fixture
def seconds() -> list[float]:
    """The clock: its last number."""
    return [100.0]


@pytest.fixture
def journal(book: Casebook, seconds: list[float]) -> DecisionJournal:
    return DecisionJournal(book, now=lambda: NOW, clock=lambda: seconds[-1])


def kept(book: Casebook) -> list[Noted]:
    return DecisionStore(book.database).since("", host())


def test_decision_is_noted_with_how_long_it_holds(journal: DecisionJournal, book: Casebook) -> None:
    forged = Decision(LIMIT, "203.0.113.7", "fails fast", AT_NS)
    alarm = Decision(ALARM, "203.0.113.8", "taken", AT_NS, proven="tcp", account="200")
    journal.note([BLOCKED], enforced=True, roles={"203.0.113.66": "peer"})
    journal.note([forged, alarm], enforced=False)
    journal.write()
    block, took, limit = kept(book)
    assert (block.at, block.lasts_s, block.enforced, block.role) == (
        "2026-11-26T12:00:00Z", 3600, True, "peer",
    )  # fmt: skip
    assert (limit.action, limit.lasts_s, limit.enforced, limit.role) == (LIMIT, 60, False, "")
    assert (took.action, took.lasts_s, took.account) == (ALARM, 0, "200")


def test_one_transaction_a_second(journal: DecisionJournal, seconds: list[float]) -> None:
    assert not journal.is_due()
    journal.note([BLOCKED], enforced=True)
    assert journal.is_due()
    journal.write()
    journal.note([BLOCKED], enforced=True)
    assert not journal.is_due()
    seconds.append(101.0)
    assert journal.is_due()
    journal.write()
    journal.write()
    assert not journal.is_due()


@pytest.mark.parametrize(
    ("time_ns", "at"),
    [
        (0, "2026-11-26T12:00:00Z"),
        (2**63, "2026-11-26T12:00:00Z"),
        (AT_NS - 3_599 * 10**9, "2026-11-26T11:00:01Z"),
        (AT_NS + 7200 * 10**9, "2026-11-26T12:00:00Z"),
    ],
)
def test_clock_of_a_liar_does_not_date_the_journal(
    journal: DecisionJournal, book: Casebook, time_ns: int, at: str
) -> None:
    journal.note([replace(BLOCKED, time_ns=time_ns)], enforced=True)
    journal.write()
    assert [one.at for one in kept(book)] == [at]


def test_store_that_fails_delays_and_loses_nothing(
    journal: DecisionJournal, book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_store: DecisionStore, _noted: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(DecisionStore, "add", full)
        for _ in range(3):
            journal.note([BLOCKED], enforced=True)
            with pytest.raises(StoreError):
                journal.write()
    journal.note([replace(BLOCKED, action=RELEASE)], enforced=True)
    journal.write()
    assert [one.action for one in kept(book)] == [BLOCK, BLOCK, BLOCK, RELEASE]


def test_flood_that_waits_is_summed_up(
    journal: DecisionJournal, book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 10)
    forged = [Decision(LIMIT, f"2001:db8::{n:x}", "fast", AT_NS) for n in range(1000)]
    journal.note(forged, enforced=False)
    journal.write()
    assert sorted(one.times for one in kept(book)) == [1] * 10 + [990]
    assert journal.lost == 0


def test_days_without_a_store_are_counted(book: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 0)
    monkeypatch.setattr(module, "MAX_SUMS", 2)
    hours = iter(range(4))
    journal = DecisionJournal(book, now=lambda: NOW.replace(hour=next(hours)))
    journal.note([replace(BLOCKED, time_ns=0)] * 4, enforced=True)
    assert journal.lost == 2
