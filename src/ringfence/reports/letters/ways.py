"""How a desk is reached beside the letter, and what to do where none is known: for the owner."""

from __future__ import annotations

from collections.abc import Iterable

from ringfence.model.letter import Brief, Party
from ringfence.model.responsible import COPY, DESK, NOT_LOOKED_UP, UNREACHABLE
from ringfence.reports.words import told

MAX_CONTACTS = 5


def ways_to(brief: Brief, party: Party) -> Iterable[str]:
    """How else the desk is reached, and what to do where nobody is known."""
    answer = party.responsible
    best = answer.best
    if best is None:
        yield _nobody(brief, party)
    elif best.grade not in DESK:
        yield f"{best.email} is no abuse desk ({told(best.because)}): telephone as well."
    for form in answer.forms[:MAX_CONTACTS]:
        yield f"Web form for reports; some desks read nothing else: {told(form, 200)}"
    phones = [c for c in answer.contacts if c.usable and c.phone and c.grade != COPY]
    for phone in dict.fromkeys(_phone(c.phone, c.name) for c in phones):
        yield f"Telephone: {phone}"
    others = [c for c in answer.contacts if c.usable and c.email and c.grade != COPY and c != best]
    for other in others[:MAX_CONTACTS]:
        yield f"If no answer comes, write to {told(other.email or '', 254)}: {told(other.because)}"


def _phone(number: str | None, name: str | None) -> str:
    return told(number or "", 40) + (f" ({told(name, 60)})" if name else "")


def _nobody(brief: Brief, party: Party) -> str:
    answer = party.responsible
    address, again = answer.address, f"`ringfence who --case {brief.case_id}`"
    if answer.state == NOT_LOOKED_UP:
        return (
            f"Nobody was asked who answers for {address}. Run {again} "
            "with a connection to the Internet, then write this letter again."
        )
    if answer.state == UNREACHABLE:
        return (
            f"No registry could be reached about {address}. Run {again} "
            "again later, then write this letter again."
        )
    asn = answer.network.asn if answer.network else None
    upstream = f"the operator of AS{asn}, which announces it, or " if asn else ""
    return (
        f"No mailbox is known that takes reports about {party.key}: {told(answer.says, 200)}. Use "
        f"the form or telephone below if there is one; else ask {upstream}your own ISP to pass "
        "this letter on."
    )
