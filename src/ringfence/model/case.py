"""A case: one incident with its state, its investigations and its journal."""

from __future__ import annotations

from dataclasses import dataclass

OPEN, CLOSED, MERGED = "open", "closed", "merged"
STATES = (OPEN, CLOSED, MERGED)
# What an entry of the journal tells of.
ENTRY_KINDS = (
    "opened",
    "investigated",
    "note",
    "closed",
    "reopened",
    "merged",
    "returned",
    "continues",
    "attributed",
    "letter",
    "sent",
    "reply",
    "step",
    "measure",
)


@dataclass(frozen=True, slots=True)
class Case:
    """One incident. Times are ISO 8601 in UTC with Z."""

    id: str  # RF-20261125-7f3a2c
    title: str
    state: str
    opened_at: str
    changed_at: str
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class CaseSource:
    """An accused address of a case, over all its investigations."""

    address: str
    verdict: str
    first_seen: str
    last_seen: str


@dataclass(frozen=True, slots=True)
class Filed:
    """One investigation of a case: which captures, its document (JSON), its folder."""

    at: str
    tool: str
    inputs: tuple[str, ...]  # SHA-256 of the captures, sorted
    incident: bytes
    folder: str | None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """What was done, when, by whom. Entries are only ever added."""

    at: str
    who: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Returning:
    """An earlier case that the same hand made, what both share, and how sure that is."""

    case_id: str
    shared: tuple[str, ...]
    sure_db: float


@dataclass(frozen=True, slots=True)
class CameBack:
    """The same hand in a later case: which, and when that was filed."""

    case_id: str
    later: str
    at: str
    sure_db: float


class StoreError(Exception):
    """The store cannot be used: names it, why, and what to do."""


class CaseError(ValueError):
    """What was asked of a case makes no sense: says why, and what to do."""
