"""The letter to the police of the victim's own place, with annexes and a sheet for the owner."""

from __future__ import annotations

from ringfence.model.letter import POLICE, Brief, Letter
from ringfence.model.settings import Agency
from ringfence.reports.jurisdictions import desks
from ringfence.reports.jurisdictions.desks import Desk, Desks
from ringfence.reports.jurisdictions.places import US, home
from ringfence.reports.letters import offence
from ringfence.reports.letters.annex import annexes, crime, hints
from ringfence.reports.letters.facts import missing
from ringfence.reports.letters.owner import absent
from ringfence.reports.letters.text import fill
from ringfence.reports.words import country, told


def write(brief: Brief) -> tuple[Letter, ...]:
    """One letter: to the owner's own agency, else to the desk of his country."""
    settings = brief.settings
    where, state = home(settings.victim.country, settings.victim.state)
    found = desks.find_desks(where, state) if where else Desks((), "")
    sources = offence.ranked(brief)
    subject = crime(sources)
    receiver = _receiver(settings.police, where, found)
    text = fill(
        "police.txt.j2",
        **annexes(brief),
        subject=subject,
        receiver=receiver,
        own=[told(x) for x in (settings.police.address, settings.police.phone) if x],
        american=where == US,
        where=country(where) if where else "",
        pbx=told(settings.victim.pbx),
        desks=[_told_desk(desk) for desk in found.desks if desk.kind != "local"],
        desks_say=found.says,
        only_others=bool(found.desks) and not any(_is_police(desk) for desk in found.desks),
        data_as_of=desks.DATA_AS_OF,
    )
    own_mail = settings.police.email
    return (
        Letter(
            kind=POLICE,
            case_id=brief.case_id,
            name="police",
            to=(own_mail,) if own_mail else (),
            receiver=receiver,
            subject=f"{subject}, case {brief.case_id}",
            text=text,
            addresses=tuple(s.address for s in sources),
            remarks=tuple(_remarks(brief, where, found)),
        ),
    )


def _receiver(own: Agency, where: str, found: Desks) -> str:
    if own.name:
        return told(own.name)
    if where == US:
        return missing("your police department or sheriff", "police.name")
    police = next((desk for desk in found.desks if _is_police(desk)), None)
    return police.agency if police else "The local police"


def _is_police(desk: Desk) -> bool:
    return desk.kind in ("police", "local")


def _told_desk(desk: Desk) -> list[str]:
    """A desk in some lines: name and kind, how to reach it, conditions, how sure."""
    reach = [part for part in (desk.page, desk.phone, desk.mail) if part]
    sure = f"How sure: {desks.CONFIDENCE[desk.confidence]}."
    kind = "" if _is_police(desk) else f" ({desks.KINDS[desk.kind]})"
    return [
        f"{desk.agency}{kind}",
        *reach,
        f"{desk.conditions[:1].upper()}{desk.conditions[1:]}. {sure}" if desk.conditions else sure,
    ]


def _remarks(brief: Brief, where: str, found: Desks) -> list[str]:
    said = []
    if brief.settings.police.email:
        said.append(
            "This letter names accounts of real users, and mail is read on its way: send it only "
            "where the police asked for it by mail."
        )
    if not where:
        said.append("victim.country is not set: which police takes the report is not known.")
    elif found.says:
        said.append(found.says)
    if where == US and not brief.settings.police.name:
        said.append(
            "settings.toml lacks police.name and police.phone: there is no open list of police "
            "departments; use the non-emergency number of yours."
        )
    if hints(brief):
        said.append(
            "An address may be in your own state (a hint, no proof): tell the state police, too."
        )
    return [*said, *absent(brief)]
