"""The FBI's field offices, and which of them answers for a victim's state and county."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.reports.jurisdictions.places import STATES, county_name, part_name
from ringfence.reports.jurisdictions.table import read_table

# Offices move, and so do their borders: every letter says of when this is.
DATA_AS_OF = "2020-12 to 2021-08"
CONFIRM_AT = "https://www.fbi.gov/contact-us/field-offices"
HEADQUARTERS_PHONE = "+1 (202) 324-3000"
TIPS_PHONE = "1-800-CALL-FBI (1-800-225-5324)"
TIPS_PAGE = "https://tips.fbi.gov"
_ALL_OTHERS = "*"


@dataclass(frozen=True, slots=True)
class FieldOffice:
    """One office, and what part of the state in question it answers for."""

    name: str
    phone: str
    address: str
    page: str
    part: str  # of the state; "" for the whole
    counties: frozenset[str]  # that are known to be its own, as `county_name` has them
    others: bool  # it answers for what the state's other offices do not name
    doubt: str  # what is not certain about it; "" for nothing


@dataclass(frozen=True, slots=True)
class FieldOffices:
    """The answer: one office, several to choose from, or none; and why."""

    offices: tuple[FieldOffice, ...]
    says: str

    @property
    def sure(self) -> bool:
        """Whether one office is left."""
        return len(self.offices) == 1


def find_field_offices(state: str, county: str) -> FieldOffices:
    """The offices for a state's code and a county's name, either of which may be ""."""
    if state == "AS":
        return FieldOffices(
            (),
            "American Samoa is in no list that we have; Honolulu is believed to answer for it: "
            "ask headquarters.",
        )
    if state not in STATES:
        return FieldOffices((), "The state is not known, so neither is the office.")
    found = _of_state(state)
    where = part_name("US", state)
    if len(found) == 1:
        return FieldOffices(found, f"It answers for the whole of {where}.")
    return _by_county(found, where, county)


def _by_county(found: tuple[FieldOffice, ...], where: str, county: str) -> FieldOffices:
    several = f"{where} has {len(found)} field offices"
    if not county:
        return FieldOffices(found, f"{several}: the county decides, and it is not in the settings.")
    name = county_name(county)
    named = tuple(office for office in found if name in office.counties)
    if named:
        return FieldOffices(named, f"{several}; the county decides for this one.")
    others = tuple(office for office in found if office.others)
    if others:
        return FieldOffices(
            others, f"{several}; the county is none that another of them names, so it is this one."
        )
    return FieldOffices(found, f"{several}, and our list does not say which has this county: ask.")


def _of_state(state: str) -> tuple[FieldOffice, ...]:
    offices = {
        office: (name, phone, address, page)
        for office, name, phone, address, page in read_table("field_offices.tsv", 5)
    }
    return tuple(
        FieldOffice(
            *offices[office],
            part=part,
            counties=frozenset(county_name(one) for one in counties.split(", ") if one),
            others=counties == _ALL_OTHERS,
            doubt=doubt,
        )
        for of, office, part, counties, doubt in read_table("coverage.tsv", 5)
        if of == state
    )
