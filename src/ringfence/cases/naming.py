"""The number and the title of a case."""

from __future__ import annotations

import hashlib

from ringfence.cases.hand import KIND_WORDS
from ringfence.model.case import CaseError
from ringfence.model.incident import Incident, Suspect

PREFIX = "RF"
_DIGITS = 6
_LONGEST_TITLE = 80


def name_case(incident: Incident) -> str:
    """RF-date of the attack-hash of the captures: the same captures give the same number."""
    if not incident.suspects:
        raise CaseError("nobody is accused in this incident, so there is no case to file")
    begun = min(suspect.first_seen for suspect in incident.suspects)
    captures = "\n".join(sorted(one.sha256 for one in incident.inputs))
    digest = hashlib.sha256(captures.encode()).hexdigest()
    return f"{PREFIX}-{begun[:10].replace('-', '')}-{digest[:_DIGITS]}"


def title_case(incident: Incident) -> str:
    """One line: the worst that was done, and from where."""
    worst = max(incident.suspects, key=_damage)
    kinds = [words for kind, words in KIND_WORDS.items() if kind in worst.kinds]
    others = len(incident.suspects) - 1
    more = f" and {others:,} more" if others else ""
    what = ", ".join(kinds[:2]) or "attack"
    return f"{what} from {worst.address}{more}"[:_LONGEST_TITLE]


def _damage(suspect: Suspect) -> tuple[float, int, int, float]:
    return (
        suspect.estimated_cost or 0.0,
        suspect.calls_total,
        len(suspect.accounts_taken),
        suspect.weight_db,
    )
