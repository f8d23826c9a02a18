"""What people call a country, a state or a county, read as one word."""

from __future__ import annotations

import re
import unicodedata

US = "US"
# ISO 3166-1 has codes for territories that are under the United States' law.
TERRITORIES = ("AS", "GU", "MP", "PR", "VI")
STATES = {
    "AK": "Alaska", "AL": "Alabama", "AR": "Arkansas", "AZ": "Arizona", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DC": "District of Columbia", "DE": "Delaware",
    "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "IA": "Iowa", "ID": "Idaho",
    "IL": "Illinois", "IN": "Indiana", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana",
    "MA": "Massachusetts", "MD": "Maryland", "ME": "Maine", "MI": "Michigan", "MN": "Minnesota",
    "MO": "Missouri", "MS": "Mississippi", "MT": "Montana", "NC": "North Carolina",
    "ND": "North Dakota", "NE": "Nebraska", "NH": "New Hampshire", "NJ": "New Jersey",
    "NM": "New Mexico", "NV": "Nevada", "NY": "New York", "OH": "Ohio", "OK": "Oklahoma",
    "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VA": "Virginia",
    "VT": "Vermont", "WA": "Washington", "WI": "Wisconsin", "WV": "West Virginia",
    "WY": "Wyoming", "AS": "American Samoa", "GU": "Guam", "MP": "Northern Mariana Islands",
    "PR": "Puerto Rico", "VI": "U.S. Virgin Islands",
}  # fmt: skip
# Parts of other countries that have desks of their own, and what they are called.
_PARTS = {
    "DE": {
        "BW": ("Baden-Württemberg",), "BY": ("Bayern", "Bavaria"), "BE": ("Berlin",),
        "BB": ("Brandenburg",), "HB": ("Bremen",), "HH": ("Hamburg",), "HE": ("Hessen", "Hesse"),
        "MV": ("Mecklenburg-Vorpommern",), "NI": ("Niedersachsen", "Lower Saxony"),
        "NW": ("Nordrhein-Westfalen", "North Rhine-Westphalia", "NRW"),
        "RP": ("Rheinland-Pfalz", "Rhineland-Palatinate"), "SL": ("Saarland",),
        "SN": ("Sachsen", "Saxony"), "ST": ("Sachsen-Anhalt", "Saxony-Anhalt"),
        "SH": ("Schleswig-Holstein",), "TH": ("Thüringen", "Thuringia"),
    },
    "GB": {
        "ENG": ("England",), "WLS": ("Wales", "Cymru"), "NIR": ("Northern Ireland",),
        "SCT": ("Scotland",),
    },
}  # fmt: skip
_COUNTRIES = {
    "USA": US, "UNITED STATES": US, "UNITED STATES OF AMERICA": US, "UK": "GB",
    "UNITED KINGDOM": "GB", "GERMANY": "DE", "DEUTSCHLAND": "DE", "EL": "GR",
}  # fmt: skip
# What people say, and what the county is called.
_COUNTIES = {
    "manhattan": "new york", "brooklyn": "kings", "staten island": "richmond",
    "the bronx": "bronx", "dade": "miami dade", "new york city": "new york",
}  # fmt: skip
_KINDS_OF_COUNTY = re.compile(r"^(county|city|parish|borough) of | (county|parish|borough|city)$")


def country_code(said: str) -> str:
    """ISO 3166-1 alpha-2 of what the settings say; "" of nothing, else upper case."""
    upper = " ".join(said.upper().replace(".", "").split())
    return _COUNTRIES.get(upper, upper)


def home(country: str, state: str) -> tuple[str, str]:
    """Country and part of it by their codes; a territory of the United States is a state."""
    code = country_code(country)
    if code in TERRITORIES:
        return US, code
    return code, part_code(code, state)


def part_code(country: str, said: str) -> str:
    """The code of a state, a Land, a nation; "" of what is not known."""
    plain = _plain(said.upper().removeprefix(f"{country}-") or "")
    for code, names in _parts(country).items():
        if plain in (code.lower(), *(_plain(name) for name in names)):
            return code
    return ""


def part_name(country: str, code: str) -> str:
    """Texas of TX in the United States; the code where it has no name here."""
    return _parts(country).get(code, (code,))[0]


def county_name(said: str) -> str:
    """A county as it is compared: Camden County, City of Camden and camden are one."""
    plain = _plain(said)
    plain = _KINDS_OF_COUNTY.sub("", _COUNTIES.get(plain, plain))
    return _COUNTIES.get(plain, plain)


def _parts(country: str) -> dict[str, tuple[str, ...]]:
    if country == US:
        return {code: (name,) for code, name in STATES.items()}
    return _PARTS.get(country, {})


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z]+", " ", letters.replace("'", "")).strip()
    return re.sub(r"\b(st|ste|sainte)\b", "saint", words)
