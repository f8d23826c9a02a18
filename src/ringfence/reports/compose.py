"""A dossier to the report: every word of it, before any form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from ringfence.model.clock import nanoseconds
from ringfence.model.dossier import Dossier, FolderFile
from ringfence.model.incident import Incident, InTrouble
from ringfence.model.text import count
from ringfence.reports.desks import MAX_DESKS, desks_of
from ringfence.reports.follow_up import check_off
from ringfence.reports.method import EXPLAINED, GLOSSARY, hands_of, sources_of
from ringfence.reports.opening import open_report
from ringfence.reports.portrait import line_of, portray
from ringfence.reports.report import Desk, Portrait, Report, Trouble
from ringfence.reports.steps import plan_steps
from ringfence.reports.words import MAX_SENTENCE, listed, moment, told

# A flood of forged addresses may make thousands of suspects. So many get a portrait, the
# surest first; so many more a line; the others are counted, and in incident.json.
MAX_PORTRAITS = 20
MAX_LINES = 1000
MAX_TROUBLES = 200
_MAX_FILES = 400
_MAX_RETURNING = 20


def compose(dossier: Dossier) -> Report:
    """The report on a case."""
    incident = dossier.incident
    suspects = incident.suspects
    listed_last = MAX_PORTRAITS + MAX_LINES
    desks = desks_of(incident)
    internal = [] if dossier.redacted else incident.follow_up
    return Report(
        case_id=told(dossier.case_id, 40),
        made_at=moment(dossier.made_at),
        made_on=_clock(dossier.made_at),
        tool=told(dossier.tool, 60),
        redacted=dossier.redacted,
        returning=tuple(told(case, 40) for case in dossier.returning[:_MAX_RETURNING]),
        opening=open_report(incident, redacted=dossier.redacted),
        steps=plan_steps(dossier),
        desks=desks,
        more_desks=max(0, len(incident.attribution) - MAX_DESKS),
        exercise=any(entry.exercise for entry in incident.attribution),
        follow_up=check_off(internal, dossier.made_at),
        timeline=dossier.timeline,
        moments=tuple(_moments(incident)),
        portraits=tuple(_portraits(dossier, desks)),
        others=tuple(line_of(s) for s in suspects[MAX_PORTRAITS:listed_last]),
        unlisted=max(0, len(suspects) - listed_last),
        troubles=tuple(_trouble(entry) for entry in incident.in_trouble[:MAX_TROUBLES]),
        more_troubles=max(0, len(incident.in_trouble) - MAX_TROUBLES),
        hands=hands_of(incident),
        defended=listed(incident.defended, 8) if incident.defended else "none was recognised",
        ordinary=count(incident.ordinary, "source"),
        method=EXPLAINED,
        sources=sources_of(incident),
        glossary=GLOSSARY,
        files=tuple(_file(f) for f in dossier.files[:_MAX_FILES]),
    )


def _portraits(dossier: Dossier, desks: tuple[Desk, ...]) -> Iterator[Portrait]:
    """The surest suspects; who answers for a network is told in full once."""
    entries = dossier.incident.attribution
    of = {a: desk for entry, desk in zip(entries, desks, strict=False) for a in entry.addresses}
    told_at: dict[str, tuple[str, str]] = {}
    for number, suspect in enumerate(dossier.incident.suspects[:MAX_PORTRAITS]):
        portrait = portray(dossier, number)
        desk = of.get(suspect.address)
        first = told_at.setdefault(desk.name, (portrait.name, portrait.address)) if desk else None
        at = first if first and first[0] != portrait.name else ("", "")
        yield replace(portrait, desk=desk, desk_at=at)


def _clock(made_at: str) -> tuple[int, ...]:
    try:
        return datetime.fromisoformat(made_at).timetuple()[:6]
    except ValueError:
        return 1970, 1, 1, 0, 0, 0


def _moments(incident: Incident) -> list[tuple[int, str]]:
    """What a reader looks for in the timeline."""
    answered = [nanoseconds(c.answered_at) for s in incident.suspects for c in s.calls_answered]
    times = sorted(time for time in answered if time)
    return [(times[0], "first call answered")] if times else []


def _trouble(entry: InTrouble) -> Trouble:
    return Trouble(
        account=told(entry.account, 48) or "unknown",
        address=entry.address,
        why=told(entry.why, MAX_SENTENCE),
        since=moment(entry.since),
        say=told(entry.say, MAX_SENTENCE),
    )


def _file(f: FolderFile) -> FolderFile:
    return FolderFile(told(f.path, 160), told(f.what, MAX_SENTENCE), told(f.readers, 80))
