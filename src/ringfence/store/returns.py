"""Which cases the same hand made, one after the other."""

from __future__ import annotations

from sqlalchemy import Connection, Select, select

from ringfence.model.case import CameBack
from ringfence.store.cases import family
from ringfence.store.opening import Database
from ringfence.store.schema import RETURNS


class ReturnStore:
    """Returns of one store. Every method raises StoreError when the store fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def later(self, case_id: str) -> list[CameBack]:
        """Where the hand of this case, or of one merged into it, came back; oldest first."""
        with self._database.reading() as connection:
            mine = family(connection, case_id)
            question = select(RETURNS).where(
                RETURNS.c.case_id.in_(mine), RETURNS.c.later.not_in(mine)
            )
            return _returns(connection, question.order_by(RETURNS.c.at, RETURNS.c.later))

    def earlier(self, case_id: str) -> list[CameBack]:
        """Cases that this one, or one merged into it, goes on with; the surest first."""
        with self._database.reading() as connection:
            mine = family(connection, case_id)
            question = select(RETURNS).where(
                RETURNS.c.later.in_(mine), RETURNS.c.case_id.not_in(mine)
            )
            return _returns(connection, question.order_by(RETURNS.c.sure_db.desc()))


def _returns(connection: Connection, question: Select[tuple[object, ...]]) -> list[CameBack]:
    return [
        CameBack(row.case_id, row.later, row.at, row.sure_db)
        for row in connection.execute(question)
    ]
