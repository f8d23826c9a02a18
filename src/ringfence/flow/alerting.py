"""Alarms to those whom the settings name: at once, or again and again until they got there.

Every alarm goes into the store first, so that a guard that is killed, or a line that is
down (the attack may be why), loses none. `deliver` may wait for servers: let a thread of
its own call it, with a store of its own.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from ringfence.flow.settings import sender_of
from ringfence.model.alarm import BREAK_IN, Alarm, AlertError, Delivery, Queued
from ringfence.model.case import StoreError
from ringfence.model.post import PostError
from ringfence.model.settings import Settings, SettingsError
from ringfence.model.text import shown
from ringfence.respond.alerts.services import scheme_of, send_service
from ringfence.respond.alerts.syslog import log_place, send_syslog
from ringfence.respond.alerts.text import trial
from ringfence.store.alerts import AlertStore

# After each failure; when the last one has passed, it is given up: a day later nobody is
# helped by it, and the case has it all.
AGAIN = tuple(
    timedelta(seconds=s) for s in (30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600)
)
_MAX_SAYS = 300


@dataclass(frozen=True, slots=True)
class Channel:
    """One of those whom alarms go to. Its name is all that is shown of it."""

    name: str  # "syslog", "email", "slack:1"
    send: Callable[[str, str, str, datetime], None]  # subject, text, severity, now


def channels_of(settings: Settings) -> tuple[Channel, ...]:
    """Whom the settings name. Raises SettingsError where mail has no sender."""
    alerts = settings.alerts
    found = []
    if alerts.syslog:
        place, host, pid = log_place(alerts.syslog), socket.gethostname(), os.getpid()

        def log(subject: str, text: str, severity: str, now: datetime) -> None:
            send_syslog(place, subject, text, severity, now, host, pid)

        found.append(Channel("syslog", log))
    if alerts.email:
        sender = sender_of(settings)
        if not settings.mail.server:
            raise SettingsError("alerts.email needs your mail server: write mail.server")

        def mail(subject: str, text: str, severity: str, now: datetime) -> None:
            _send_mail(settings, sender, subject, text, severity, now)

        found.append(Channel("email", mail))
    for number, url in enumerate(alerts.urls, 1):
        found.append(Channel(f"{scheme_of(url)}:{number}", _to_service(url)))
    return tuple(found)


class Alerting:
    """The way of alarms from the guard to people."""

    def __init__(self, channels: Sequence[Channel], store: AlertStore) -> None:
        self._channels = {channel.name: channel for channel in channels}
        self._store = store
        # What became of alarms, while the store cannot be told: without it a disk that is
        # full would have the same alarm sent every few seconds.
        self._untold: dict[int, Delivery] = {}

    def queue(self, alarm: Alarm, now: datetime, names: Sequence[str] = ()) -> None:
        """Have it delivered, to channels of these names, else to all. Raises StoreError."""
        self._store.put(alarm, tuple(names or self._channels), _stamp(now))

    def deliver(self, now: datetime, most: int = 50) -> list[Delivery]:
        """Try whatever is due, the loudest first. Servers may take minutes.

        Raises StoreError after that, where the store could not be told.
        """
        trouble, stamp = self._record(), _stamp(now)
        done = []
        for queued in self._store.due(stamp, most + len(self._untold)):
            before = self._untold.get(queued.number)
            if before is not None and not "" < before.again_at <= stamp:
                continue
            tried = self._untold[queued.number] = self._tried(queued, now)
            done.append(tried)
            trouble = trouble or self._record()
        if trouble is not None:
            raise trouble
        return done

    def _tried(self, queued: Queued, now: datetime) -> Delivery:
        channel = self._channels.get(queued.channel)
        if channel is None:
            says = "the settings do not name it any more"
            return Delivery(queued.channel, delivered=False, says=says)
        tried = _try(channel, queued.subject, queued.text, queued.severity, now)
        if tried.delivered:
            return tried
        is_over = not tried.again_at or queued.tries >= len(AGAIN)
        return replace(tried, again_at="" if is_over else _stamp(now + AGAIN[queued.tries]))

    def _record(self) -> StoreError | None:
        """Tell the store what became of alarms; what it says where it cannot be told."""
        for number, tried in list(self._untold.items()):
            try:
                if tried.delivered:
                    self._store.delivered(number)
                else:
                    self._store.failed(number, tried.says, tried.again_at)
            except StoreError as error:
                return error
            del self._untold[number]
        return None


def send_now(channels: Sequence[Channel], alarm: Alarm, now: datetime) -> list[Delivery]:
    """Try each channel once; nothing is stored. Servers may take minutes."""
    return [_try(one, alarm.subject, alarm.text, alarm.severity, now) for one in channels]


def send_trial(channels: Sequence[Channel], now: datetime) -> list[Delivery]:
    """One trial alarm to each, at once."""
    return send_now(channels, trial(), now)


def _try(channel: Channel, subject: str, text: str, severity: str, now: datetime) -> Delivery:
    try:
        channel.send(subject, text, severity, now)
    except (AlertError, PostError) as error:
        says = shown(str(error))[:_MAX_SAYS]
        # A server that refuses a mail today may take it tomorrow: mailboxes fill and empty.
        later = not isinstance(error, AlertError) or error.later
        return Delivery(channel.name, delivered=False, says=says, again_at="later" if later else "")
    return Delivery(channel.name, delivered=True)


def _to_service(url: str) -> Callable[[str, str, str, datetime], None]:
    def send(subject: str, text: str, severity: str, _now: datetime) -> None:
        send_service(url, subject, text, severity)

    return send


def _send_mail(
    settings: Settings, sender: str, subject: str, text: str, severity: str, now: datetime
) -> None:
    from ringfence.reports.post import send

    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, settings.alerts.email, subject
    mail["Date"] = format_datetime(now.astimezone(UTC))
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday note answers it
    if severity == BREAK_IN:
        mail["Importance"] = "high"  # RFC 2156 5.3.4
    mail.set_content(text + "\n")
    sent = send(mail.as_bytes(), sender, [settings.alerts.email], settings.mail)
    if sent.refused:
        raise AlertError("email: the mail server refused the mailbox")


def _stamp(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
