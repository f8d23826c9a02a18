"""Countries as registries write them: DE, GERMANY, United States."""

from __future__ import annotations

from ringfence.model.countries import NAMES, SERVICE, UNASSIGNED

_BY_NAME = {name.lower(): code for code, name in NAMES.items()} | {
    "united states of america": "US",
    "usa": "US",
    "uk": "GB",
    "great britain": "GB",
    "the netherlands": "NL",
    "russian federation": "RU",
    "republic of korea": "KR",
    "korea, republic of": "KR",
    "viet nam": "VN",
    "turkey": "TR",
    "czech republic": "CZ",
    "macau": "MO",
    "taiwan, province of china": "TW",
}
# No country: EU and AP are how registries say "several", ZZ "unknown".
_NONE = ("EU", "AP", SERVICE, UNASSIGNED)


def country_code(text: str) -> str | None:
    """The ISO 3166-1 code, or None for what is no country."""
    name = text.strip().rstrip(".")
    if len(name) == 2 and name.isascii() and name.isalpha():
        code = name.upper()
        return None if code in _NONE or code not in NAMES else code
    return _BY_NAME.get(name.lower())
