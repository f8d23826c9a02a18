"""Every contact of an answer, graded: the desk first, what cannot be used last.

How it works: type "abuse" marks the mailbox itself (RIPE), the role marks the party, and
`pref` the one of several mailboxes (APNIC). Where no role says abuse (AFRINIC), names do:
abuse@, cert@, security@, noc@. Remarks count when their words lead to the address. The
same mailbox at several places is one contact, at its best place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from ringfence.attribute.answer import Answer, Party
from ringfence.attribute.card import Entry
from ringfence.attribute.mailbox import Mailbox, read_mailboxes
from ringfence.attribute.phone import digits
from ringfence.attribute.registries import ALL, belongs
from ringfence.attribute.remarks import asks_of, dead_mailboxes, unanswered_since
from ringfence.model.responsible import (
    ABUSE_MAILBOX,
    ABUSE_ROLE,
    ABUSE_UNANSWERED,
    ANYBODY,
    ASKED_FOR,
    GRADES,
    OPERATIONS,
    SOUNDS_RIGHT,
    Contact,
)

# Contacts of one answer that are kept; the fullest seen has 20.
MAX_CONTACTS = 100
_ORDER = {grade: number for number, grade in enumerate(GRADES)}
# Names of desks, the best first.
_DESKS = (
    ("abuse", "abuso", "abus", "misuse"),
    ("cert", "csirt", "irt"),
    ("security", "soc", "infosec"),
    ("noc",),
)
_OPERATORS = ("noc", "technical", "routing")
# Mailboxes in which a registry keeps its register; they forward nothing.
_REGISTER_DESKS = re.compile(
    r"hostmaster|hm-changed|helpdesk|ip-?(?:apnic|staff|alloc|request|admin|addr)?|ipas|ipm|dbmon|apnic-ftp"
    r"|irt|info|support|whois|domain",
    re.IGNORECASE,
)
_HOSTMASTER = re.compile(r"hostmaster|hm-changed")
_NOT_VOICE = {"fax", "pager", "text", "textphone", "data"}


def contacts_of(answer: Answer) -> tuple[Contact, ...]:
    """All contacts of an answer, best first, unusable ones last."""
    every = [*answer.remarks, *(r for party in answer.parties for r in party.remarks)]
    dead = dead_mailboxes(every)
    found = [c for party in answer.parties for c in _of_party(party, answer.source, dead)]
    for remark in every:
        for asks in asks_of(remark):
            if asks.mailbox is not None:
                because = "a remark names it for reports"
                found.append(
                    mail_contact(asks.mailbox, answer.source, asks.where, ASKED_FOR, because, dead)
                )
            elif asks.form is not None:
                found.append(form_contact(asks.form, answer.source, asks.where))
    return ranked(found)


def ranked(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    """Best first; the same mailbox, form or telephone once."""
    ordered = sorted(contacts, key=_rank)
    kept: dict[str, Contact] = {}
    for contact in ordered:
        key = _key(contact)
        if (better := kept.get(key)) is not None:
            kept[key] = _merged(better, contact)
        elif len(kept) < MAX_CONTACTS:
            kept[key] = contact
    return tuple(_without_repeated_phones(kept.values()))


def mail_contact(
    box: Mailbox,
    source: str,
    where: str,
    grade: str,
    because: str,
    dead: Iterable[str] = (),
    party: Party | None = None,
) -> Contact:
    """A contact by mail, and whether it can be used."""
    why_not = box.why_not or _why_not(box, dead)
    return Contact(
        box.address,
        None,
        None,
        (party.card.name or party.card.organisation) if party else None,
        party.handle if party else None,
        party.roles if party else (),
        source,
        where,
        grade,
        because,
        why_not is None,
        why_not,
    )


def form_contact(form: str, source: str, where: str) -> Contact:
    """A web form that was named for reports."""
    host = _host(form) if form.isascii() and form.isprintable() else ""
    is_web = "." in host and not host.replace(".", "").isdigit()
    why_not = None if is_web else "is no address of a web page"
    because = "named for reports"
    return Contact(
        None, None, form, None, None, (), source, where, ASKED_FOR, because, is_web, why_not
    )


def desk_rank(local: str) -> int:
    """How much the name of a mailbox says desk: 0 is abuse, len(_DESKS) nothing."""
    words = re.split(r"[._+\-\d]+", local.lower())
    for rank, names in enumerate(_DESKS):
        if any(word in names for word in words):
            return rank
    return 0 if "abuse" in local.lower() else len(_DESKS)


def sounds_right(box: Mailbox) -> bool:
    """Whether the name of a mailbox is that of a desk."""
    return desk_rank(box.local) < len(_DESKS)


def _host(form: str) -> str:
    """The host of a page of the web; nothing for what is none."""
    try:
        parts = urlsplit(form)
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme in ("http", "https") else ""


def _of_party(party: Party, source: str, dead: set[str]) -> Iterator[Contact]:
    voice = [p for p in party.card.phones if not p.types & _NOT_VOICE or "voice" in p.types]
    unanswered = unanswered_since(list(party.remarks))
    phone = voice[0].text if voice else None
    mails = 0
    for entry in party.card.mails:
        for box in read_mailboxes(entry.text):
            grade, because = _grade(party, entry, box)
            if unanswered and grade in (ABUSE_MAILBOX, ABUSE_ROLE):
                grade = ABUSE_UNANSWERED
                because = f"{because}; the registry gets no answer from it since {unanswered}"
            contact = mail_contact(box, source, entry.where, grade, because, dead, party)
            mails += contact.usable
            yield replace(contact, phone=phone)
    if not party.card.mails and not voice and any("abuse" in role for role in party.roles):
        yield _nobody(party, source)
    for entry in party.card.forms:
        yield form_contact(entry.text, source, entry.where)
    desk = _registry_desk_of(party) if not mails else None
    for telephone in voice if not mails else voice[1:]:
        contact = _phone_contact(party, telephone, source)
        yield replace(contact, usable=desk is None, why_not=desk)


def _nobody(party: Party, source: str) -> Contact:
    """Named for abuse and shown without any way to reach it, as NIC.br does."""
    name = party.card.name or party.card.organisation
    why_not = "the answer shows neither mailbox nor telephone"
    return Contact(
        None, None, None, name, party.handle, party.roles, source, party.path or "the answer",
        ABUSE_ROLE, "role abuse", usable=False, why_not=why_not,
    )  # fmt: skip


def _grade(party: Party, entry: Entry, box: Mailbox) -> tuple[str, str]:
    for_abuse = any("abuse" in role for role in party.roles)
    if "abuse" in entry.types:
        role = "role abuse, " if for_abuse else ""
        return ABUSE_MAILBOX, f'{role}the mailbox is of type "abuse"'
    if for_abuse or (party.handle or "").upper().startswith("IRT-"):
        role = "role abuse" if for_abuse else "an incident response team"
        return _preferred(party, entry, role)
    return _by_name(party, box)


def _preferred(party: Party, entry: Entry, role: str) -> tuple[str, str]:
    """Of several mailboxes of a desk one may be marked: it is the mailbox, the others only its."""
    prefs = [one.pref for one in party.card.mails if one.pref is not None]
    if prefs and entry.pref == min(prefs):
        return ABUSE_MAILBOX, f"{role}, its preferred mailbox"
    return ABUSE_ROLE, role


def _by_name(party: Party, box: Mailbox) -> tuple[str, str]:
    if sounds_right(box):
        return SOUNDS_RIGHT, f"{box.local}@ of {_called(party)}"
    if "abuse" in (party.card.name or "").lower():
        return SOUNDS_RIGHT, f"it is called {party.card.name}"
    if any(role in _OPERATORS for role in party.roles):
        return OPERATIONS, f"role {', '.join(party.roles)}"
    return ANYBODY, _called(party)


def _called(party: Party) -> str:
    return f"role {', '.join(party.roles)}" if party.roles else "a party without a role"


def _phone_contact(party: Party, phone: Entry, source: str) -> Contact:
    roles = party.roles
    if any("abuse" in role for role in roles):
        grade = ABUSE_ROLE
    else:
        grade = OPERATIONS if any(role in _OPERATORS for role in roles) else ANYBODY
    name = party.card.name or party.card.organisation
    because = _called(party)
    return Contact(
        None, phone.text, None, name, party.handle, roles, source, phone.where, grade, because
    )


def _registry_desk_of(party: Party) -> str | None:
    """Why nobody at this party's telephone runs the network."""
    boxes = [box for entry in party.card.mails for box in read_mailboxes(entry.text)]
    return next((why for box in boxes if (why := _registry_desk(box))), None)


