"""What was done, in the words of MITRE ATT&CK (Enterprise): only where it is beyond doubt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ringfence.reports.exports.disclosure import Source


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique by its number and name."""

    number: str
    name: str


# Looking for systems; asking which accounts exist (its page names answers of servers that
# reveal valid user names); guessing; requests that use up a service rather than a line.
# Forged callers have no technique that fits.
_OF_KIND = {
    "scan": Technique("T1595", "Active Scanning"),
    "enumeration": Technique("T1589", "Gather Victim Identity Information"),
    "password_guessing": Technique("T1110", "Brute Force"),
    "flood": Technique("T1499", "Endpoint Denial of Service"),
    "exploit": Technique("T1190", "Exploit Public-Facing Application"),
}
_ENTERED = Technique("T1078", "Valid Accounts")
# Calls at the victim's cost that were answered: money is gone.
_PAID = Technique("T1657", "Financial Theft")


def techniques_of(source: Source) -> tuple[Technique, ...]:
    """Those of one source, each once."""
    found = [_OF_KIND[kind] for kind in source.kinds if kind in _OF_KIND]
    if source.accounts_taken:
        found.append(_ENTERED)
    if source.calls and "toll_fraud" in source.kinds:
        found.append(_PAID)
    return tuple(found)


def techniques_of_all(sources: Iterable[Source]) -> tuple[Technique, ...]:
    """Those of all, each once."""
    return tuple(dict.fromkeys(one for source in sources for one in techniques_of(source)))
