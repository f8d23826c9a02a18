"""A table that would grow for ever, kept within its bounds: rows go by age, and by number."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, delete, func, select


def keep_bounds(
    connection: Connection, last: Column[str], order: Column[Any], kept: timedelta, most: int
) -> None:
    """Of one table: rows whose `last` time is longer ago than the newest by `kept` go.

    Of more than `most` rows those go that come first by `order`. Times: ISO 8601 in UTC with Z.
    """
    table = last.table
    latest = connection.scalar(select(func.max(last)))
    if latest is None:
        return
    oldest = (datetime.fromisoformat(latest) - kept).strftime("%Y-%m-%dT%H:%M:%SZ")
    connection.execute(delete(table).where(last < oldest))
    beyond = connection.scalar(select(order).order_by(order.desc()).offset(most).limit(1))
    if beyond is not None:
        connection.execute(delete(table).where(order <= beyond))