def _why_not(box: Mailbox, dead: Iterable[str]) -> str | None:
    if box.address.lower() in dead:
        return "the registry says that it does not work"
    return _registry_desk(box)


def _registry_desk(box: Mailbox) -> str | None:
    for registry in ALL:
        desks = _REGISTER_DESKS if registry.national else _HOSTMASTER
        if belongs(box.domain, registry.domains) and desks.fullmatch(box.local):
            name = registry.name.upper()
            return f"the desk of {name}, which keeps the register and runs no network"
    return None


def _rank(contact: Contact) -> tuple[bool, int, int, bool]:
    local = (contact.email or "").rpartition("@")[0]
    return (
        not contact.usable,
        _ORDER[contact.grade],
        desk_rank(local) if contact.email else len(_DESKS) + 1,
        not any("abuse" in role for role in contact.roles),
    )


def _key(contact: Contact) -> str:
    if contact.email:
        return contact.email.lower()
    if contact.form:
        return f"form {contact.form}"
    return f"tel {digits(contact.phone)}" if contact.phone else f"party {contact.handle}"


def _merged(better: Contact, again: Contact) -> Contact:
    roles = tuple(dict.fromkeys((*better.roles, *again.roles)))
    places = dict.fromkeys((*better.also_at, _place(better, again), *again.also_at))
    return replace(
        better,
        phone=better.phone or again.phone,
        name=better.name or again.name,
        handle=better.handle or again.handle,
        roles=roles,
        also_at=tuple(places)[:20],
    )


def _place(better: Contact, again: Contact) -> str:
    return again.where if again.source == better.source else f"{again.source} {again.where}"


def _without_repeated_phones(contacts: Iterable[Contact]) -> Iterator[Contact]:
    """A telephone alone is left out where it already stands with a mailbox."""
    every = list(contacts)
    known = {digits(c.phone) for c in every if c.phone and c.email and c.usable}
    for contact in every:
        alone = contact.phone and not contact.email and not contact.form
        if not alone or digits(contact.phone or "") not in known:
            yield contact
