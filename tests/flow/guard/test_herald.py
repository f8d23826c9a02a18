"""Who tells people: alarms into the store and out, decisions into the journal."""

from __future__ import annotations

import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ringfence.flow.casebook import Casebook
from ringfence.flow.guard import herald as heralds
from ringfence.flow.guard.herald import Herald
from ringfence.flow.would_have import would_have
from ringfence.model.alarm import EFFECTIVE, Attack
from ringfence.model.decision import BLOCK, Decision
from ringfence.model.settings import Alerts, Settings
from ringfence.store import opening
from ringfence.store.alerts import AlertStore
from tests.flow.guard.agent import EVE, Pause

BREAK_IN = Attack(EVE, (EVE,), ("password_guessing",), accounts_taken=("201",))
ATTACK = Attack(EVE, (EVE,), ("password_guessing",), done="blocked", effect=EFFECTIVE)


def told(herald: Herald, is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < ends
        herald.tell((), datetime.now(UTC))
        Pause().wait()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heralds, "DELIVER_S", 0.05)


def test_alarm_gets_out(tmp_path: Path) -> None:
    store = str(tmp_path / "cases.db")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        place = f"udp://127.0.0.1:{server.getsockname()[1]}"
        herald = Herald(Settings(alerts=Alerts(syslog=place)), store, lambda _: None)
        herald.tell([ATTACK], datetime.now(UTC))
        told(herald, lambda: herald.counts == (0, 0, 0) and _delivered(store) == 1)
        assert b"password guessing from 203.0.113.66" in server.recv(65_536)
        herald.close(10)


def test_line_that_is_down_is_told_and_the_alarm_waits(tmp_path: Path) -> None:
    store, trouble = str(tmp_path / "cases.db"), [""]
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        place = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"  # nobody listens there
        herald = Herald(Settings(alerts=Alerts(syslog=place)), store, trouble.append)
        herald.tell([ATTACK], datetime.now(UTC))
        told(herald, lambda: herald.counts[0] == 1)
        assert any("syslog was not told" in text for text in trouble)
        herald.close(10)


def test_decisions_are_in_the_journal(tmp_path: Path) -> None:
    store = str(tmp_path / "cases.db")
    herald = Herald(Settings(), store, lambda _: None)
    decision = Decision(BLOCK, EVE, "guessing", time.time_ns(), lasts_s=60)
    herald.decided([decision], {}, enforcing=False)
    herald.close(10)
    assert [hit.address for hit in would_have(store).hits] == [EVE]


def test_store_that_fails_is_told_and_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble: list[str] = []
    herald = Herald(Settings(), str(tmp_path / "cases.db"), trouble.append)

    def full() -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(herald._journal, "write", full)
    herald.decided([Decision(BLOCK, EVE, "x", time.time_ns(), lasts_s=60)], {}, enforcing=True)
    told(herald, lambda: "No space left on device" in trouble)
    assert herald.is_alive
    monkeypatch.undo()
    herald.close(10)


def test_store_that_another_program_holds_keeps_no_alarm_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A break-in is told at once, and once; the journal waits."""
    monkeypatch.setattr(opening, "BUSY_S", 0.1)
    store, trouble = str(tmp_path / "cases.db"), [""]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        place = f"udp://127.0.0.1:{server.getsockname()[1]}"
        herald = Herald(Settings(alerts=Alerts(syslog=place)), store, trouble.append)
        with held(store):
            decision = Decision(BLOCK, EVE, "guessing", time.time_ns(), lasts_s=60)
            herald.decided([decision], {}, enforcing=True)
            herald.tell([BREAK_IN], datetime.now(UTC))
            assert b"201" in server.recv(65_536)
            told(herald, lambda: any("another program has been writing" in t for t in trouble))
        told(herald, lambda: [hit.address for hit in would_have(store).hits] == [EVE])
        told(herald, lambda: trouble[-1] == "")
        herald.close(10)
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.recv(65_536)


def test_alarm_that_reached_nobody_while_the_store_failed_is_in_it_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BUSY_S", 0.1)
    store = str(tmp_path / "cases.db")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        place = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"  # nobody listens there
        herald = Herald(Settings(alerts=Alerts(syslog=place)), store, lambda _: None)
        with held(store):
            herald.tell([BREAK_IN], datetime.now(UTC))
            told(herald, lambda: [names for _, names in herald._unstored] == [("syslog",)])
        told(herald, lambda: herald.counts[0] == 1)
        herald.close(10)


@contextmanager
def held(store: str) -> Iterator[None]:
    """Another program writes, and does not end."""
    other = sqlite3.connect(store, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def _delivered(store: str) -> int:
    with Casebook(store) as book:
        return AlertStore(book.database).counts()["delivered"]
