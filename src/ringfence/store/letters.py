"""Letters that were written, and what was sent of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, Select, delete, insert, select, update

from ringfence.model.case import Case, JournalEntry
from ringfence.model.letter import SentLetter
from ringfence.store.cases import add_entries, family, write_case
from ringfence.store.opening import Database
from ringfence.store.schema import LETTERS, MAILBOXES

# Message-IDs that are looked up at once: a stranger's References may name any number.
MAX_IDS = 100
_MAX_MAILBOX = 320
_MAX_MESSAGE_ID = 400


class LetterStore:
    """Letters of one store. Every method raises StoreError when the store fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, case: Case, entry: JournalEntry, letter: SentLetter) -> SentLetter:
        """Keep a letter, and give it its number."""
        with self._database.writing() as connection:
            write_case(connection, case)
            add_entries(connection, case.id, [entry])
            done = connection.execute(insert(LETTERS).values(_values(letter)))
            (number,) = done.inserted_primary_key or (0,)
            return _address(connection, replace(letter, number=number))

    def rewrite(self, case: Case, entry: JournalEntry, letter: SentLetter) -> SentLetter:
        """Another text in place of a draft, under its number."""
        with self._database.writing() as connection:
            write_case(connection, case)
            add_entries(connection, case.id, [entry])
            mine = LETTERS.c.number == letter.number
            connection.execute(update(LETTERS).where(mine).values(_values(letter)))
            connection.execute(delete(MAILBOXES).where(MAILBOXES.c.letter == letter.number))
            return _address(connection, letter)

    def sent(self, case: Case, entry: JournalEntry, letter: SentLetter) -> None:
        """The letter went out: its Message-ID and its time."""
        with self._database.writing() as connection:
            write_case(connection, case)
            add_entries(connection, case.id, [entry])
            connection.execute(
                update(LETTERS)
                .where(LETTERS.c.number == letter.number)
                .values(message_id=letter.message_id[:_MAX_MESSAGE_ID], sent_at=letter.sent_at)
            )

    def letters(self, case_id: str | None = None, to: str | None = None) -> list[SentLetter]:
        """All of a case and of those merged into it, all to a mailbox, or all; oldest first."""
        question = select(LETTERS)
        if to is not None:
            theirs = select(MAILBOXES.c.letter).where(MAILBOXES.c.mailbox == to.strip().lower())
            question = question.where(LETTERS.c.number.in_(theirs))
        with self._database.reading() as connection:
            if case_id is not None:
                question = question.where(LETTERS.c.case_id.in_(family(connection, case_id)))
            return _letters(connection, question)

    def of_message_ids(self, message_ids: Iterable[str]) -> list[SentLetter]:
        """Letters that went out under one of these Message-IDs."""
        wanted = [one for one in message_ids if one][:MAX_IDS]
        if not wanted:
            return []
        with self._database.reading() as connection:
            return _letters(connection, select(LETTERS).where(LETTERS.c.message_id.in_(wanted)))


def _values(letter: SentLetter) -> dict[str, str]:
    return {
        "case_id": letter.case_id, "kind": letter.kind, "at": letter.at,
        "receiver": letter.receiver, "subject": letter.subject, "network": letter.network,
        "addresses": "\n".join(letter.addresses), "file": letter.file,
        "message_id": letter.message_id, "sent_at": letter.sent_at,
    }  # fmt: skip


def _address(connection: Connection, letter: SentLetter) -> SentLetter:
    """Keep its mailboxes; the letter as it is kept."""
    boxes = tuple(mailbox.strip().lower()[:_MAX_MAILBOX] for mailbox in letter.to)
    rows = [
        {"letter": letter.number, "place": place, "mailbox": mailbox}
        for place, mailbox in enumerate(boxes)
    ]
    if rows:
        connection.execute(insert(MAILBOXES), rows)
    return replace(letter, to=boxes)


def _letters(connection: Connection, question: Select[tuple[object, ...]]) -> list[SentLetter]:
    rows = list(connection.execute(question.order_by(LETTERS.c.number)))
    boxes: dict[int, list[str]] = {}
    wanted = question.with_only_columns(LETTERS.c.number)
    named = select(MAILBOXES).where(MAILBOXES.c.letter.in_(wanted)).order_by(MAILBOXES.c.place)
    for row in connection.execute(named):
        boxes.setdefault(row.letter, []).append(row.mailbox)
    return [
        SentLetter(
            row.number, row.case_id, row.kind, row.at, row.receiver,
            tuple(boxes.get(row.number, ())), row.subject, row.network,
            tuple(row.addresses.split()), row.file, row.message_id, row.sent_at,
        )
        for row in rows
    ]  # fmt: skip
