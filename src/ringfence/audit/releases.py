"""How old a server is by what it says of itself: branches of phone systems and when they end.

How it works: a header names a product and a version; the version's branch stands in a table
with the date on which its makers end it, where they publish one. Rules: a date that we do not
know is not guessed, and a product or a branch that is not in the table is unknown, not old.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# What is known up to this day. A branch that came later is unknown to the table.
TABLE_OF = date(2025, 12, 31)

# A header longer than this is cut: what names a product stands at its beginning.
MAX_HEADER = 256


class Age(StrEnum):
    """What is known of a branch."""

    KEPT = "kept"  # its makers repair it
    ENDED = "ended"  # nobody repairs it any more
    SUCCEEDED = "succeeded"  # newer ones are out; its makers name no end
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of a product that is repaired apart from the others."""

    product: str
    name: str  # as its versions begin: "18", "5.6"
    appeared: int  # the year of its first release
    ends: date | None = None  # no repairs from this day on; None: its makers name none


@dataclass(frozen=True, slots=True)
class Release:
    """What a server says that it is."""

    product: str
    version: str
    age: Age
    branch: Branch | None = None
    newest: str = ""  # the newest branch of the product in the table


def _of(product: str, *rows: tuple[str, int, date | None]) -> tuple[Branch, ...]:
    return tuple(Branch(product, name, appeared, ends) for name, appeared, ends in rows)


# Oldest first. Asterisk publishes its dates (four years and one of security repairs for a
# long-term branch, one and one for the others). The others publish none that we could check.
ASTERISK = _of(
    "Asterisk",
    ("1.2", 2005, date(2010, 11, 21)),
    ("1.4", 2006, date(2012, 4, 21)),
    ("1.6", 2008, date(2012, 4, 21)),
    ("1.8", 2010, date(2015, 10, 21)),
    ("10", 2011, date(2013, 12, 15)),
    ("11", 2012, date(2017, 10, 25)),
    ("12", 2013, date(2015, 12, 20)),
    ("13", 2014, date(2021, 10, 24)),
    ("14", 2016, date(2018, 9, 26)),
    ("15", 2017, date(2019, 10, 3)),
    ("16", 2018, date(2023, 10, 9)),
    ("17", 2019, date(2021, 10, 28)),
    ("18", 2020, date(2025, 10, 20)),
    ("19", 2021, date(2023, 11, 2)),
    ("20", 2022, date(2027, 10, 19)),
    ("21", 2023, date(2026, 10, 18)),
    ("22", 2024, date(2029, 10, 16)),
    ("23", 2025, date(2027, 10, 15)),
)
FREEPBX = _of(
    "FreePBX",
    ("2", 2006, None),
    ("12", 2014, None),
    ("13", 2016, None),
    ("14", 2017, None),
    ("15", 2019, None),
    ("16", 2021, None),
    ("17", 2024, None),
)
FREESWITCH = _of(
    "FreeSWITCH",
    ("1.2", 2012, None),
    ("1.4", 2014, None),
    ("1.6", 2015, None),
    ("1.8", 2018, None),
    ("1.10", 2019, None),
)
KAMAILIO = _of(
    "Kamailio",
    ("4.4", 2016, None),
    ("5.0", 2017, None),
    ("5.1", 2017, None),
    ("5.2", 2018, None),
    ("5.3", 2019, None),
    ("5.4", 2020, None),
    ("5.5", 2021, None),
    ("5.6", 2022, None),
    ("5.7", 2023, None),
    ("5.8", 2024, None),
    ("6.0", 2025, None),
)
THREECX = _of(
    "3CX",
    ("12", 2013, None),
    ("14", 2015, None),
    ("15", 2016, None),
    ("16", 2019, None),
    ("18", 2021, None),
    ("20", 2024, None),
)
BRANCHES = (ASTERISK, FREEPBX, FREESWITCH, KAMAILIO, THREECX)

# Branches that their project repairs at the same time: the newest, and those right before it.
_KEPT_AT_ONCE = {"FreeSWITCH": 1, "Kamailio": 2}

_VERSION = r"(\d{1,4}(?:\.\d{1,6}){0,3})"
# "FPBX-16.0.40(18.20.0)": FreePBX, and in brackets the Asterisk below it.
_FREEPBX = re.compile(rf"(?i)F(?:ree)?PBX[-/ ]v?{_VERSION}(?:\({_VERSION}\))?")
_ONE_EACH = (
    (re.compile(rf"(?i)\bAsterisk(?: PBX)?[-/ ](?:certified[-/])?v?{_VERSION}"), ASTERISK),
    (re.compile(rf"(?i)\bFreeSWITCH(?:-mod_sofia)?[-/ ]v?{_VERSION}"), FREESWITCH),
    (re.compile(rf"(?i)\bKamailio[-/ ]\(?v?{_VERSION}"), KAMAILIO),
    (re.compile(rf"(?i)\b3CX ?Phone ?System[-/ ]v?{_VERSION}"), THREECX),
)  # fmt: skip


def read_header(header: str, today: date = TABLE_OF) -> tuple[Release, ...]:
    """What the header names, whole first; nothing where it names no version that we can read."""
    text = header[:MAX_HEADER]
    if found := _FREEPBX.search(text):
        releases = [_release(FREEPBX, found[1], today)]
        if found[2]:
            releases.append(_release(ASTERISK, found[2], today))
        return tuple(releases)
    for pattern, branches in _ONE_EACH:
        if found := pattern.search(text):
            return (_release(branches, found[1], today),)
    return ()


def names_version(header: str) -> bool:
    """Whether the header tells strangers which version to look up."""
    return bool(read_header(header)) or re.search(r"\d+\.\d+", header[:MAX_HEADER]) is not None


def _release(branches: tuple[Branch, ...], version: str, today: date) -> Release:
    product, newest = branches[0].product, branches[-1].name
    at = next((n for n, b in enumerate(branches) if _is_of(version, b.name)), None)
    if at is None:
        return Release(product, version, Age.UNKNOWN, None, newest)
    return Release(product, version, _age(branches, at, today), branches[at], newest)


def _is_of(version: str, branch: str) -> bool:
    return version == branch or version.startswith(f"{branch}.")


def _age(branches: tuple[Branch, ...], at: int, today: date) -> Age:
    branch, newer = branches[at], len(branches) - 1 - at
    if branch.ends is not None:
        return Age.ENDED if branch.ends <= today else Age.KEPT
    kept = _KEPT_AT_ONCE.get(branch.product)
    if kept is not None:
        return Age.KEPT if newer < kept else Age.ENDED
    return Age.SUCCEEDED if newer else Age.KEPT
