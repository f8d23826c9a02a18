"""A dialled string to the number that it means: country, kind, and whether it can cost money.

How it works: `prefixes` says where the number may begin; the first of these places
where a number stands that exists is believed, in this order:

1. behind a plus or the access code of the country at home;
2. a number of the country at home, behind an outside line or not;
3. behind another country's access code (9011..., 000..., 1010333011...);
4. nothing existed so far, but a plus or an access code was there: a range that
   nobody assigned, which is what number thieves rent;
5. the whole string, then any end of it: long numbers only, short ones exist by chance.

A string that could as well be an extension or a number of an unknown country is
None. Several strings with one end are one number hunted: see `read_hunt`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ringfence.detect.numbering import (
    HIGH_RISK_KINDS,
    MAX_KEPT,
    WATCHED_CODES,
    access_codes,
    country_code,
    fault_of,
    find_assigned,
    find_national,
    place_of,
)
from ringfence.detect.numbers import SUFFIX_DIGITS, digits_of, keys_of
from ringfence.detect.prefixes import Rank, Split, number_starts, split_keys
from ringfence.model.countries import NAMES

# Strings that are read together: as many as a profile keeps, in well under a second.
MAX_HUNTED = 1024
# Without a mark before it a number must be this long: shorter ends of random digits
# exist somewhere too often, and extensions are short.
UNMARKED_DIGITS = 11
# The end of a string is taken for a number only where no national plan has strings so long.
ENDING_DIGITS = 12
# Fewer keys are an extension or an emergency number, even at home.
MIN_KEYS = 7
# What a PABX wants before a call goes out.
_LINES = "0789"

_REASONS = {
    Rank.PLUS: "plus",
    Rank.HOME_ACCESS: "access_code",
    Rank.ACCESS: "access_code",
    Rank.BURIED_ACCESS: "access_code",
    Rank.BARE: "bare",
    Rank.ANYTHING: "ending",
}
_MARKS = frozenset({"plus", "access_code", "home"})


@dataclass(frozen=True, slots=True)
class Dialled:
    """What a dialled string means; `prefix` is what was pressed before the number.

    `country` is ISO 3166-1 alpha-2, "001" for services of all countries, "ZZ" for
    nobody. `risk` is "high" or "normal". `read_by` says why this number is believed:
    plus, access_code, home, bare, ending, or hunt when several strings bear it out.
    """

    dialled: str
    prefix: str
    e164: str
    country: str
    country_name: str
    kind: str
    is_international: bool
    risk: str
    read_by: str


@lru_cache(maxsize=MAX_KEPT)
def read_dialled(dialled: str, home: str | None = None) -> Dialled | None:
    """The number that somebody dialled; None for extensions and what may be one.

    `home` is the ISO 3166-1 alpha-2 code of the PBX's country; ValueError if it has no plan.
    """
    access = access_codes(home) if home else ""
    keys = keys_of(dialled)
    if len(keys) < MIN_KEYS:
        return None
    splits = split_keys(keys, access)
    return (
        _read_marked(dialled, splits, Rank.HOME_ACCESS, home)
        or (_read_national(dialled, keys, home) if home else None)
        or _read_marked(dialled, splits, Rank.BURIED_ACCESS, home)
        or _read_unassigned(dialled, splits, home, any_length=False)
        or _read_unmarked(dialled, keys, splits, home)
        or _read_unassigned(dialled, splits, home, any_length=True)
    )


def read_hunt(dialled: Sequence[str], home: str | None = None) -> dict[str, Dialled]:
    """Strings dialled to the numbers they mean; one end with many prefixes is one number.

    Strings that mean no number are left out. ValueError as in `read_dialled`.
    """
    read: dict[str, Dialled] = {}
    ends: dict[str, dict[str, str]] = defaultdict(dict)  # end: digits by text
    for text in list(dict.fromkeys(dialled))[:MAX_HUNTED]:
        if (alone := read_dialled(text, home)) is not None:
            read[text] = alone
        if len(digits := digits_of(text)) >= SUFFIX_DIGITS:
            ends[digits[-SUFFIX_DIGITS:]][text] = digits
    for texts in ends.values():
        number = _shared_number(texts, read, home) if len(texts) > 1 else None
        if number is not None:
            read |= {
                text: _as_hunted(text, number)
                for text, digits in texts.items()
                if _is_end_of(digits, number)
            }
    return read


# ---- one string -----------------------------------------------------------


def _read_marked(
    dialled: str, splits: Iterable[Split], worst: Rank, home: str | None
) -> Dialled | None:
    """The first number behind a mark that exists; in a watched range it need not exist."""
    for split in splits:
        if split.rank > worst:
            return None
        if number := find_assigned(split.number):
            return _describe(dialled, split, number, home)
        if split.rank < Rank.BURIED_ACCESS and split.number.startswith(WATCHED_CODES):
            return _describe(dialled, split, split.number, home)
    return None


def _read_national(dialled: str, keys: str, home: str) -> Dialled | None:
    """A number of the country at home, behind an outside line or not."""
    digits = keys.lstrip("*#")
    starts = (0, 1) if digits[0] in _LINES else (0,)
    for start in starts:
        national = digits[start:]
        if len(national) < MIN_KEYS or not national.isdigit():
            continue
        if number := find_national(national, home):
            significant = number.removeprefix(country_code(home))
            prefix = keys.removesuffix(significant) if keys.endswith(significant) else ""
            split = Split(Rank.BARE, prefix, number, "")
            return replace(_describe(dialled, split, number, home), read_by="home")
    return None


def _read_unassigned(
    dialled: str, splits: Iterable[Split], home: str | None, *, any_length: bool
) -> Dialled | None:
    """A range abroad that nobody assigned."""
    for split in splits:
        if split.rank >= Rank.BURIED_ACCESS:
            return None
        # 010 and 011 begin national numbers elsewhere: behind them the length must fit.
        is_plain = split.rank <= Rank.HOME_ACCESS or split.access == "00"
        fault = fault_of(split.number)
        if not fault or (is_plain and (any_length or fault == "short")):
            return _describe(dialled, split, split.number, home)
    return None


def _read_unmarked(
    dialled: str, keys: str, splits: Iterable[Split], home: str | None
) -> Dialled | None:
    """A full number without a mark, or the end of a long string of digits."""
    for split in splits:
        if split.rank < Rank.BARE or len(split.number) < UNMARKED_DIGITS:
            continue
        # One 0 before a number is the trunk prefix of a national one.
        is_ending = split.rank == Rank.ANYTHING
        if is_ending and (len(keys) < ENDING_DIGITS or split.prefix == "0"):
            continue
        if find_assigned(split.number) == split.number:
            return _describe(dialled, split, split.number, home)
    return None


def _describe(dialled: str, split: Split, number: str, home: str | None) -> Dialled:
    country, kind = place_of(number)
    is_international = _leaves_home(split, number, country, kind, home)
    if kind == "invalid_range" and not is_international:
        kind = "unknown"  # at home that is a slip of the finger
    return Dialled(
        dialled=dialled,
        prefix=split.prefix,
        e164=f"+{number}",
        country=country,
        country_name=NAMES.get(country, country),
        kind=kind,
        is_international=is_international,
        risk="high" if kind in HIGH_RISK_KINDS else "normal",
        read_by=_REASONS[split.rank],
    )


def _leaves_home(split: Split, number: str, country: str, kind: str, home: str | None) -> bool:
    if home:
        is_shared = kind == "toll_free" and number.startswith(country_code(home))
        return country != home.upper() and not is_shared
    # Trunks hand over full numbers without a mark; North America dials 9 1 before its own.
    return split.rank not in {Rank.BARE, Rank.ANYTHING} or (
        split.rank == Rank.ANYTHING and country not in {"US", "CA"}
    )


# ---- several strings with one end -----------------------------------------


def _shared_number(
    texts: Mapping[str, str], read: Mapping[str, Dialled], home: str | None
) -> Dialled | None:
    """The number that strings (with their digits) hunt: read from most, or where most fork."""
    alone = [read[text] for text in texts if text in read]
    votes = Counter(number.e164 for number in alone)
    candidates = {number.e164: number for number in alone if number.read_by in _MARKS}
    for end in _forks(texts.values()):
        if len(end) >= UNMARKED_DIGITS and find_assigned(end) == end:
            split = Split(Rank.ANYTHING, "", end, "")
            candidates.setdefault(f"+{end}", _describe("", split, end, home))

    def support(number: Dialled) -> tuple[bool, int, int, int]:
        is_sure = number.read_by in _MARKS and number.kind != "invalid_range"
        whole = number.e164[1:]
        ends = sum(digits.endswith(whole) for digits in texts.values())
        return is_sure, votes[number.e164], ends, len(number.e164)

    return max(candidates.values(), key=support, default=None)


def _forks(strings: Iterable[str]) -> list[str]:
    """Ends of 7 to 15 digits that different digits stand before: there a prefix ends."""
    before: dict[str, set[str]] = defaultdict(set)
    for digits in strings:
        for start in number_starts(digits):
            before[digits[start:]].add(digits[start - 1] if start else "")
    return [number for number, keys in before.items() if len(keys) > 1]


def _is_end_of(digits: str, number: Dialled) -> bool:
    """Whether digits end in this number, or are its end with zeros before it."""
    whole = number.e164[1:]
    return digits.endswith(whole) or whole.endswith(digits.lstrip("0"))


def _as_hunted(text: str, number: Dialled) -> Dialled:
    keys, whole = keys_of(text), number.e164[1:]
    end = whole if keys.endswith(whole) else keys.lstrip("+*#0")
    return Dialled(  # `replace` costs three times as much, and a hunt is long
        dialled=text,
        prefix=keys.removesuffix(end),
        e164=number.e164,
        country=number.country,
        country_name=number.country_name,
        kind=number.kind,
        is_international=number.is_international,
        risk=number.risk,
        read_by="hunt",
    )
