"""What is done against sources, and the allow list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from ringfence.model.case import Case, JournalEntry
from ringfence.model.measure import Allowed, Measure
from ringfence.store.cases import add_entries, family, upsert, write_case
from ringfence.store.opening import Database
from ringfence.store.schema import ALLOWED, MEASURES

# Of each address as many are told as anybody reads; the store keeps all.
MAX_HISTORY = 100
# Names in one statement: SQLite takes 32 766, PostgreSQL 65 535.
_AT_ONCE = 10_000


class MeasureStore:
    """Measures of one store. Every method raises StoreError when the store fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        measures: Sequence[Measure],
        case: Case | None = None,
        entry: JournalEntry | None = None,
    ) -> None:
        """Keep measures; with an entry in the journal of the case that they belong to."""
        with self._database.writing() as connection:
            if case is not None and entry is not None:
                write_case(connection, case)
                add_entries(connection, case.id, [entry])
            if measures:
                connection.execute(insert(MEASURES), [_values(one) for one in measures])

    def end(
        self,
        ids: Iterable[str],
        at: str,
        why: str,
        case: Case | None = None,
        entry: JournalEntry | None = None,
    ) -> None:
        """These came to an end before their time; one that has ended stays as it is."""
        names = list(ids)
        with self._database.writing() as connection:
            if case is not None and entry is not None:
                write_case(connection, case)
                add_entries(connection, case.id, [entry])
            for start in range(0, len(names), _AT_ONCE):
                connection.execute(
                    update(MEASURES)
                    .where(MEASURES.c.id.in_(names[start : start + _AT_ONCE]))
                    .where(MEASURES.c.ended_at == "")
                    .values(ended_at=at, ended_why=why)
                )

    def in_force(self, at: str, host: str) -> list[Measure]:
        """Those that should be in this machine's firewall at this time, oldest first."""
        mine = (MEASURES.c.ended_at == "", MEASURES.c.until > at, MEASURES.c.host == host)
        with self._database.reading() as connection:
            return _measures(connection, select(MEASURES).where(*mine))

    def known(self, ids: Iterable[str]) -> set[str]:
        """Those of these that are kept, in force or over."""
        names = list(ids)
        found: set[str] = set()
        with self._database.reading() as connection:
            for start in range(0, len(names), _AT_ONCE):
                some = names[start : start + _AT_ONCE]
                found.update(
                    connection.scalars(select(MEASURES.c.id).where(MEASURES.c.id.in_(some)))
                )
        return found

    def of_address(self, address: str) -> list[Measure]:
        """The latest of an address, in force or over, oldest first."""
        question = select(MEASURES).where(MEASURES.c.address == address)
        latest = question.order_by(MEASURES.c.number.desc()).limit(MAX_HISTORY)
        with self._database.reading() as connection:
            return [_measure(row) for row in connection.execute(latest)][::-1]

    def of_case(self, case_id: str) -> list[Measure]:
        """Those of a case and of those merged into it, oldest first."""
        with self._database.reading() as connection:
            question = select(MEASURES).where(MEASURES.c.case_id.in_(family(connection, case_id)))
            return [
                _measure(row) for row in connection.execute(question.order_by(MEASURES.c.number))
            ]

    def allow(self, allowed: Allowed) -> None:
        """Never block this network; said again, it is as it is said now."""
        with self._database.writing() as connection:
            connection.execute(upsert(connection, ALLOWED, asdict(allowed)))

    def disallow(self, network: str) -> bool:
        """Whether it was on the list."""
        with self._database.writing() as connection:
            done = connection.execute(delete(ALLOWED).where(ALLOWED.c.network == network))
            return done.rowcount > 0

    def allowed(self) -> list[Allowed]:
        """The allow list, in the order in which it was said."""
        question = select(ALLOWED).order_by(ALLOWED.c.since, ALLOWED.c.network)
        with self._database.reading() as connection:
            return [
                Allowed(row.network, row.why, row.by, row.since)
                for row in connection.execute(question)
            ]


def _measures(connection: Connection, question: Select[Any]) -> list[Measure]:
    return [_measure(row) for row in connection.execute(question.order_by(MEASURES.c.number))]


def _values(measure: Measure) -> dict[str, object]:
    ports = ",".join(str(port) for port in measure.ports)
    return asdict(measure) | {"ports": ports, "case_id": measure.case_id or None}


def _measure(row: Row[tuple[object, ...]]) -> Measure:
    ports = tuple(int(port) for port in row.ports.split(",") if port)
    return Measure(
        row.id, row.action, row.address, row.reason, row.by, row.since, row.until, ports,
        row.case_id or "", row.ended_at, row.ended_why, row.host,
    )  # fmt: skip
