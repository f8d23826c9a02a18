"""Who takes the report of such a crime in the victim's country: desks, and how sure each is."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.reports.jurisdictions.places import part_name
from ringfence.reports.jurisdictions.table import read_table

DATA_AS_OF = "2026-11-23"
# What the tables' last column means, in words for a reader.
CONFIDENCE = {
    "reputable": "from an official page or announcement",
    "secondary": "from a list that others keep: confirm before you rely on it",
    "memory": "not looked up: confirm before you rely on it",
}
KINDS = {
    "police": "police",
    "local": "police",
    "cert": "incident response team, not police",
    "regulator": "regulator, not police",
    "directory": "directory",
}
_EU = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk:
    """One of them. What is not known is ""."""

    country: str
    parts: tuple[str, ...]  # of the country; () for the whole
    agency: str
    kind: str  # one of KINDS
    page: str
    phone: str
    mail: str
    conditions: str
    confidence: str  # one of CONFIDENCE


@dataclass(frozen=True, slots=True)
class Desks:
    """The answer: desks, the nearest first, and what is to be said about it."""

    desks: tuple[Desk, ...]
    says: str


def find_desks(country: str, part: str) -> Desks:
    """Those for a country's code and that of its state, Land or nation, which may be ""."""
    own = [desk for desk in _desks() if desk.country == country]
    near = [desk for desk in own if part and part in desk.parts]
    whole = [desk for desk in own if not desk.parts]
    if near:
        where = part_name(country, part)
        return Desks((*near, *whole), f"The first of them answers for {where}.")
    if whole and len(whole) < len(own):
        return Desks(
            tuple(whole),
            "Each part of the country has a desk of its own, and which part is yours is not "
            "known: this one is for the whole country. Set victim.state.",
        )
    if own:
        several = "Which part of the country is yours is not known: set victim.state."
        return Desks(tuple(own), "" if whole else several)
    return _nowhere(country)


def _nowhere(country: str) -> Desks:
    police = (
        "No desk of this country is in our list: go to the local police of the place where you are."
    )
    if country in _EU:
        directory = tuple(desk for desk in _desks() if desk.country == "EU")
        return Desks(directory, f"{police} The directory names who takes such reports.")
    return Desks((), police)


def _desks() -> list[Desk]:
    return [Desk(row[0], tuple(row[1].split()), *row[2:]) for row in read_table("desks.tsv", 9)]
