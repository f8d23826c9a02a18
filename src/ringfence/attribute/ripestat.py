"""RIPEstat's finder of abuse contacts; it knows the other regions as well."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.attribute.client import Asking
from ringfence.attribute.contacts import mail_contact, ranked
from ringfence.attribute.errors import BadAnswerError
from ringfence.attribute.loose import Fields, items, plain, read_json
from ringfence.attribute.mailbox import read_mailboxes
from ringfence.attribute.registries import BY_NAME
from ringfence.attribute.special import IP
from ringfence.model.responsible import OTHER_REGISTER, Contact

BASE = "https://stat.ripe.net"
_PATH = "/data/abuse-contact-finder/data.json"


@dataclass(frozen=True, slots=True)
class Finding:
    """Mailboxes, and the registry that RIPEstat takes for the one in charge."""

    contacts: tuple[Contact, ...]
    registry: str | None


def ask_ripestat(address: IP, client: Asking, base: str = BASE) -> Finding:
    """What RIPEstat knows. Raises AttributionError."""
    body = client.get(f"{base}{_PATH}?resource={address}&sourceapp=ringfence", "application/json")
    return read_finding(read_json(body.octets, body.host), body.host)


def read_finding(document: Fields, source: str) -> Finding:
    """Its answer, in the form of today and in that of before 2021. Raises BadAnswerError."""
    data = document.get("data")
    if not isinstance(data, dict):
        raise BadAnswerError(f"{source} answered without data")
    found = [
        (text, f"data.abuse_contacts[{number}]")
        for number, value in enumerate(items(data.get("abuse_contacts")))
        if (text := plain(value))
    ]
    older = data.get("anti_abuse_contacts")
    if isinstance(older, dict):
        for number, value in enumerate(items(older.get("abuse_c"))):
            text = plain(value.get("email")) if isinstance(value, dict) else plain(value)
            found.append((text, f"data.anti_abuse_contacts.abuse_c[{number}]"))
    contacts = ranked(
        mail_contact(box, source, where, OTHER_REGISTER, "named by RIPEstat")
        for text, where in found
        for box in read_mailboxes(text)
    )
    registry = plain(data.get("authoritative_rir")).lower()
    return Finding(contacts, registry if registry in BY_NAME else None)
