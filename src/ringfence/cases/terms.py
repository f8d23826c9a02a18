"""How long each step may take, and why: the one table that the checklist counts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Term:
    """Days from its beginning until a step is due, and why not more."""

    days: int
    because: str


# From the day on which the case was filed, unless the reason says otherwise.
TERMS = {
    "evidence_sealed": Term(0, "captures are overwritten, and a seal says since when they stand"),
    "blocked": Term(0, "what is not blocked goes on tonight"),
    "credentials_taken": Term(0, "who knows a password uses it until it is another one"),
    "credentials_guessed": Term(7, "what was guessed at once is guessed at again"),
    "carrier_calls": Term(0, "calls come by the hour, and disputes have short terms"),
    "carrier_account": Term(1, "who has an account can call: bar what you do not need"),
    "isp_asked": Term(0, "only the ISP can drop what fills your line, or comes back"),
    "contact_found": Term(0, "registries answer at once"),
    "abuse_mailed": Term(1, "desks act on fresh reports, and logs are kept for days"),
    "abuse_wait": Term(2, "a desk's turn, from the day of the letter"),
    "carrier_wait": Term(2, "the carrier's turn, from the day of the letter"),
    "isp_wait": Term(1, "the ISP's turn, from the day of the letter"),
    "phoned_wait": Term(2, "a desk's turn, from the day of the call"),
    "ic3_loss": Term(3, "money may still be stopped in the first three days"),
    "ic3_attempt": Term(7, "nothing is lost; complaints are put together by the week"),
    "fbi_office": Term(7, "with the number of the IC3 complaint, which comes first"),
    "agent_assigned": Term(14, "from the day on which the field office was told"),
    "trace_handed_over": Term(2, "from the day on which somebody was there to take it"),
    "victim_registry": Term(14, "from the day on which an agent was assigned"),
    "police": Term(3, "carriers and insurers ask for its number"),
}


def due(term: str, since: str) -> str:
    """The day on which the term that began at this time or day ends."""
    return days_after(since, TERMS[term].days)


def days_after(at: str, days: int) -> str:
    """The day, so many days after this time or day; the same one where that is no date."""
    try:
        return (date.fromisoformat(at[:10]) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return at[:10]
