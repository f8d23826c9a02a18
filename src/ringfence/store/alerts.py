"""Alarms that wait for delivery, and what became of the others."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, case, delete, func, insert, select, update

from ringfence.model.alarm import SEVERITIES, Alarm, Queued
from ringfence.store.opening import Database
from ringfence.store.schema import ALERTS

WAITING, DELIVERED, GIVEN_UP = "waiting", "delivered", "given_up"
# Alarms that wait at once: while every channel is dead, the least severe and then the oldest
# give way, so that a break-in is there when the line comes back.
MAX_WAITING = 1000
# Of what came to an end one way or the other the last ones are kept.
MAX_FINISHED = 1000
MAX_SAYS = 500

_LOUDNESS = case(
    {severity: number for number, severity in enumerate(SEVERITIES)},
    value=ALERTS.c.severity,
    else_=0,
)


class AlertStore:
    """Alarms of one store. Every method raises StoreError when the store fails.

    Times are UTC in one form that sorts: 2026-11-26T12:00:00Z.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, alarm: Alarm, channels: Sequence[str], now: str) -> None:
        """Have the alarm delivered to each of these channels, from now on."""
        rows = [
            {
                "channel": channel, "severity": alarm.severity, "subject": alarm.subject,
                "text": alarm.text, "raised_at": now, "tries": 0, "next_at": now,
                "state": WAITING, "says": "",
            }
            for channel in channels
        ]  # fmt: skip
        if not rows:
            return
        with self._database.writing() as connection:
            connection.execute(insert(ALERTS), rows)
            _keep_bounds(connection)

    def due(self, now: str, most: int = 50) -> list[Queued]:
        """Alarms whose time has come, the loudest first, then the oldest."""
        question = (
            select(ALERTS)
            .where(ALERTS.c.state == WAITING, ALERTS.c.next_at <= now)
            .order_by(_LOUDNESS.desc(), ALERTS.c.number)
            .limit(most)
        )
        with self._database.reading() as connection:
            return [
                Queued(
                    row.number, row.channel, row.severity, row.subject, row.text,
                    row.raised_at, row.tries,
                )
                for row in connection.execute(question)
            ]  # fmt: skip

    def delivered(self, number: int) -> None:
        """It got there."""
        self._set(number, state=DELIVERED, says="")

    def failed(self, number: int, says: str, again_at: str) -> None:
        """It did not; it is tried again then, or never ("")."""
        state = WAITING if again_at else GIVEN_UP
        self._set(number, state=state, says=says[:MAX_SAYS], next_at=again_at)

    def counts(self) -> dict[str, int]:
        """How many wait, were delivered, were given up, of those that are kept."""
        question = select(ALERTS.c.state, func.count()).group_by(ALERTS.c.state)
        with self._database.reading() as connection:
            found = {state: number for state, number in connection.execute(question)}  # noqa: C416
        return {state: found.get(state, 0) for state in (WAITING, DELIVERED, GIVEN_UP)}

    def given_up(self, most: int = 20) -> list[tuple[str, str, str, str]]:
        """When it was raised, its channel, its subject, and why: the latest first."""
        columns = ALERTS.c.raised_at, ALERTS.c.channel, ALERTS.c.subject, ALERTS.c.says
        question = select(*columns).where(ALERTS.c.state == GIVEN_UP)
        with self._database.reading() as connection:
            rows = connection.execute(question.order_by(ALERTS.c.number.desc()).limit(most))
            return [(row.raised_at, row.channel, row.subject, row.says) for row in rows]

    def raised_since(self, since: str, most: int = 200) -> list[tuple[str, str]]:
        """Text and state of alarms that were raised then or later: the latest first."""
        question = select(ALERTS.c.subject, ALERTS.c.text, ALERTS.c.state)
        question = question.where(ALERTS.c.raised_at >= since).order_by(ALERTS.c.number.desc())
        with self._database.reading() as connection:
            rows = connection.execute(question.limit(most))
            return [(f"{row.subject}\n{row.text}", row.state) for row in rows]

    def _set(self, number: int, **values: str) -> None:
        change = update(ALERTS).where(ALERTS.c.number == number)
        with self._database.writing() as connection:
            connection.execute(change.values(tries=ALERTS.c.tries + 1, **values))


def _keep_bounds(connection: Connection) -> None:
    waiting = select(ALERTS.c.number).where(ALERTS.c.state == WAITING)
    too_many = waiting.order_by(_LOUDNESS.desc(), ALERTS.c.number.desc()).offset(MAX_WAITING)
    numbers = list(connection.scalars(too_many.limit(MAX_WAITING)))
    if numbers:
        connection.execute(
            update(ALERTS)
            .where(ALERTS.c.number.in_(numbers))
            .values(state=GIVEN_UP, says="too many alarms waited")
        )
    finished = select(ALERTS.c.number).where(ALERTS.c.state != WAITING)
    last = connection.scalar(
        finished.order_by(ALERTS.c.number.desc()).offset(MAX_FINISHED).limit(1)
    )
    if last is not None:
        connection.execute(delete(ALERTS).where(ALERTS.c.state != WAITING, ALERTS.c.number <= last))
