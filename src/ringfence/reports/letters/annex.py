"""What every letter to investigators has attached: summary, sources, calls, accounts, evidence."""

from __future__ import annotations

from ringfence.model.incident import Suspect
from ringfence.model.letter import Brief
from ringfence.model.text import count
from ringfence.reports.jurisdictions.places import home, part_code, part_name
from ringfence.reports.letters import offence
from ringfence.reports.letters.facts import clock_says, exercise_note
from ringfence.reports.letters.owner import sender
from ringfence.reports.letters.text import Paragraph, wrapped
from ringfence.reports.words import listed, told

_MAX_HINTS = 6
# A letter's head: its names have a column of this width.
_ROW = 10


def annexes(brief: Brief) -> dict[str, object]:
    """Values for `annex.j2` and for the letter before it."""
    sources = offence.ranked(brief)
    return {
        "brief": brief,
        "row": row,
        "exercise": exercise_note(brief),
        "signature": sender(brief.settings.victim),
        "story": offence.story(brief),
        "period": offence.period(sources),
        "loss": loss_says(sources),
        "named": listed([s.address for s in sources], 6),
        "networks": networks(brief),
        "entries": offence.source_entries(brief),
        "sources_beyond": max(0, len(sources) - offence.MAX_SOURCES),
        "destinations": offence.destination_lines(sources),
        "calls": offence.call_lines(sources),
        "calls_beyond": offence.calls_beyond(sources),
        "unpriced": offence.unpriced(sources),
        "accounts": offence.account_lines(sources),
        "clock": clock_says(brief),
        "evidence": offence.evidence_lines_of(brief.evidence),
        "hints": hints(brief),
    }


def row(name: str, value: str) -> Paragraph:
    """Name and value, as a letter's head has them; later lines of the value below it."""
    return Paragraph(wrapped(value, _ROW, f"{name}:".ljust(_ROW) if name else ""))


def loss_says(sources: list[Suspect]) -> str:
    """About 155 USD by estimate, for 3 answered calls; or that there is none."""
    calls = sum(s.calls_total for s in sources)
    if not calls:
        return "no answered calls are in the record"
    return f"about {offence.total(offence.losses(sources))} by estimate, for {count(calls, 'call')}"


def crime(sources: list[Suspect]) -> str:
    """What a desk files it under, in plain words."""
    if any(s.calls_total for s in sources):
        return "Telephone system broken into, calls placed at our cost (toll fraud)"
    if any(s.accounts_taken for s in sources):
        return "Telephone system broken into"
    if any("flood" in s.kinds for s in sources):
        return "Attack on a telephone system (flood)"
    return "Attempts to break into a telephone system"


def networks(brief: Brief) -> list[str]:
    """The networks of the sources, a line each."""
    found = dict.fromkeys(
        offence.whose(offence.network_of(brief, s.address)) for s in offence.ranked(brief)
    )
    return list(found)[: offence.MAX_DESTINATIONS]


def hints(brief: Brief) -> list[str]:
    """Sources that a geolocation file puts into the victim's own state, and how sure that is."""
    where, state = home(brief.settings.victim.country, brief.settings.victim.state)
    said = []
    for party in brief.parties:
        at = party.responsible.location
        if not state or at is None or at.country != where:
            continue
        if part_code(where, at.region or "") == state:
            city = f"{told(at.city, 40)}, " if at.city else ""
            said.append(
                f"{party.responsible.address}: the geolocation file {told(at.source, 60)}, puts it "
                f"into {city}{part_name(where, state)}."
            )
    return said[:_MAX_HINTS]
