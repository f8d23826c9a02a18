"""What the host of a drill tells of the guard: about one address, and no other."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ringfence.flow.casebook import Casebook
from ringfence.flow.drill.stands import stands_about
from ringfence.flow.guard.bearing import write_bearing
from ringfence.model.alarm import WARNING, Alarm
from ringfence.model.guard_status import AttackStatus, BlockStatus, GuardStatus
from ringfence.model.measure import Allowed
from ringfence.store.alerts import AlertStore
from ringfence.store.measures import MeasureStore

US, LONGER = "203.0.113.6", "203.0.113.66"
SINCE = "2026-11-26T12:00:00Z"


def status(at: str, address: str = US) -> GuardStatus:
    return GuardStatus(
        at, at, enforcing=True,
        attacks=(AttackStatus((address,), ("scan",), 4, "2026-11-26T12:00:09Z", "blocked"),),
        blocks=(BlockStatus(address, "block", "2026-11-26T12:01:09Z", 5, "effective"),),
    )  # fmt: skip


def now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def raise_alarm(store: str, address: str, *, delivered: bool = False) -> None:
    with Casebook(store) as book:
        alerts = AlertStore(book.database)
        text = (f"Who: {address}",)
        alerts.put(Alarm("k", 1, WARNING, f"scan from {address}", text), ["m"], SINCE)
        if delivered:
            alerts.delivered(alerts.due(SINCE)[0].number)


def test_attack_block_and_alarm_are_told(tmp_path: Path) -> None:
    store = str(tmp_path / "cases.db")
    write_bearing(tmp_path, status(now()))
    raise_alarm(store, US, delivered=True)
    assert stands_about(tmp_path, store, US, SINCE) == {
        "guard": "runs", "enforcing": True, "seen": True, "state": "blocked", "case": "",
        "until": "2026-11-26T12:01:09Z", "told": 1, "reached": 1, "kept": "",
    }  # fmt: skip


def test_longer_address_that_begins_so_is_another(tmp_path: Path) -> None:
    store = str(tmp_path / "cases.db")
    write_bearing(tmp_path, status(now(), LONGER))
    raise_alarm(store, LONGER)
    found = stands_about(tmp_path, store, US, SINCE)
    assert (found["seen"], found["told"]) == (False, 0)


def test_alarm_that_waits_reached_nobody(tmp_path: Path) -> None:
    store = str(tmp_path / "cases.db")
    raise_alarm(store, US)
    found = stands_about(tmp_path, store, US, SINCE)
    assert (found["guard"], found["told"], found["reached"]) == ("none", 1, 0)


def test_guard_that_stopped_writing_hangs(tmp_path: Path) -> None:
    write_bearing(tmp_path, status("2026-11-26T11:00:00Z"))
    found = stands_about(tmp_path, str(tmp_path / "cases.db"), US, SINCE)
    assert found["guard"] == "hangs"


def test_attack_of_before_the_drill_is_not_the_drill(tmp_path: Path) -> None:
    write_bearing(tmp_path, status(now()))
    found = stands_about(tmp_path, str(tmp_path / "cases.db"), US, "2026-11-26T13:00:00Z")
    assert found["seen"] is False


def test_address_that_is_never_blocked_is_said_to_be(tmp_path: Path) -> None:
    store = str(tmp_path / "cases.db")
    with Casebook(store) as book:
        MeasureStore(book.database).allow(Allowed(US, "the carrier", "me", SINCE))
    assert "the carrier" in str(stands_about(tmp_path, store, US, SINCE)["kept"])
