"""What was said about the steps of a case. Only ever added to: the latest counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import insert, select

from ringfence.model.case import Case, JournalEntry
from ringfence.model.follow_up import Mark
from ringfence.store.cases import add_entries, family, write_case
from ringfence.store.opening import Database
from ringfence.store.schema import MARKS


class MarkStore:
    """Marks of one store. Every method raises StoreError when the store fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, case: Case, entry: JournalEntry, marks: Iterable[Mark]) -> None:
        """Keep marks, with one entry of the journal for all of them."""
        rows = [asdict(mark) | {"case_id": case.id} for mark in marks]
        with self._database.writing() as connection:
            write_case(connection, case)
            add_entries(connection, case.id, [entry])
            if rows:
                connection.execute(insert(MARKS), rows)

    def marks(self, case_id: str) -> list[Mark]:
        """Those of a case and of those merged into it, in their order."""
        with self._database.reading() as connection:
            question = select(MARKS).where(MARKS.c.case_id.in_(family(connection, case_id)))
            return [
                Mark(row.step, row.state, row.at, row.who, row.network, row.text)
                for row in connection.execute(question.order_by(MARKS.c.at, MARKS.c.number))
            ]
