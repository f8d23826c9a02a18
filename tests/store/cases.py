"""Cases that are in the store already."""

from __future__ import annotations

from ringfence.cases import steps
from ringfence.model.case import Case, JournalEntry
from ringfence.store.cases import CaseStore
from ringfence.store.opening import Database
from tests.cases.incidents import incident, suspect

AT, LATER, WHO = "2026-10-03T08:00:00Z", "2026-10-04T08:00:00Z", "anna@pbx"


def filed(database: Database, letter: str = "a") -> Case:
    """A case of this capture."""
    case, entry = steps.open_case(incident(suspect("203.0.113.66"), capture=letter * 64), AT, WHO)
    CaseStore(database).file(case, [entry])
    return case


def merged(database: Database, one: Case, into: Case) -> None:
    """The first becomes a part of the second."""
    CaseStore(database).merge(*steps.merge(one, into, LATER, WHO))


def entry(text: str = "x") -> JournalEntry:
    """An entry of the journal."""
    return JournalEntry(LATER, WHO, "note", text)
