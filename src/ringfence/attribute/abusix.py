"""Abusix's directory of abuse contacts, asked by DNS."""

from __future__ import annotations

from ringfence.attribute.contacts import mail_contact, ranked
from ringfence.attribute.dns_text import TextRecords, reversed_name
from ringfence.attribute.mailbox import read_mailboxes
from ringfence.attribute.special import IP
from ringfence.model.responsible import OTHER_REGISTER, Contact

SOURCE = "abuse-contacts.abusix.zone"
MAX_CONTACTS = 10


def ask_abusix(address: IP, records: TextRecords) -> tuple[Contact, ...]:
    """Mailboxes that Abusix knows for it. Raises NotRegisteredError, SilentError."""
    name = f"{reversed_name(address)}.{SOURCE}"
    found = [
        mail_contact(box, SOURCE, f"TXT {name}", OTHER_REGISTER, "named by Abusix")
        for text in records(name)
        for box in read_mailboxes(text)
    ]
    return ranked(found)[:MAX_CONTACTS]
