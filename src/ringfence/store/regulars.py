"""Who was let in: a row for each account of an address, so many, each as long as it comes back.

How it works: only the phone system's own yes makes a row, so a stranger cannot fill the
table. A row that was not seen for a quarter of a year goes; of too many, those that were
seen longest ago.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, Row, delete, insert, select, update

from ringfence.model.regular import Regular
from ringfence.store.bounds import keep_bounds
from ringfence.store.opening import Database
from ringfence.store.schema import REGULARS

MAX_ROWS = 100_000
KEPT = timedelta(days=90)
MAX_NAME = 64
# Addresses in one question: SQLite takes 32 766.
_AT_ONCE = 5_000
# How many rows are written until it is looked whether old ones have to go.
_A_LOOK = 1_000


class RegularStore:
    """The regulars of one store. Every method raises StoreError when the store fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._written = _A_LOOK

    def note(self, seen: Iterable[Regular], struck: Collection[str], host: str) -> None:
        """These were let in; what is known of the addresses in `struck` is forgotten."""
        rows = {_key(one): one for one in map(_bounded, seen) if one.address not in struck}
        with self._database.writing() as connection:
            _strike(connection, sorted(struck), host)
            _write(connection, rows)
            self._written += len(rows)
            if self._written >= _A_LOOK:
                keep_bounds(connection, REGULARS.c.last_at, REGULARS.c.last_at, KEPT, MAX_ROWS)
                self._written = 0

    def since(self, at: str, host: str) -> list[Regular]:
        """Who was let in at this machine at this time or later, by address and account."""
        question = (
            select(REGULARS)
            .where(REGULARS.c.host == host, REGULARS.c.last_at >= at)
            .order_by(REGULARS.c.address, REGULARS.c.account)
        )
        with self._database.reading() as connection:
            return [_regular(row) for row in connection.execute(question)]


def _key(one: Regular) -> tuple[str, str, str]:
    return one.host, one.address, one.account


def _strike(connection: Connection, addresses: list[str], host: str) -> None:
    for start in range(0, len(addresses), _AT_ONCE):
        some = addresses[start : start + _AT_ONCE]
        connection.execute(
            delete(REGULARS).where(REGULARS.c.host == host, REGULARS.c.address.in_(some))
        )


def _write(connection: Connection, rows: dict[tuple[str, str, str], Regular]) -> None:
    addresses = sorted({one.address for one in rows.values()})
    there: dict[tuple[str, str, str], Regular] = {}
    for start in range(0, len(addresses), _AT_ONCE):
        some = addresses[start : start + _AT_ONCE]
        found = connection.execute(select(REGULARS).where(REGULARS.c.address.in_(some)))
        there |= {_key(one): one for one in map(_regular, found)}
    for key, one in rows.items():
        if (known := there.get(key)) is not None:
            host, address, account = key
            connection.execute(
                update(REGULARS)
                .where(
                    REGULARS.c.host == host, REGULARS.c.address == address,
                    REGULARS.c.account == account,
                )
                .values(_values(known.joined(one)))
            )  # fmt: skip
    if new := [_values(one) for key, one in rows.items() if key not in there]:
        connection.execute(insert(REGULARS), new)


def _bounded(one: Regular) -> Regular:
    return replace(
        one, address=one.address[:MAX_NAME], account=one.account[:MAX_NAME], host=one.host[:255]
    )


def _values(one: Regular) -> dict[str, str]:
    return {
        "host": one.host, "address": one.address, "account": one.account, "role": one.role,
        "first_at": one.first, "last_at": one.last,
    }  # fmt: skip


def _regular(row: Row[tuple[str, ...]]) -> Regular:
    return Regular(row.address, row.account, row.role, row.first_at, row.last_at, row.host)
