"""Who answers for the suspects: whom to write to, whom to call, and how good each contact is."""

from __future__ import annotations

from ringfence.model.countries import NAMES
from ringfence.model.incident import AttributedContact, Attribution, Incident
from ringfence.model.responsible import COPY, DESK, GRADES
from ringfence.model.text import count
from ringfence.reports.report import ContactLine, Desk
from ringfence.reports.words import MAX_SENTENCE, listed, moment, told

# Networks that the report names, those of the surest suspects first; the document has all.
MAX_DESKS = 60
_MAX_ADDRESSES = 6
_MAX_PREFIXES = 4
_MAX_CONTACTS = 12
_MAX_MAIL = 120


def desks_of(incident: Incident) -> tuple[Desk, ...]:
    """One a network, in the order of the suspects."""
    return tuple(
        _desk(entry, number) for number, entry in enumerate(incident.attribution[:MAX_DESKS], 1)
    )


def reached_by(contact: AttributedContact) -> str:
    """What to write to, to open, or to dial."""
    return told(contact.email or contact.form or contact.phone or "nobody", _MAX_MAIL)


def _desk(entry: Attribution, number: int) -> Desk:
    best = entry.best
    usable = [c for c in entry.contacts if c.usable]
    unusable = [c for c in entry.contacts if not c.usable]
    return Desk(
        name=f"network-{number}",
        sources=listed(entry.addresses, _MAX_ADDRESSES),
        holder=told(entry.holder or "") or "Nobody whom a registry named",
        network=_network(entry),
        says=told(entry.says, MAX_SENTENCE),
        reach=reached_by(best) if best else "",
        how=_kind(best) if best else "",
        form=next((told(c.form, 200) for c in usable if c.form and c is not best), ""),
        phone=told(entry.phone or "", 60),
        tone="warn" if entry.exercise else _tone(best),
        facts=tuple(_facts(entry)),
        contacts=tuple(_line(c) for c in [*usable, *unusable][:_MAX_CONTACTS]),
        more_contacts=max(0, len(entry.contacts) - _MAX_CONTACTS),
        exercise=entry.exercise,
    )


def _network(entry: Attribution) -> str:
    prefixes = [told(prefix, 90) for prefix in entry.prefixes]
    number = f"AS{entry.asn}" if entry.asn else ""
    parts = [listed(prefixes, _MAX_PREFIXES) if prefixes else "", number]
    return ", ".join(part for part in parts if part)


def _facts(entry: Attribution) -> list[tuple[str, str]]:
    found = [("Holder", told(entry.holder or "") or "not named")]
    if entry.prefixes:
        prefixes = [told(prefix, 90) for prefix in entry.prefixes]
        found.append(("Network", listed(prefixes, _MAX_PREFIXES)))
    if entry.asn:
        found.append(("Announced by", f"AS{entry.asn} {told(entry.as_name or '', 60)}".strip()))
    if entry.country:
        code = told(entry.country, 8)
        found.append(("Country, a hint only", NAMES.get(entry.country, code)))
    if entry.registry:
        found.append(("Registry", told(entry.registry, 20).upper()))
    if entry.asked_at:
        found.append(("Asked", f"{moment(entry.asked_at)} UTC"))
    return found


def _line(c: AttributedContact) -> ContactLine:
    return ContactLine(
        reach=reached_by(c),
        kind=_kind(c),
        phone=told(c.phone, 60) if c.phone and (c.email or c.form) else "",
        grade=GRADES.get(c.grade, told(c.grade, 40)),
        because=told(c.because, 160),
        found=f"{told(c.source, 60)} {told(c.where, 80)}",
        why_not="" if c.usable else told(c.why_not or "cannot be used", 160),
    )


def _kind(c: AttributedContact) -> str:
    if c.grade == COPY:
        return "copy to"
    return "mail" if c.email else "web form" if c.form else "telephone" if c.phone else "nobody"


def _tone(best: AttributedContact | None) -> str:
    """Calm where a desk reads mail, warn where it is only somebody or something else."""
    if best is None:
        return "alarm"
    return "calm" if best.email and best.grade in DESK else "warn"


def answering(entries: list[Attribution], most: int) -> list[str]:
    """A sentence on each of those that can be reached, and on how many cannot."""
    reached = [(entry, best) for entry in entries if (best := entry.best)]
    said = [_sentence(entry, best) for entry, best in reached[:most]]
    more = len(reached) - most
    if more > 0:
        said.append(f"And {count(more, 'more network')}: see “Whom to call”.")
    silent = sum(len(entry.addresses) for entry in entries if entry.best is None)
    if silent:
        said.append(
            f"Of {count(silent, 'address', 'addresses')} nobody who can be reached is known."
        )
    return said


def _sentence(entry: Attribution, best: AttributedContact) -> str:
    phone = told(entry.phone or "", 60)
    call = f", telephone {phone}" if phone and phone != reached_by(best) else ""
    return (
        f"{told(entry.holder or 'An unnamed holder')} answers for {listed(entry.addresses, 3)}: "
        f"{reached_by(best)}{call}."
    )
