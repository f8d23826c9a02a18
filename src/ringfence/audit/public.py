"""What anybody may know of an extension: number, name, mail, numbers, addresses of its phones.

A secret that is made of it is none. Texts are compared without case.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringfence.model.pbx import Extension

# Parts shorter than these stand in random texts by chance.
_PART = 3  # letters of a name, digits of an extension
_DIGITS = 6  # last digits of a long number, last half of a MAC
_LISTED = 16  # DIDs and MACs of one extension that are looked at
_LONGEST = 128  # of one fact
_PIN_PART = 4  # digits of a number that are a PIN of somebody's telephone book

# Names as the sentences say them.
SAID = {
    "number": "its own number",
    "name": "its user's name",
    "mail": "its mail address",
    "did": "its direct number",
    "mobile": "its mobile number",
    "mac": "the MAC address of its phone",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known, in small letters."""

    what: str  # a key of SAID
    text: str


@dataclass(frozen=True, slots=True)
class Relation:
    """How a secret is made of a fact."""

    how: str  # "is", "reverses", "repeats", "holds", "part-of"
    what: str

    @property
    def rule(self) -> str:
        return f"{self.how}-{self.what}"


def facts_of(extension: Extension) -> tuple[Fact, ...]:
    """All that is known of it, the number first, nothing twice."""
    found = [Fact("number", extension.number.casefold())]
    found += (Fact("name", text) for text in _names(extension.name))
    found += (Fact("mail", text) for text in _mails(extension.mail))
    for did in extension.dids[:_LISTED]:
        found += (Fact("did", text) for text in _numbers(did))
    found += (Fact("mobile", text) for text in _numbers(extension.mobile))
    for mac in extension.macs[:_LISTED]:
        found += (Fact("mac", text) for text in _macs(mac))
    once: dict[str, Fact] = {}
    for fact in found:
        if fact.text:
            once.setdefault(fact.text, fact)  # a mail address repeats the name
    return tuple(once.values())


def relations(text: str, facts: tuple[Fact, ...], *, digits: bool) -> tuple[Relation, ...]:
    """How the text is made of the facts: for each kind of fact the strongest relation."""
    lowered = text.casefold()
    found: dict[str, Relation] = {}
    for fact in facts:
        how = _relation(lowered, fact, digits=digits)
        known = found.get(fact.what)
        if how and (known is None or _ORDER.index(how) < _ORDER.index(known.how)):
            found[fact.what] = Relation(how, fact.what)
    return tuple(found.values())


_ORDER = ("is", "reverses", "repeats", "holds", "part-of")


def _relation(lowered: str, fact: Fact, *, digits: bool) -> str:
    text = fact.text
    if lowered == text:
        return "is"
    if lowered == text[::-1]:
        return "reverses"
    if len(lowered) > len(text) and text * (len(lowered) // len(text)) == lowered:
        return "repeats"
    if len(text) >= _PART and (text in lowered or text[::-1] in lowered):
        return "holds"
    if digits and len(lowered) >= _PIN_PART and lowered in text:
        return "part-of"
    return ""


def _names(name: str) -> list[str]:
    parts = [part for part in re.split(r"[\W\d_]+", name[:_LONGEST].casefold()) if part]
    long = [part for part in parts if len(part) >= _PART]
    return ["".join(parts), *long] if len("".join(parts)) >= _PART else []


def _mails(mail: str) -> list[str]:
    whole = mail[:_LONGEST].casefold().strip()
    local = whole.partition("@")[0]
    parts = [part for part in re.split(r"[\W_]+", local) if len(part) >= _PART]
    return [text for text in (whole, local, *parts) if len(text) >= _PART]


def _numbers(number: str) -> list[str]:
    digits = re.sub(r"\D", "", number[:_LONGEST])
    national = digits.lstrip("0")
    texts = (digits, national, national[-_DIGITS:])
    return [text for text in texts if len(text) >= _PART]


def _macs(mac: str) -> list[str]:
    digits = re.sub(r"[^0-9a-f]", "", mac[:_LONGEST].casefold())
    return [digits, digits[-_DIGITS:]] if len(digits) == 12 else []
