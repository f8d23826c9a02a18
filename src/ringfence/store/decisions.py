"""What the guard decided, kept within a bound however many addresses somebody makes up.

How it works: a decision about an address that proved itself is a row, so many a day. One
about an address that may be forged is a row for its address and hour, which counts; so many an
hour. Whatever finds no room is counted in one row for its action and hour. Rows go after
a quarter of a year, or when there are too many, the oldest first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from ringfence.model.decision import RELEASE
from ringfence.model.noted import Noted, together
from ringfence.store.bounds import keep_bounds
from ringfence.store.opening import Database
from ringfence.store.schema import DECISIONS

# Rows of a day: decisions about proven addresses (whoever has an IPv6 /64 has as many as he
# likes), and releases, which have room of their own, as they tell of mistakes.
MAX_A_DAY = 5_000
# Addresses of an hour that may be forged.
MAX_UNPROVEN_AN_HOUR = 200
# Some 40 MB; eight days at the bounds above, years of an ordinary phone system.
MAX_ROWS = 100_000
KEPT = timedelta(days=90)
MAX_REASON, MAX_NAME, MAX_KINDS = 400, 64, 16
# How many rows are written until it is looked whether old ones have to go.
_A_LOOK = 1_000
# Keys in one question: SQLite takes 32 766.
_AT_ONCE = 5_000
_DAY, _HOUR = 10, 13  # letters of a time that name them


class DecisionStore:
    """The journal of one store. Every method raises StoreError when the store fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._room = _Room()
        self._written = _A_LOOK

    def add(self, noted: Iterable[Noted]) -> None:
        """Keep these, in one transaction."""
        rows: list[Noted] = []
        sums: dict[str, Noted] = {}
        try:
            with self._database.writing() as connection:
                for one in noted:
                    key, kept = self._room.place(connection, _bounded(one))
                    if key is None:
                        rows.append(kept)
                    else:
                        sums[key] = together(sums[key], kept) if key in sums else kept
                if rows:
                    connection.execute(insert(DECISIONS), [_values(one, None) for one in rows])
                _sum_up(connection, sums)
                self._written += len(rows) + len(sums)
                if self._written >= _A_LOOK:
                    keep_bounds(connection, DECISIONS.c.last_at, DECISIONS.c.number, KEPT, MAX_ROWS)
                    self._written = 0
        except BaseException:
            self._room = _Room()  # what was counted was not written
            raise

    def since(self, at: str, host: str) -> list[Noted]:
        """What this machine's guard decided from this time on, in the order of time."""
        question = (
            select(DECISIONS)
            .where(DECISIONS.c.host == host, DECISIONS.c.last_at >= at)
            .order_by(DECISIONS.c.at, DECISIONS.c.number)
        )
        with self._database.reading() as connection:
            return [_noted(row) for row in connection.execute(question)]


@dataclass(slots=True)
class _Room:
    """How much room the day and the hour have left, as far as it was asked for."""

    days: dict[tuple[str, ...], int] = field(default_factory=dict)
    hours: dict[tuple[str, ...], set[str]] = field(default_factory=dict)

    def place(self, connection: Connection, one: Noted) -> tuple[str | None, Noted]:
        """The key of the row that it is summed up in, None for one of its own; and what goes in."""
        if one.times == 1 and one.address and (one.proven != "none" or one.action == RELEASE):
            day = (one.host, one.at[:_DAY], "release" if one.action == RELEASE else "")
            if day not in self.days:
                _forget(self.days)
                self.days[day] = _rows_of(connection, day)
            if self.days[day] < MAX_A_DAY:
                self.days[day] += 1
                return None, one
            return _key(one, ""), _of_many(one)
        hour = (one.host, one.at[:_HOUR])
        if hour not in self.hours:
            _forget(self.hours)
            self.hours[hour] = _addresses_of(connection, hour)
        known = self.hours[hour]
        if one.address and (one.address in known or len(known) < MAX_UNPROVEN_AN_HOUR):
            known.add(one.address)
            return _key(one, one.address), one
        return _key(one, ""), _of_many(one)


def _forget(held: dict[Any, Any]) -> None:
    """Yesterday's are not asked for any more; two machines and a clock that steps are."""
    while len(held) >= 8:
        del held[next(iter(held))]


def _rows_of(connection: Connection, day: tuple[str, ...]) -> int:
    host, date, kind = day
    is_release = DECISIONS.c.action == RELEASE
    question = (
        select(func.count())
        .select_from(DECISIONS)
        .where(DECISIONS.c.at.between(date, f"{date}~"), DECISIONS.c.host == host)
        .where(DECISIONS.c.summed.is_(None), is_release if kind else ~is_release)
    )
    return connection.scalar(question) or 0


def _addresses_of(connection: Connection, hour: tuple[str, ...]) -> set[str]:
    host, begin = hour
    question = select(DECISIONS.c.address).where(
        DECISIONS.c.at.between(begin, f"{begin}~"), DECISIONS.c.host == host,
        DECISIONS.c.summed.is_not(None), DECISIONS.c.address != "",
    )  # fmt: skip
    return set(connection.scalars(question))


def _key(one: Noted, address: str) -> str:
    how = "done" if one.enforced else "not done"
    return f"{one.at[:_HOUR]} {one.action} {how} {address} {one.host}"


def _of_many(one: Noted) -> Noted:
    """Without what is of one address only."""
    return Noted(
        one.at, one.action, "", one.host, one.enforced, one.lasts_s, one.reason,
        times=one.times, last_at=one.until,
    )  # fmt: skip


def _sum_up(connection: Connection, sums: dict[str, Noted]) -> None:
    keys = list(sums)
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        question = select(DECISIONS).where(DECISIONS.c.summed.in_(some))
        there = {row.summed: _noted(row) for row in connection.execute(question)}
        for key, kept in there.items():
            values = _values(together(kept, sums[key]), key)
            connection.execute(update(DECISIONS).where(DECISIONS.c.summed == key).values(values))
        new = [_values(sums[key], key) for key in some if key not in there]
        if new:
            connection.execute(insert(DECISIONS), new)


def _bounded(one: Noted) -> Noted:
    """Texts cut to what a row takes."""
    return replace(
        one,
        reason=one.reason[:MAX_REASON],
        account=one.account[:MAX_NAME],
        campaign=one.campaign[:MAX_NAME],
        address=one.address[:MAX_NAME],
        host=one.host[:255],
        kinds=one.kinds[:MAX_KINDS],
        ports=one.ports[:MAX_NAME],
    )


def _values(one: Noted, summed: str | None) -> dict[str, object]:
    return {
        "at": one.at, "last_at": one.until, "host": one.host, "action": one.action,
        "address": one.address, "ports": ",".join(map(str, one.ports)), "enforced": one.enforced,
        "lasts_s": one.lasts_s, "reason": one.reason, "kinds": ",".join(one.kinds),
        "weight_db": one.weight_db, "proven": one.proven, "account": one.account,
        "campaign": one.campaign, "role": one.role, "messages": one.messages,
        "refused": one.refused, "times": one.times, "summed": summed,
    }  # fmt: skip


def _noted(row: Row[tuple[object, ...]]) -> Noted:
    return Noted(
        row.at, row.action, row.address, row.host, row.enforced, row.lasts_s, row.reason,
        tuple(row.kinds.split(",")) if row.kinds else (), row.weight_db, row.proven,
        tuple(int(port) for port in row.ports.split(",") if port), row.account, row.campaign,
        row.role, row.messages, row.refused, row.times,
        "" if row.last_at == row.at else row.last_at,
    )  # fmt: skip
