"""A contact card: jCard (RFC 7095) as registries send it, and JSContact (RFC 9553)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ringfence.attribute.loose import Fields, items, plain, short, texts
from ringfence.attribute.mailbox import is_redacted
from ringfence.attribute.phone import read_phone

# Properties of one card that are looked at; the fullest seen has 20.
MAX_PROPERTIES = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a card: what it says, which kinds it is marked with, and its place."""

    text: str
    where: str
    types: frozenset[str] = frozenset()
    pref: int | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """What of a card matters for reaching somebody."""

    name: str | None = None
    organisation: str | None = None
    kind: str | None = None  # individual, group, org
    country: str | None = None  # a code or a name, as it stands there
    mails: tuple[Entry, ...] = ()
    phones: tuple[Entry, ...] = ()
    forms: tuple[Entry, ...] = ()


@dataclass(slots=True)
class _Notes:
    names: list[str] = field(default_factory=list)
    organisations: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    mails: list[Entry] = field(default_factory=list)
    phones: list[Entry] = field(default_factory=list)
    forms: list[Entry] = field(default_factory=list)

    def card(self) -> Card:
        return Card(
            _first(self.names),
            _first(self.organisations),
            (_first(self.kinds) or "").lower() or None,
            _first(self.countries),
            tuple(self.mails),
            tuple(self.phones),
            tuple(self.forms),
        )


def read_card(entity: Fields, path: str) -> Card:
    """The card of an entity; an empty one where there is none. Never raises."""
    card = _read_jcard(entity.get("vcardArray"), f"{path}.vcardArray".lstrip("."))
    for key in ("jscard", "jscard_0"):
        if isinstance(other := entity.get(key), dict):
            card = _joined(card, _read_jscard(other, f"{path}.{key}".lstrip(".")))
    return card


def _read_jcard(value: object, path: str) -> Card:
    notes = _Notes()
    for number, prop in _properties(value):
        name = plain(prop[0]).lower()
        params = _params(prop[1]) if len(prop) > 1 else {}
        values: list[object] = prop[3:] if len(prop) > 3 else prop[2:]
        _note(notes, name, params, values, f"{path}[{number}]")
    return notes.card()


def _properties(value: object) -> Iterator[tuple[int, list[object]]]:
    """["vcard", [property, ...]], or only the inner list, or properties one by one."""
    outer = value if isinstance(value, list) else []
    if outer and isinstance(outer[0], str) and outer[0].lower() == "vcard":
        outer = outer[1] if len(outer) == 2 and isinstance(outer[1], list) else outer[1:]
    for number, prop in enumerate(outer[:MAX_PROPERTIES]):
        if isinstance(prop, list) and prop and isinstance(prop[0], str):
            yield number, prop


def _params(value: object) -> Fields:
    """Parameters with their names in small letters: TYPE is type."""
    return {str(k).lower(): v for k, v in value.items()} if isinstance(value, dict) else {}


def _note(notes: _Notes, name: str, params: Fields, values: list[object], where: str) -> None:
    types = frozenset(t.lower() for v in texts(params.get("type")) for t in v.split(","))
    found = [text for value in values for text in texts(value)]
    entries = [Entry(text, where, types, _pref(params, types)) for text in found]
    match name:
        case "fn":
            notes.names += found
        case "org":
            notes.organisations += found
        case "kind":
            notes.kinds += found
        case "email":
            notes.mails += entries
        case "abuse-mailbox" | "x-abuse-mailbox":
            notes.mails += [replace(e, types=e.types | {"abuse"}) for e in entries]
        case "tel":
            notes.phones += [
                replace(e, text=number) for e in entries if (number := read_phone(e.text))
            ]
        case "contact-uri":  # RFC 8605
            notes.forms += entries
        case "url":  # mostly the home page; now and then the form itself
            notes.forms += [e for e in entries if re.search(r"abuse|report", e.text, re.IGNORECASE)]
        case "adr":
            notes.countries += _countries(params, values)


def _pref(params: Fields, types: frozenset[str]) -> int | None:
    """VCard 4 says pref=1, vCard 3 said type=pref; 1 is the most wanted of 1 to 100."""
    for text in texts(params.get("pref")):
        if text.isascii() and text.isdigit() and len(text) <= 3:
            return int(text)
    return 1 if "pref" in types else None


def _countries(params: Fields, values: list[object]) -> list[str]:
    """RFC 7095 3.3.1.3: cc, then the last part of the address, then the last line of its label."""
    found = texts(params.get("cc"))
    for value in values:
        parts = items(value)
        if len(parts) == 7 and (country := plain(parts[6])):
            found.append(country)
    for label in texts(params.get("label")):
        # Some servers write a backslash and an n for the end of a line.
        lines = label.replace("\\n", "\n").split("\n")
        if len(lines) > 1 and (country := lines[-1].strip()):
            found.append(country)
    return found


def _read_jscard(card: Fields, path: str) -> Card:
    notes = _Notes()
    name = card.get("name")
    notes.names += texts(name.get("full") if isinstance(name, dict) else name)
    notes.names += texts(card.get("fullName"))
    notes.kinds += texts(card.get("kind"))
    for _key, one in _members(card.get("organizations")):
        notes.organisations += texts(one.get("name"))
    for key, one in _members(card.get("emails")):
        notes.mails += _jscontact(one, ("address", "email"), f"{path}.emails.{key}")
    for key, one in _members(card.get("phones")):
        for entry in _jscontact(one, ("number", "phone"), f"{path}.phones.{key}"):
            if number := read_phone(entry.text):
                notes.phones.append(replace(entry, text=number))
    for _key, one in _members(card.get("addresses")):
        notes.countries += texts(one.get("countryCode")) + texts(one.get("country"))
    for key, one in _members(card.get("links")):
        if plain(one.get("kind")) == "contact":
            notes.forms += _jscontact(one, ("uri", "href"), f"{path}.links.{key}")
    return notes.card()


def _jscontact(one: Fields, names: tuple[str, ...], where: str) -> list[Entry]:
    marks: set[str] = set()
    for key in ("contexts", "features"):
        if isinstance(given := one.get(key), dict):
            marks |= {str(k).lower() for k, v in given.items() if v}
    marks |= {text.lower() for text in texts(one.get("label"))}
    pref = plain(one.get("pref"))
    wanted = int(pref) if pref.isascii() and pref.isdigit() and len(pref) <= 3 else None
    found = [text for name in names for text in texts(one.get(name))]
    return [Entry(text, where, frozenset(marks), wanted) for text in found]


def _members(value: object) -> Iterator[tuple[str, Fields]]:
    if isinstance(value, dict):
        for key, one in list(value.items())[:MAX_PROPERTIES]:
            if isinstance(one, dict):
                yield plain(key)[:40], one


def _joined(one: Card, other: Card) -> Card:
    return Card(
        one.name or other.name,
        one.organisation or other.organisation,
        one.kind or other.kind,
        one.country or other.country,
        one.mails + other.mails,
        one.phones + other.phones,
        one.forms + other.forms,
    )


def _first(found: list[str]) -> str | None:
    return next((short(text) for text in found if not is_redacted(text)), None)
