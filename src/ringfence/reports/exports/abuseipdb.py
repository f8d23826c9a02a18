"""AbuseIPDB's bulk list (CSV): proven attackers, one line each. It is public once uploaded.

Its reader wants these headings in this order, takes a backslash before a quote for an
escape, 10,000 lines with the heading, 2 MB, and 1,024 octets of comment. Comments here
are ASCII without quotes, backslashes, commas of others or anything that a spreadsheet
would run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringfence.model.measure import Withheld
from ringfence.reports.exports.disclosure import Disclosure, Source, deeds

HEADING = "IP,Categories,ReportDate,Comment"
MAX_LINES = 10_000
MAX_OCTETS = 2_000_000
MAX_COMMENT = 1024
# Their numbers: 4 DDoS, 8 fraud over VoIP, 14 port scan, 15 hacking, 18 brute force.
CATEGORIES = {
    "scan": (14,),
    "enumeration": (8, 18),
    "password_guessing": (8, 18),
    "toll_fraud": (8,),
    "flood": (4,),
    "exploit": (15,),
    "spoofed_call": (8,),
}
_ANY = (15,)
_UNPLAIN = re.compile(r"[^0-9A-Za-z ._/()-]")


@dataclass(frozen=True, slots=True)
class AbuseList:
    """The file, how many addresses are in it, and who is not."""

    octets: bytes
    rows: int
    held_back: tuple[Withheld, ...]


class PublicError(ValueError):
    """What may not go to a public list at all."""


def write_abuseipdb(told: Disclosure) -> AbuseList:
    """The list. Raises PublicError for an exercise."""
    if told.exercise:
        raise PublicError(
            "this incident comes from an exercise, and AbuseIPDB is a public list: "
            "what was only played is not reported"
        )
    rows = [HEADING]
    size, left = len(HEADING) + 1, 0
    for source in (one for one in told.sources if one.certain):
        row = _row(source)
        if len(rows) >= MAX_LINES or size + len(row) + 1 > MAX_OCTETS:
            left += 1
            continue
        rows.append(row)
        size += len(row) + 1
    held = told.held_back
    if left:
        reason = f"AbuseIPDB takes {MAX_LINES:,} lines and {MAX_OCTETS:,} octets at once"
        held = (*held, Withheld(f"{left:,} more addresses", reason))
    return AbuseList(("\n".join(rows) + "\n").encode("ascii"), len(rows) - 1, held)


def _row(source: Source) -> str:
    numbers = sorted({n for kind in source.kinds for n in CATEGORIES.get(kind, _ANY)} or _ANY)
    categories = ",".join(str(number) for number in numbers)
    return f'{source.address},"{categories}",{source.first_seen},"{_comment(source)}"'


def _comment(source: Source) -> str:
    """What was done, from when to when; no name, number or address of anybody."""
    span = f"from {source.first_seen[:19]}Z to {source.last_seen[:19]}Z"
    claims = "".join(f", claims to be {plain(agent)}" for agent in source.agents[:1])
    return f"{deeds(source)}, {span}{claims}"[:MAX_COMMENT]


def plain(text: str) -> str:
    """A stranger's text with nothing in it that any reader of CSV takes for a sign."""
    return _UNPLAIN.sub("_", text).strip()
