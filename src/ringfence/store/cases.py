"""Cases in the store: written whole or not at all, read as values of the model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Insert, Row, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ringfence.model.case import OPEN, CameBack, Case, CaseSource, Filed, JournalEntry
from ringfence.store.opening import Database
from ringfence.store.schema import CASES, FILED, JOURNAL, RETURNS, SOURCES, TRAITS


class CaseStore:
    """Cases of one store. Every method raises StoreError when the store fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def file(
        self,
        case: Case,
        entries: Iterable[JournalEntry],
        *,
        filed: Filed | None = None,
        sources: Iterable[CaseSource] = (),
        traits: Iterable[str] = (),
        back: CameBack | None = None,
    ) -> None:
        """Write a case as it is now, and add entries, an investigation, sources, traits.

        `back`: the later case in which its hand is back.
        """
        with self._database.writing() as connection:
            write_case(connection, case)
            add_entries(connection, case.id, entries)
            if filed is not None:
                _add_filed(connection, case.id, filed)
            _add_sources(connection, case.id, sources)
            known = _traits(connection, case.id)
            new = [{"case_id": case.id, "trait": t} for t in traits if t not in known]
            if new:
                connection.execute(insert(TRAITS), new)
            if back is not None:
                add_return(connection, back)

    def merge(self, gone: tuple[Case, JournalEntry], into: tuple[Case, JournalEntry]) -> None:
        """The first case becomes part of the second: sources and traits are those of both."""
        with self._database.writing() as connection:
            for case, entry in (gone, into):
                write_case(connection, case)
                add_entries(connection, case.id, [entry])
            old, new = gone[0].id, into[0].id
            _add_sources(connection, new, _sources(connection, old))
            known = _traits(connection, new)
            added = [t for t in _traits(connection, old) if t not in known]
            if added:
                connection.execute(insert(TRAITS), [{"case_id": new, "trait": t} for t in added])
            connection.execute(delete(TRAITS).where(TRAITS.c.case_id == old))

    def cases(self, state: str | None = None) -> list[Case]:
        """All cases, or those of a state, newest first."""
        question = select(CASES).order_by(CASES.c.opened_at.desc(), CASES.c.id)
        if state is not None:
            question = question.where(CASES.c.state == state)
        with self._database.reading() as connection:
            return [_case(row) for row in connection.execute(question)]

    def named(self, name: str) -> list[Case]:
        """Cases whose number is, or begins or ends with, this name; in any case of letters."""
        wanted = name.strip().upper()
        every = self.cases()
        same = [case for case in every if case.id.upper() == wanted]
        return same or [
            case
            for case in every
            if case.id.upper().startswith(wanted) or case.id.upper().endswith(wanted)
        ]

    def journal(self, case_id: str) -> list[JournalEntry]:
        """Everything that was done, in its order."""
        question = select(JOURNAL).where(JOURNAL.c.case_id == case_id).order_by(JOURNAL.c.number)
        with self._database.reading() as connection:
            return [
                JournalEntry(row.at, row.who, row.kind, row.text)
                for row in connection.execute(question)
            ]

    def filed(self, case_id: str) -> list[Filed]:
        """Its investigations, in their order."""
        question = select(FILED).where(FILED.c.case_id == case_id).order_by(FILED.c.number)
        with self._database.reading() as connection:
            return [
                Filed(row.at, row.tool, tuple(row.inputs.split()), row.incident, row.folder)
                for row in connection.execute(question)
            ]

    def sources(self, case_id: str) -> list[CaseSource]:
        """Its accused addresses."""
        with self._database.reading() as connection:
            return _sources(connection, case_id)

    def traits(self, shared: Iterable[str], but: str) -> dict[str, list[str]]:
        """By case: those of these traits that it has. Merged cases, and `but`, are left out."""
        wanted = list(shared)
        found: dict[str, list[str]] = {}
        with self._database.reading() as connection:
            for at in range(0, len(wanted), 400):  # SQLite takes a bounded number of values
                some = TRAITS.c.trait.in_(wanted[at : at + 400])
                question = select(TRAITS).where(some, TRAITS.c.case_id != but)
                for row in connection.execute(question):
                    found.setdefault(row.case_id, []).append(row.trait)
        return found

    def family(self, case_id: str) -> list[str]:
        """The case, and all that were merged into it, or into those."""
        with self._database.reading() as connection:
            return family(connection, case_id)

    def open_count(self) -> int:
        """How many cases are open."""
        return len(self.cases(OPEN))


