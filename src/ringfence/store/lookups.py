"""What registries answered, until it expires, and which of them want to be left alone."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from ringfence.store.opening import Database
from ringfence.store.schema import LOOKUPS, PAUSES

# Networks that are remembered at once; what expires first goes first.
MAX_LOOKUPS = 20_000


class LookupStore:
    """Look-ups of one store. Every method raises StoreError when the store fails.

    A position is an address as text that sorts like the address: "4" or "6", then hex.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, position: str, now: str) -> list[bytes]:
        """Answers about networks that hold the address, the narrowest first."""
        question = (
            select(LOOKUPS.c.answer)
            .where(
                LOOKUPS.c.first <= position, LOOKUPS.c.last >= position, LOOKUPS.c.expires_at > now
            )
            .order_by(LOOKUPS.c.first.desc(), LOOKUPS.c.last)
        )
        with self._database.reading() as connection:
            return list(connection.scalars(question))

    def keep(self, first: str, last: str, now: str, expires_at: str, answer: bytes) -> None:
        """Remember the answer about a network, in place of an earlier one."""
        same = (LOOKUPS.c.first == first) & (LOOKUPS.c.last == last)
        values = {
            "first": first, "last": last, "asked_at": now, "expires_at": expires_at,
            "answer": answer,
        }  # fmt: skip
        with self._database.writing() as connection:
            connection.execute(delete(LOOKUPS).where(same | (LOOKUPS.c.expires_at <= now)))
            oldest = (
                select(LOOKUPS.c.expires_at)
                .order_by(LOOKUPS.c.expires_at.desc())
                .offset(MAX_LOOKUPS - 1)
                .limit(1)
            )
            if (bound := connection.scalar(oldest)) is not None:
                connection.execute(delete(LOOKUPS).where(LOOKUPS.c.expires_at <= bound))
            connection.execute(insert(LOOKUPS).values(values))

    def paused_until(self, host: str) -> str | None:
        """Until when the server wants to be left alone."""
        question = select(PAUSES.c.until).where(PAUSES.c.host == host)
        with self._database.reading() as connection:
            return connection.scalar(question)

    def pause(self, host: str, until: str) -> None:
        """Leave the server alone until then."""
        with self._database.writing() as connection:
            connection.execute(delete(PAUSES).where(PAUSES.c.host == host))
            connection.execute(insert(PAUSES).values(host=host, until=until))
