"""Which telephone numbers exist, where, and of what kind: the world's numbering plans.

The plans are Google's metadata, in the package phonenumbers; it is imported when
the first number is asked for. Numbers here are digits with country code, no plus.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ringfence.detect.prefixes import MAX_NUMBER
from ringfence.model.countries import SERVICE, UNASSIGNED

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

# Answers kept: the numbers of a long scan, under a kilobyte each.
MAX_KEPT = 4096

# Country codes of services and small countries whose unassigned ranges are rented
# to thieves: behind a plus or an access code no other reading is tried for them.
WATCHED_CODES = ("881", "882", "883", "888", "870", "878", "979", "247", "675", "5999")
# Each number of these kinds earns somebody money when it is called, or costs like it.
HIGH_RISK_KINDS = frozenset(
    {"premium", "personal", "satellite", "international_network", "invalid_range"}
)
# In the order of phonenumbers' PhoneNumberType.
_KINDS = (
    "fixed", "mobile", "fixed_or_mobile", "toll_free", "premium", "shared_cost", "voip",
    "personal", "pager", "company", "voicemail",
)  # fmt: skip
# Services of all countries (ITU-T E.164.1); the longest beginning decides.
_SERVICES = {
    "800": "toll_free", "808": "shared_cost", "870": "satellite", "878": "personal",
    "881": "satellite", "882": "international_network", "88213": "satellite",
    "88216": "satellite", "883": "international_network", "888": "international_network",
    "979": "premium",
}  # fmt: skip
KINDS = frozenset((*_KINDS, *_SERVICES.values(), "invalid_range", "unknown"))

# Area codes behind +1 that look domestic in North America and are another country.
NANP = {
    "242": "BS", "246": "BB", "264": "AI", "268": "AG", "284": "VG", "340": "VI", "345": "KY",
    "441": "BM", "473": "GD", "649": "TC", "658": "JM", "664": "MS", "670": "MP", "671": "GU",
    "684": "AS", "721": "SX", "758": "LC", "767": "DM", "784": "VC", "787": "PR", "809": "DO",
    "829": "DO", "849": "DO", "868": "TT", "869": "KN", "876": "JM", "939": "PR",
}  # fmt: skip

_CODE = re.compile(r"[1-9][0-9]{0,2}")
_SHORT = "short"
_LONG = "long"
_NO_CODE = "no code"


@lru_cache(maxsize=MAX_KEPT)
def find_assigned(number: str) -> str:
    """The number when somebody assigned its range, else "".

    A trunk prefix behind the country code, as in +44 (0)20, is left out.
    """
    parsed = _parse(number)
    return _digits(parsed) if parsed and _is_valid(parsed) else ""


def find_national(digits: str, home: str) -> str:
    """The full number that digits mean inside a country, else ""."""
    parsed = _parse(digits, home)
    if parsed is None or parsed.country_code != int(country_code(home)) or not _is_valid(parsed):
        return ""
    number = _digits(parsed)
    return number if len(number) <= MAX_NUMBER else ""


@lru_cache(maxsize=MAX_KEPT)
def fault_of(number: str) -> str:
    """What forbids a number that is not assigned: "short", "long", "no code", else ""."""
    from phonenumbers import ValidationResult, is_possible_number_with_reason

    parsed = _parse(number)
    if parsed is None:
        return _NO_CODE
    reason = is_possible_number_with_reason(parsed)
    if reason in {ValidationResult.TOO_LONG, ValidationResult.INVALID_LENGTH}:
        return _LONG
    local = ValidationResult.IS_POSSIBLE_LOCAL_ONLY
    return _SHORT if reason in {ValidationResult.TOO_SHORT, local} else ""


def is_impossible(number: str) -> bool:
    """Whether no call can reach the number: no country has its code, or none so many digits."""
    return fault_of(number) in {_NO_CODE, _LONG}


@lru_cache(maxsize=MAX_KEPT)
def place_of(number: str) -> tuple[str, str]:
    """Country and kind of a number with country code."""
    from phonenumbers import number_type, region_code_for_number

    parsed = _parse(number)
    if parsed is None:
        return UNASSIGNED, "invalid_range"
    if not _is_valid(parsed):
        return _country_of_range(number, parsed), "invalid_range"
    country = region_code_for_number(parsed) or _country_of_range(number, parsed)
    if country == SERVICE:
        return country, _service(number)
    kind = number_type(parsed)
    return country, _KINDS[kind] if kind < len(_KINDS) else "unknown"


def access_codes(home: str) -> str:
    """A regular expression of what asks for another country; ValueError for no country."""
    from phonenumbers.phonemetadata import PhoneMetadata

    plan = PhoneMetadata.metadata_for_region(home.upper(), None)
    if plan is None:
        raise ValueError(f"no numbering plan is known for country {home!r}")
    return plan.international_prefix or ""


def country_code(home: str) -> str:
    """Country code of a country, as digits."""
    from phonenumbers import country_code_for_region

    return str(country_code_for_region(home.upper()))


def is_country_code(digits: str) -> bool:
    """Whether these digits, no fewer and no more, are a country's code."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    return bool(_CODE.fullmatch(digits)) and int(digits) in COUNTRY_CODE_TO_REGION_CODE


def _parse(digits: str, home: str | None = None) -> PhoneNumber | None:
    from phonenumbers import NumberParseException, parse

    try:
        return parse(digits, home.upper()) if home else parse(f"+{digits}")
    except NumberParseException:
        return None


def _is_valid(parsed: PhoneNumber) -> bool:
    from phonenumbers import is_valid_number

    return is_valid_number(parsed)


def _digits(parsed: PhoneNumber) -> str:
    from phonenumbers import PhoneNumberFormat, format_number

    return re.sub(r"\D", "", format_number(parsed, PhoneNumberFormat.E164))


def _country_of_range(number: str, parsed: PhoneNumber) -> str:
    """The country that a range would belong to if it were assigned."""
    from phonenumbers import region_code_for_country_code

    if number[0] == "1":
        return NANP.get(number[1:4], "US")
    if number.startswith("5999"):
        return "CW"
    if number.startswith(("76", "77")):
        return "KZ"
    return region_code_for_country_code(parsed.country_code or 0)


def _service(number: str) -> str:
    beginnings = (number[:length] for length in (5, 3))
    return next((_SERVICES[b] for b in beginnings if b in _SERVICES), "unknown")
