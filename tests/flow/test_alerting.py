"""Alarms on their way: dead lines, killed guards, servers that refuse, and the end of patience."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from ringfence.flow.alerting import AGAIN, Alerting, Channel, channels_of, send_trial
from ringfence.model.alarm import ATTACK, BREAK_IN, AlertError
from ringfence.model.case import StoreError
from ringfence.model.settings import Alerts, MailServer, Settings, SettingsError
from ringfence.respond.alerts.text import alarm_of
from ringfence.store.alerts import AlertStore
from ringfence.store.opening import Database
from tests.mail_server import Desk, mail_server
from tests.respond.alerts.test_text import EVIL, GUESSER

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ALARM = alarm_of(GUESSER, ATTACK, 1)


class Line:
    """A channel that fails as often as it is told, and remembers what came through."""

    def __init__(self, failures: int = 0, *, later: bool = True) -> None:
        self.failures, self.later = failures, later
        self.came: list[str] = []

    def channel(self, name: str = "slack:1") -> Channel:
        return Channel(name, self._send)

    def _send(self, subject: str, *_rest: object) -> None:
        if self.failures:
            self.failures -= 1
            raise AlertError("no answer", later=self.later)
        self.came.append(subject)


@pytest.fixture
def store(tmp_path: Path) -> AlertStore:
    return AlertStore(Database(str(tmp_path / "cases.db")))


def test_line_that_is_down_is_tried_again_with_longer_pauses(store: AlertStore) -> None:
    line = Line(failures=3)
    alerting = Alerting([line.channel()], store)
    alerting.queue(ALARM, NOW)
    tried = []
    for second in range(0, 1000, 10):
        now = NOW + timedelta(seconds=second)
        tried += [second] * len(alerting.deliver(now))
    assert tried == [0, 30, 150, 750]
    assert line.came == [ALARM.subject]
    assert store.counts() == {"waiting": 0, "delivered": 1, "given_up": 0}


def test_patience_has_an_end_and_it_is_told(store: AlertStore) -> None:
    alerting = Alerting([Line(failures=99).channel()], store)
    alerting.queue(ALARM, NOW)
    now = NOW
    for pause in AGAIN:
        (delivery,) = alerting.deliver(now)
        assert delivery.again_at
        now += pause
    (delivery,) = alerting.deliver(now)
    assert (delivery.again_at, delivery.says) == ("", "no answer")
    assert alerting.deliver(now + timedelta(days=9)) == []
    assert store.given_up()[0][1:] == ("slack:1", ALARM.subject, "no answer")
    assert timedelta(hours=20) < sum(AGAIN, timedelta()) < timedelta(hours=25)


def test_what_cannot_help_is_not_tried_again(store: AlertStore) -> None:
    alerting = Alerting([Line(failures=1, later=False).channel()], store)
    alerting.queue(ALARM, NOW)
    assert [delivery.again_at for delivery in alerting.deliver(NOW)] == [""]
    assert store.counts()["given_up"] == 1


def test_disk_that_is_full_has_no_alarm_sent_again_and_again(
    store: AlertStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line()
    alerting = Alerting([line.channel()], store)
    alerting.queue(ALARM, NOW)
    alerting.queue(replace(ALARM, subject="the other"), NOW)

    def full(number: int) -> None:
        raise StoreError(f"the disk is full: make room for {number}")

    monkeypatch.setattr(store, "delivered", full)
    for second in range(0, 60, 5):
        with pytest.raises(StoreError, match="make room"):
            alerting.deliver(NOW + timedelta(seconds=second))
    assert line.came == [ALARM.subject, "the other"]
    monkeypatch.undo()
    assert alerting.deliver(NOW + timedelta(seconds=60)) == []
    assert store.counts() == {"waiting": 0, "delivered": 2, "given_up": 0}


def test_line_that_is_down_is_tried_again_while_the_disk_is_full(
    store: AlertStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line(failures=1)
    alerting = Alerting([line.channel()], store)
    alerting.queue(ALARM, NOW)

    def full(*_: object) -> None:
        raise StoreError("the disk is full: make room")

    for name in ("delivered", "failed"):
        monkeypatch.setattr(store, name, full)
    for second in (0, 5, 30, 35):
        with pytest.raises(StoreError):
            alerting.deliver(NOW + timedelta(seconds=second))
        assert len(line.came) == (second >= 30)


def test_killed_guard_delivers_after_its_restart(store: AlertStore) -> None:
    Alerting([Line().channel()], store).queue(ALARM, NOW)
    line = Line()
    Alerting([line.channel()], store).deliver(NOW)
    assert line.came == [ALARM.subject]


def test_one_dead_channel_does_not_hold_up_the_others(store: AlertStore) -> None:
    good = Line()
    alerting = Alerting([Line(99).channel("teams:1"), good.channel("syslog")], store)
    alerting.queue(ALARM, NOW)
    alerting.deliver(NOW)
    assert good.came == [ALARM.subject]
    assert store.counts() == {"waiting": 1, "delivered": 1, "given_up": 0}


def test_channel_that_the_settings_no_longer_name_is_given_up(store: AlertStore) -> None:
    Alerting([Line().channel("slack:9")], store).queue(ALARM, NOW)
    (delivery,) = Alerting([], store).deliver(NOW)
    assert delivery.says == "the settings do not name it any more"
    assert store.counts()["given_up"] == 1


def mail_settings(port: int) -> Settings:
    server = MailServer(server="127.0.0.1", port=port, security="none", sender="g@office.example")
    return Settings(mail=server, alerts=Alerts(email="anna@office.example"))


def test_mail_goes_through_the_owners_server_and_no_name_adds_a_header() -> None:
    desk = Desk()
    with mail_server(desk) as port:
        (channel,) = channels_of(mail_settings(port))
        for name in EVIL:
            alarm = alarm_of(replace(GUESSER, accounts_taken=(name,)), BREAK_IN, 1)
            channel.send(alarm.subject, alarm.text, alarm.severity, NOW)
    assert len(desk.letters) == len(EVIL)
    for letter in desk.letters:
        mail = message_from_bytes(letter.octets, policy=policy.default)
        assert letter.receivers == ("anna@office.example",)
        assert set(mail.keys()) == {
            "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Importance",
            "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
        }  # fmt: skip
        assert mail["Subject"].startswith("BREAK-IN: account ")
        assert mail.get_content_type() == "text/plain"
        assert "Undo: ringfence unblock 203.0.113.7" in mail.get_content()


def test_mailbox_that_is_refused_is_tried_again(store: AlertStore) -> None:
    desk = Desk(refused={"anna@office.example": "452 4.2.2 full"})
    with mail_server(desk) as port:
        alerting = Alerting(channels_of(mail_settings(port)), store)
        alerting.queue(ALARM, NOW)
        (delivery,) = alerting.deliver(NOW)
    assert not delivery.delivered
    assert delivery.again_at == "2026-11-26T12:00:30Z"


def test_each_that_the_settings_name_gets_the_trial() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as log:
        log.bind(("127.0.0.1", 0))
        log.settimeout(10)
        where = f"udp://127.0.0.1:{log.getsockname()[1]}"
        channels = channels_of(
            Settings(alerts=Alerts(urls=("nonsense://horse", "x+y://horse"), syslog=where))
        )
        deliveries = send_trial(channels, NOW)
        assert b"Nobody attacks" in log.recv(9000)
    assert [(d.channel, d.delivered) for d in deliveries] == [
        ("syslog", True), ("nonsense:1", False), ("x+y:2", False),
    ]  # fmt: skip
    assert "horse" not in repr(deliveries) + repr([channel.name for channel in channels])


def test_mail_without_a_server_or_a_sender_is_an_error_before_the_attack() -> None:
    with pytest.raises(SettingsError, match=r"mail\.server"):
        channels_of(replace(mail_settings(25), mail=MailServer(sender="g@office.example")))
    with pytest.raises(SettingsError, match="no sender"):
        channels_of(replace(mail_settings(25), mail=MailServer(server="127.0.0.1")))


def test_secrets_of_channels_are_in_no_representation() -> None:
    assert "horse" not in repr(Settings(alerts=Alerts(urls=("slack://horse",))))
