"""The dossier: everything that a case folder is written from, and for whom each file is."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.exchange import Exchange
from ringfence.model.incident import Incident
from ringfence.model.measure import BlockPlan


@dataclass(frozen=True, slots=True)
class Timeline:
    """What the accused did over time: `series[name][i]` messages in bin i.

    Bins are `bin_s` seconds long and begin at `begins_ns` (UTC). Names are kinds of
    attack (`incident.KINDS`) for requests, `refused` and `accepted` for answers.
    """

    begins_ns: int
    bin_s: float
    series: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class FolderFile:
    """One file of the folder: where, what it is, whom it may be handed to."""

    path: str  # relative to the folder, with /
    what: str  # one sentence
    readers: str  # "you", "abuse desk", "police", "court's expert", "anybody"


@dataclass(frozen=True, slots=True)
class Dossier:
    """One case as its readers get it; `redacted` says that it may leave the house."""

    case_id: str  # RF-20261125-7f3a2c
    made_at: str  # ISO 8601, UTC
    tool: str  # "ringfence 0.1.0"
    incident: Incident
    timeline: Timeline | None
    exchanges: dict[str, Exchange]  # by address of a suspect: the exchange that decides
    files: tuple[FolderFile, ...]
    returning: tuple[str, ...] = ()  # earlier cases of the same hand
    plan: BlockPlan | None = None  # whom the lists in block/ drop, and whom not, and why
    redacted: bool = False
