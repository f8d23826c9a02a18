"""The letter to the FBI's field office, with a cover sheet, annexes, and a sheet for the owner."""

from __future__ import annotations

from ringfence.model.letter import FBI, Brief, Letter, LetterError
from ringfence.reports.jurisdictions import field_offices
from ringfence.reports.jurisdictions.field_offices import FieldOffice, FieldOffices
from ringfence.reports.jurisdictions.places import US, home
from ringfence.reports.letters import ic3, offence
from ringfence.reports.letters.annex import annexes, crime
from ringfence.reports.letters.owner import absent
from ringfence.reports.letters.text import fill
from ringfence.reports.words import country, listed


def write(brief: Brief) -> tuple[Letter, ...]:
    """One letter. Raises LetterError for a victim outside the United States."""
    victim = brief.settings.victim
    where, state = home(victim.country, victim.state)
    if where not in ("", US):
        raise LetterError(_elsewhere(brief, where))
    found = field_offices.find_field_offices(state, victim.county)
    sources = offence.ranked(brief)
    subject = crime(sources)
    text = fill(
        "fbi.txt.j2",
        **annexes(brief),
        subject=subject,
        found=found,
        receiver=_receiver(found),
        data_as_of=field_offices.DATA_AS_OF,
        confirm_at=field_offices.CONFIRM_AT,
        headquarters=field_offices.HEADQUARTERS_PHONE,
        tips=f"{field_offices.TIPS_PHONE}, {field_offices.TIPS_PAGE}",
    )
    return (
        Letter(
            kind=FBI,
            case_id=brief.case_id,
            name="fbi",
            to=(),
            receiver=_receiver(found),
            subject=f"{subject}, case {brief.case_id}",
            text=text,
            addresses=tuple(s.address for s in sources),
            remarks=(*_which(found), *absent(brief)),
        ),
    )


def _receiver(found: FieldOffices) -> str:
    return _name(found.offices[0]) if found.sure else "FBI field office"


def _name(office: FieldOffice) -> str:
    return f"FBI {office.name} Field Office"


def _which(found: FieldOffices) -> list[str]:
    confirm = f"confirm it at {field_offices.CONFIRM_AT} before you go"
    if found.sure:
        office = found.offices[0]
        return [
            f"{_name(office)}, {office.phone}: as of {field_offices.DATA_AS_OF}; {confirm}.",
            *([f"{_name(office)}: {office.doubt}."] if office.doubt else []),
        ]
    if found.offices:
        named = listed([f"{o.name} {o.phone}" for o in found.offices], 4)
        doubts = dict.fromkeys(f"{o.doubt}." for o in found.offices if o.doubt)
        return [f"{found.says} Telephone one of them: {named}; {confirm}.", *doubts]
    return [f"{found.says} Headquarters, {field_offices.HEADQUARTERS_PHONE}, names it; {confirm}."]


def _elsewhere(brief: Brief, where: str) -> str:
    also = (
        " A network of this case is registered in the United States: IC3 takes it, ringfence "
        "letter CASE ic3."
        if ic3.american_networks(brief)
        else ""
    )
    return (
        f"the FBI's field offices are for victims in the United States; yours is in "
        f"{country(where)}: ringfence letter CASE police names the desk there.{also}"
    )
