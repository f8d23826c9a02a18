"""Where a prefix may end and a number begin in the keys that somebody pressed.

How it works: E.164 numbers have at most 15 digits and none begins with 0, so
whatever stands before it, only a handful of places is left. Each place is ranked
by what stands before it: a plus, an international access code, or nothing that
a dialling plan knows. No place is right yet: `dialled` asks which number exists.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import cache, lru_cache
from operator import itemgetter
from typing import NamedTuple

# E.164 6.1 allows 15 digits. The shortest numbers in use abroad have seven (Niue).
MAX_NUMBER = 15
MIN_NUMBER = 7
# Access codes with carrier codes and outside lines have ten digits; hunters pad
# with zeros. Beyond this the string is no attempt to dial a number.
MAX_PREFIX = 32
# Prefixes whose rank is remembered, a few hundred octets each.
MAX_RANKED = 4096

# 00 nearly everywhere, 011 North America, 0011 and 0015 Australia, 00xx Brazil,
# 010 Japan, 810 Russia (8~10), 000 East Africa, 001 East Asia, 009 Nigeria, 119 Cuba.
ACCESS_CODES = ("00", "011", "0011", "0014", "0015", "0021", "000", "001", "009", "010", "810",
                "119")  # fmt: skip
# What a PABX or a carrier wants first: an outside line (9, 0, 99, #9), a feature code
# (*67, *31#), a carrier (10xxx, 1010xxx in North America).
_OUTSIDE = r"(?:\d{0,2}?|[*#]\d{1,3}[*#]?|10(?:10)?\d{3})"
_SIGNS = r"[+*#]*"


class Rank(IntEnum):
    """What stands before the number, the most telling first."""

    PLUS = 0
    HOME_ACCESS = 1  # the access code of the country at home
    ACCESS = 2  # another country's access code, behind an outside line at most
    BURIED_ACCESS = 3  # an access code behind anything
    BARE = 4  # nothing: a full number, or a national one
    ANYTHING = 5


class Split(NamedTuple):
    """One way to take keys apart; `number` is digits only, `access` the code before it."""

    rank: Rank
    prefix: str
    number: str
    access: str


def split_keys(keys: str, home_access: str = "") -> list[Split]:
    """All ways to read keys, best rank and then shortest prefix first; at most nine.

    `home_access` is a regular expression of the access codes at home.
    """
    splits = []
    for start in number_starts(keys):
        prefix = keys[:start]
        rank, access = _rank(prefix, home_access)
        splits.append(Split(rank, prefix, keys[start:], access))
    splits.sort(key=_BY_RANK)  # stable: the longest number stays first
    return splits


def number_starts(keys: str) -> list[int]:
    """Places in keys where a number may begin, the longest number first."""
    last = min(len(keys) - MIN_NUMBER, MAX_PREFIX)
    first = max(len(keys) - MAX_NUMBER, 0)
    if not keys.isdigit():
        first = max(first, keys.rfind("+") + 1, keys.rfind("*") + 1, keys.rfind("#") + 1)
    return [start for start in range(first, last + 1) if keys[start] != "0"]


# A hunt tries a list of prefixes on one number after the other.
@lru_cache(maxsize=MAX_RANKED)
def _rank(prefix: str, home_access: str) -> tuple[Rank, str]:
    """What stands before a number, and the access code in it."""
    if prefix.endswith("+"):
        return Rank.PLUS, "+"
    if home_access and (found := _ending(home_access).fullmatch(prefix)):
        return Rank.HOME_ACCESS, found["access"]
    if prefix.endswith(ACCESS_CODES):  # else no need to ask the slow pattern
        if found := _ending(_ANY_ACCESS).fullmatch(prefix):
            return Rank.ACCESS, found["access"]
        return Rank.BURIED_ACCESS, ""
    return (Rank.ANYTHING if prefix.strip("+*#") else Rank.BARE), ""


_BY_RANK = itemgetter(0)
_ANY_ACCESS = "|".join(sorted(ACCESS_CODES, key=len, reverse=True))


@cache
def _ending(access: str) -> re.Pattern[str]:
    """A prefix that ends in one of these access codes; one pattern per country at home."""
    return re.compile(f"{_SIGNS}{_OUTSIDE}{_SIGNS}(?P<access>{access})")
