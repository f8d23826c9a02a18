"""Rows go by age and by number, and an empty table is none to tidy."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from ringfence.store.bounds import keep_bounds
from ringfence.store.opening import Database
from ringfence.store.schema import ALLOWED

DAYS = [f"2026-11-{day:02}T12:00:00Z" for day in range(1, 11)]


def left(database: Database, kept: timedelta, most: int) -> list[str]:
    with database.writing() as connection:
        keep_bounds(connection, ALLOWED.c.since, ALLOWED.c.network, kept, most)
        return list(connection.scalars(select(ALLOWED.c.since).order_by(ALLOWED.c.since)))


@pytest.mark.parametrize(
    ("days", "most", "stay"),
    [(30, 100, DAYS), (3, 100, DAYS[6:]), (30, 4, DAYS[6:]), (5, 2, DAYS[8:]), (30, 10, DAYS)],
)
def test_old_rows_go_and_the_first_of_too_many(
    database: Database, days: int, most: int, stay: list[str]
) -> None:
    with database.writing() as connection:
        rows = [{"network": f"192.0.2.{n:03}", "why": "", "by": "", "since": at}
                for n, at in enumerate(DAYS)]  # fmt: skip
        connection.execute(insert(ALLOWED), rows)
    assert left(database, timedelta(days=days), most) == stay


def test_empty_table_stays_empty(database: Database) -> None:
    assert left(database, timedelta(days=1), 1) == []
