"""Mails that came back."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, Row, func, insert, select, update

from ringfence.model.case import Case, CaseError, JournalEntry
from ringfence.model.follow_up import Reply
from ringfence.store.cases import add_entries, family, write_case
from ringfence.store.opening import Database
from ringfence.store.schema import REPLIES

# Anybody can mail a case's number any number of times. Counted for each letter, and for
# what answers none of them, so that no stranger's mails keep a desk's answer out.
MAX_REPLIES = 500


class ReplyStore:
    """Replies of one store. Every method raises StoreError when the store fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, case: Case, entry: JournalEntry, reply: Reply) -> bool:
        """Keep a reply; False where one of its Message-ID is kept already.

        Raises CaseError when its letter has more replies than anybody reads.
        """
        same = REPLIES.c.message_id == reply.message_id
        with self._database.writing() as connection:
            if connection.scalar(select(REPLIES.c.number).where(same)) is not None:
                return False
            if _count(connection, reply) >= MAX_REPLIES:
                raise CaseError(
                    f"{case.id} has {MAX_REPLIES} replies to the same letter: read them, and "
                    "note what is left with `ringfence case note`"
                )
            write_case(connection, case)
            add_entries(connection, case.id, [entry])
            values = asdict(reply) | {"tickets": "\n".join(reply.tickets)}
            connection.execute(insert(REPLIES).values(values))
        return True

    def change(self, case: Case, entry: JournalEntry, reply: Reply) -> None:
        """What somebody says that it turned out to be, and which letter it answers."""
        with self._database.writing() as connection:
            write_case(connection, case)
            add_entries(connection, case.id, [entry])
            connection.execute(
                update(REPLIES)
                .where(REPLIES.c.message_id == reply.message_id)
                .values(
                    outcome=reply.outcome,
                    letter=reply.letter,
                    how=reply.how,
                    case_id=reply.case_id,
                )
            )

    def of_message_id(self, message_id: str) -> Reply | None:
        """The reply of this Message-ID."""
        with self._database.reading() as connection:
            question = select(REPLIES).where(REPLIES.c.message_id == message_id)
            row = connection.execute(question).one_or_none()
        return None if row is None else _reply(row)

    def replies(self, case_id: str | None = None) -> list[Reply]:
        """All of a case and of those merged into it, or all; in the order of filing."""
        question = select(REPLIES).order_by(REPLIES.c.number)
        with self._database.reading() as connection:
            if case_id is not None:
                question = question.where(REPLIES.c.case_id.in_(family(connection, case_id)))
            return [_reply(row) for row in connection.execute(question)]


def _count(connection: Connection, reply: Reply) -> int:
    same = (REPLIES.c.case_id == reply.case_id) & REPLIES.c.letter.is_not_distinct_from(
        reply.letter
    )
    return connection.scalar(select(func.count()).select_from(REPLIES).where(same)) or 0


def _reply(row: Row[tuple[object, ...]]) -> Reply:
    return Reply(
        row.at, row.case_id, row.letter, row.sender, row.subject, row.message_id, row.outcome,
        row.says, row.how, tuple(row.tickets.split("\n")) if row.tickets else (),
    )  # fmt: skip
