"""Alarms in the store: nothing that was raised is forgotten before it was delivered or given up."""

from __future__ import annotations

import pytest

from ringfence.model.alarm import ATTACK, BREAK_IN, WARNING, Alarm
from ringfence.store.alerts import AlertStore
from ringfence.store.opening import Database

NOW, SOON, LATER = "2026-11-26T12:00:00Z", "2026-11-26T12:00:30Z", "2026-11-26T13:00:00Z"


def alarm(subject: str = "one", severity: str = ATTACK) -> Alarm:
    return Alarm("203.0.113.7", 1, severity, subject, ("Who: 203.0.113.7", "Got in: no"))


@pytest.fixture
def store(database: Database) -> AlertStore:
    """Of an empty store, on both kinds of database."""
    return AlertStore(database)


def subjects(store: AlertStore, now: str = NOW) -> list[tuple[str, str]]:
    return [(one.channel, one.subject) for one in store.due(now)]


def test_alarm_waits_for_each_channel_by_itself(store: AlertStore) -> None:
    store.put(alarm(), ["slack:1", "syslog"], NOW)
    first, second = store.due(NOW)
    assert (first.channel, first.text, first.tries) == (
        "slack:1", "Who: 203.0.113.7\nGot in: no", 0,
    )  # fmt: skip
    store.delivered(first.number)
    assert subjects(store) == [("syslog", "one")]
    store.failed(second.number, "no answer", SOON)
    assert store.due(NOW) == []
    (again,) = store.due(SOON)
    assert (again.number, again.tries, again.raised_at) == (second.number, 1, NOW)
    store.failed(second.number, "no answer", "")
    assert store.due(LATER) == []
    assert store.counts() == {"waiting": 0, "delivered": 1, "given_up": 1}
    assert store.given_up() == [(NOW, "syslog", "one", "no answer")]


def test_break_in_goes_before_what_waits_for_longer(store: AlertStore) -> None:
    for subject, severity in (("scan", WARNING), ("guesses", ATTACK), ("taken", BREAK_IN)):
        store.put(alarm(subject, severity), ["syslog"], NOW)
    assert [subject for _, subject in subjects(store)] == ["taken", "guesses", "scan"]


def test_dead_channels_fill_no_disk_and_cost_no_break_in(
    store: AlertStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.store.alerts.MAX_WAITING", 3)
    monkeypatch.setattr("ringfence.store.alerts.MAX_FINISHED", 4)
    store.put(alarm("taken", BREAK_IN), ["syslog"], NOW)
    for n in range(10):
        store.put(alarm(f"guesses {n}"), ["syslog"], NOW)
    assert [subject for _, subject in subjects(store)] == ["taken", "guesses 8", "guesses 9"]
    assert store.counts() == {"waiting": 3, "delivered": 0, "given_up": 4}
    assert store.given_up()[0][3] == "too many alarms waited"


def test_alarm_for_nobody_is_none(store: AlertStore) -> None:
    store.put(alarm(), [], NOW)
    assert store.counts()["waiting"] == 0