def add_return(connection: Connection, back: CameBack) -> None:
    """The hand of a case came back in a later one."""
    values = {
        "case_id": back.case_id, "later": back.later, "at": back.at, "sure_db": back.sure_db,
    }  # fmt: skip
    connection.execute(upsert(connection, RETURNS, values))


def family(connection: Connection, case_id: str) -> list[str]:
    """The case, and all that were merged into it, or into those."""
    question = select(CASES.c.id, CASES.c.merged_into).where(CASES.c.merged_into.is_not(None))
    parts: dict[str, list[str]] = {}
    for row in connection.execute(question):
        parts.setdefault(row.merged_into, []).append(row.id)
    found = [case_id]
    for one in found:
        found += [part for part in parts.get(one, ()) if part not in found]
    return found


def write_case(connection: Connection, case: Case) -> None:
    """The case as it is now."""
    values = asdict(case)
    done = connection.execute(update(CASES).where(CASES.c.id == case.id).values(values))
    if not done.rowcount:
        connection.execute(insert(CASES).values(values))


def add_entries(connection: Connection, case_id: str, entries: Iterable[JournalEntry]) -> None:
    """Entries at the end of its journal."""
    rows = [asdict(entry) | {"case_id": case_id} for entry in entries]
    if rows:
        connection.execute(insert(JOURNAL), rows)


def _add_filed(connection: Connection, case_id: str, filed: Filed) -> None:
    values = asdict(filed) | {"case_id": case_id, "inputs": "\n".join(filed.inputs)}
    connection.execute(insert(FILED).values(values))


def _add_sources(connection: Connection, case_id: str, sources: Iterable[CaseSource]) -> None:
    """New addresses are added; of known ones the times widen and the verdict is the latest."""
    known = {source.address: source for source in _sources(connection, case_id)}
    for source in sources:
        before = known.get(source.address, source)
        values = {
            "case_id": case_id,
            "address": source.address,
            "verdict": source.verdict,
            "first_seen": min(before.first_seen, source.first_seen),
            "last_seen": max(before.last_seen, source.last_seen),
        }
        connection.execute(upsert(connection, SOURCES, values))


def upsert(connection: Connection, table: Table, values: dict[str, Any]) -> Insert:
    """Insert a row, or change the one of the same key."""
    keys = list(table.primary_key)
    if connection.dialect.name == "postgresql":
        return (
            postgresql.insert(table)
            .values(values)
            .on_conflict_do_update(index_elements=keys, set_=values)
        )
    return (
        sqlite.insert(table).values(values).on_conflict_do_update(index_elements=keys, set_=values)
    )


def _sources(connection: Connection, case_id: str) -> list[CaseSource]:
    question = select(SOURCES).where(SOURCES.c.case_id == case_id).order_by(SOURCES.c.first_seen)
    return [
        CaseSource(row.address, row.verdict, row.first_seen, row.last_seen)
        for row in connection.execute(question)
    ]


def _traits(connection: Connection, case_id: str) -> set[str]:
    return set(connection.scalars(select(TRAITS.c.trait).where(TRAITS.c.case_id == case_id)))


def _case(row: Row[tuple[object, ...]]) -> Case:
    return Case(row.id, row.title, row.state, row.opened_at, row.changed_at, row.merged_into)
