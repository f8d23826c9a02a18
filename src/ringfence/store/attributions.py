"""Who answers for the addresses of a case, as the registries said: JSON, an address each."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from ringfence.model.case import Case, CaseError, JournalEntry
from ringfence.store.cases import add_entries, family, upsert, write_case
from ringfence.store.opening import Database
from ringfence.store.schema import ATTRIBUTIONS

# Addresses of a case that may be looked up: a crowd is written to by its networks, and
# nobody asks registries for more than this.
MAX_ATTRIBUTIONS = 20_000


class AttributionStore:
    """Attributions of one store. Every method raises StoreError when the store fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(
        self, case: Case, entry: JournalEntry | None, found: Mapping[str, bytes], at: str
    ) -> None:
        """Keep what was found by address, in place of what was known. Raises CaseError."""
        with self._database.writing() as connection:
            write_case(connection, case)
            if entry is not None:
                add_entries(connection, case.id, [entry])
            for address, octets in found.items():
                values = {"case_id": case.id, "address": address, "at": at, "found": octets}
                connection.execute(upsert(connection, ATTRIBUTIONS, values))
            mine = ATTRIBUTIONS.c.case_id == case.id
            number = connection.scalar(select(func.count()).select_from(ATTRIBUTIONS).where(mine))
            if (number or 0) > MAX_ATTRIBUTIONS:
                raise CaseError(
                    f"{case.id}: more than {MAX_ATTRIBUTIONS:,} addresses looked up for one case"
                )

    def found(self, case_id: str) -> dict[str, bytes]:
        """By address, of a case and of those merged into it: the latest of each."""
        with self._database.reading() as connection:
            mine = ATTRIBUTIONS.c.case_id.in_(family(connection, case_id))
            question = select(ATTRIBUTIONS).where(mine)
            question = question.order_by(ATTRIBUTIONS.c.at, ATTRIBUTIONS.c.address)
            return {row.address: row.found for row in connection.execute(question)}
