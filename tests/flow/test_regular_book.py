"""Users are known again after a restart, attackers are not, and a store that fails loses nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from ringfence.detect.live import LetIn
from ringfence.flow import regular_book as module
from ringfence.flow.casebook import Casebook, StoreError
from ringfence.flow.moment import host
from ringfence.flow.regular_book import RegularBook
from ringfence.model.regular import Regular
from ringfence.model.standing import PEER, REGULAR
from ringfence.store.regulars import RegularStore

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ANN = LetIn(ip_address("198.51.100.9"), ("202", "203"), is_peer=False)
TRUNK = LetIn(ip_address("2001:db8::9"), (), is_peer=True)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Casebook]:
    with Casebook(str(tmp_path / "cases.db")) as book:
        yield book


@pytest.fixture
def days() -> list[timedelta]:
    """How long after noon it is: the last one."""
    return [timedelta()]


@pytest.fixture
def regulars(book: Casebook, days: list[timedelta]) -> RegularBook:
    return RegularBook(book, lambda: NOW + days[-1])


def kept(book: Casebook) -> list[Regular]:
    return RegularStore(book.database).since("", host())


def test_each_account_of_an_address_is_written(regulars: RegularBook, book: Casebook) -> None:
    assert not regulars.is_due()
    regulars.note([ANN, TRUNK])
    assert regulars.is_due()
    regulars.write()
    regulars.write()
    assert not regulars.is_due()
    assert [(one.address, one.account, one.role, one.first) for one in kept(book)] == [
        ("198.51.100.9", "202", REGULAR, "2026-11-26T12:00:00Z"),
        ("198.51.100.9", "203", REGULAR, "2026-11-26T12:00:00Z"),
        ("2001:db8::9", "", PEER, "2026-11-26T12:00:00Z"),
    ]


def test_written_once_in_a_while(book: Casebook) -> None:
    seconds = [100.0]
    regulars = RegularBook(book, lambda: NOW, lambda: seconds[-1])
    regulars.note([ANN])
    assert regulars.is_due()
    regulars.write()
    regulars.note([TRUNK])
    assert not regulars.is_due()
    seconds.append(100.0 + module.EVERY_S)
    assert regulars.is_due()


def test_user_is_a_regular_from_the_second_day_on_and_for_a_month(
    regulars: RegularBook, days: list[timedelta]
) -> None:
    regulars.note([ANN, TRUNK])
    regulars.write()
    days.append(timedelta(hours=23))
    assert regulars.remembered() == {}
    days.append(timedelta(hours=25))
    last_ns = int(NOW.timestamp()) * 10**9
    assert regulars.remembered() == {ANN.address: last_ns}  # peers show again that they are
    days.append(timedelta(days=31))
    assert regulars.remembered() == {}
    regulars.note([ANN])
    regulars.write()
    assert list(regulars.remembered()) == [ANN.address]


def test_attacker_is_struck_whether_he_was_written_or_waits(
    regulars: RegularBook, book: Casebook
) -> None:
    regulars.note([ANN])
    regulars.write()
    regulars.note([ANN, TRUNK])
    regulars.strike(["198.51.100.9"])
    regulars.write()
    assert [one.address for one in kept(book)] == ["2001:db8::9"]


def test_what_a_stranger_calls_himself_is_escaped(regulars: RegularBook, book: Casebook) -> None:
    regulars.note([LetIn(ANN.address, ("2\x1b[31m02",), is_peer=False)])
    regulars.write()
    assert "\x1b" not in kept(book)[0].account


def test_nobody_is_lost_while_the_store_fails(
    regulars: RegularBook, book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("store: the disk is full")

    regulars.note([ANN])
    regulars.strike(["203.0.113.66"])
    with monkeypatch.context() as failing:
        failing.setattr(RegularStore, "note", full)
        with pytest.raises(StoreError):
            regulars.write()
        regulars.note([TRUNK])
        regulars.strike([str(ANN.address)])
        with pytest.raises(StoreError):
            regulars.write()
    regulars.write()
    assert [one.address for one in kept(book)] == ["2001:db8::9"]


def test_what_waits_is_bounded(
    regulars: RegularBook, book: Casebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 20)
    many = [LetIn(ip_address(f"198.51.100.{n}"), (), is_peer=False) for n in range(100)]
    regulars.note(many)
    regulars.strike(f"203.0.113.{n}" for n in range(20))
    regulars.strike(f"192.0.2.{n}" for n in range(50))
    assert len(regulars._struck) == 20
    regulars.write()
    assert len(kept(book)) == 20
