"""Cases, composed: an incident filed in the store, and what is done with cases afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from ringfence import __version__
from ringfence.cases import steps
from ringfence.cases.hand import same_hand, traits_of
from ringfence.cases.naming import name_case
from ringfence.flow.follow_up import FollowUps
from ringfence.flow.moment import now, whoami
from ringfence.flow.places import default_store
from ringfence.model.case import (
    CameBack,
    Case,
    CaseError,
    CaseSource,
    Filed,
    JournalEntry,
    Returning,
    StoreError,
)
from ringfence.model.incident import Incident

__all__ = [
    "CaseError",
    "Casebook",
    "Docket",
    "StoreError",
    "default_store",
    "name_case",
    "now",
    "whoami",
]

TOOL = f"ringfence {__version__}"
# A beginning or an end of a case's number is enough to name it when it is this long.
_MIN_PREFIX = 3


@dataclass(frozen=True, slots=True)
class Docket:
    """A case as it stands after an investigation was filed, and earlier ones of the same hand."""

    case: Case
    is_new: bool
    returning: tuple[Returning, ...]


class Casebook(FollowUps):
    """The cases of one store, for commands. Raises StoreError and CaseError."""

    def __init__(self, where: str | None = None) -> None:
        from ringfence.store.cases import CaseStore  # SQLAlchemy takes its time to load
        from ringfence.store.opening import Database

        self.where = where or default_store()
        database = Database(self.where)
        super().__init__(database, CaseStore(database))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def returning(self, incident: Incident) -> tuple[Returning, ...]:
        """Earlier cases of the same hand. Raises CaseError when nobody is accused."""
        traits = traits_of(incident)
        return same_hand(traits, self._store.traits(traits, but=name_case(incident)))

    def file(self, incident: Incident, folder: str | None) -> Docket:
        """File an investigation: a new case, or the one of these captures again.

        Earlier cases of the same hand are told so in their journal, and open again.
        """
        at, who = now(), whoami()
        case, opened = steps.open_case(incident, at, who)
        known = next(iter(self._store.named(case.id)), None)
        filed = Filed(
            at, TOOL, tuple(sorted(i.sha256 for i in incident.inputs)),
            msgspec.json.encode(incident), folder,
        )  # fmt: skip
        entry = JournalEntry(at, who, "investigated", _investigated(incident, folder))
        returning = self.returning(incident)
        entries = [entry] if known else [opened, entry]
        if returning and known is None:
            entries.append(steps.continues(case, returning, at, who)[1])
        self._store.file(
            known or case,
            entries,
            filed=filed,
            sources=[
                CaseSource(s.address, s.verdict, s.first_seen, s.last_seen)
                for s in incident.suspects
            ],
            traits=traits_of(incident),
        )
        if known is None:
            for back in returning:
                earlier = self.find(back.case_id)
                changed, told = steps.went_on(earlier, back, case.id, at, who)
                came_back = CameBack(earlier.id, case.id, at, back.sure_db)
                self._store.file(changed, [told], back=came_back)
        return Docket(known or case, known is None, returning)

    def cases(self, state: str | None = None) -> list[Case]:
        """Cases, newest first."""
        return self._store.cases(state)

    def find(self, name: str) -> Case:
        """The one case of this number, or of a part of it. Raises CaseError."""
        found = self._store.named(name) if len(name) >= _MIN_PREFIX else []
        if len(found) == 1:
            return found[0]
        if found:
            some = ", ".join(case.id for case in found[:4])
            raise CaseError(f"{name} names several cases: {some}")
        hint = f"; name at least {_MIN_PREFIX} characters" if len(name) < _MIN_PREFIX else ""
        raise CaseError(f"there is no case {name}{hint}: see `ringfence case list`")

    def journal(self, case: Case) -> list[JournalEntry]:
        """What was done with it."""
        return self._store.journal(case.id)

    def filed(self, case: Case) -> list[Filed]:
        """Its investigations."""
        return self._store.filed(case.id)

    def investigations(self, case: Case) -> list[list[Filed]]:
        """Those of a case, and of each that was merged into it; the latest stands last."""
        family = (self._store.filed(one) for one in self._store.family(case.id))
        return [filed for filed in family if filed]

    def sources(self, case: Case) -> list[CaseSource]:
        """Its accused addresses."""
        return self._store.sources(case.id)

    def note(self, name: str, text: str) -> Case:
        """Add a note."""
        return self._step(steps.note(self.find(name), text, now(), whoami()))

    def close(self, name: str, why: str) -> Case:
        """Close it."""
        return self._step(steps.close(self.find(name), why, now(), whoami()))

    def reopen(self, name: str, why: str) -> Case:
        """Open it again."""
        return self._step(steps.reopen(self.find(name), why, now(), whoami()))

    def merge(self, name: str, into: str) -> Case:
        """Make the first a part of the second."""
        gone, kept = steps.merge(self.find(name), self.find(into), now(), whoami())
        self._store.merge(gone, kept)
        return kept[0]

    def export(self, name: str) -> bytes:
        """Everything that the store knows of a case, as one JSON document."""
        case = self.find(name)
        document = {
            "schema": "ringfence.case/2",
            "case": case,
            "sources": self.sources(case),
            "journal": self.journal(case),
            "continues": self.continues(case),
            "came_back": self.came_back(case),
            "attribution": self.attribution(case),
            "letters": self.letters(case),
            "replies": self.replies(case),
            "marks": self.marks(case),
            "measures": self.measures(case),
            "investigations": [
                {
                    "at": one.at,
                    "tool": one.tool,
                    "inputs": one.inputs,
                    "folder": one.folder,
                    "incident": msgspec.Raw(one.incident),
                }
                for one in self.filed(case)
            ],
        }
        return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"

    def _step(self, step: steps.Step) -> Case:
        case, entry = step
        self._store.file(case, [entry])
        return case


def _investigated(incident: Incident, folder: str | None) -> str:
    names = ", ".join(Path(one.path).name for one in incident.inputs)
    accused = len(incident.suspects)
    where = f"; folder {folder}" if folder else ""
    return f"investigated {names}: {accused} accused{where}"
