"""What a case still asks for: steps with states and due dates, replies, desks."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.case import CaseError

# The path from the first packet to the closed case, in its order; a title each.
STEPS = {
    "captured": "Attack captured",
    "users_excluded": "Real users told apart",
    "evidence_sealed": "Evidence sealed",
    "blocked": "Attackers blocked",
    "credentials_fixed": "Passwords and PINs changed",
    "contact_found": "Responsible party found",
    "abuse_mailed": "Abuse desk told by mail",
    "abuse_phoned": "Abuse desk told by telephone",
    "carrier_told": "Carrier told",
    "isp_asked": "ISP asked to drop it upstream",
    "ic3_filed": "IC3 complaint filed",
    "fbi_office": "FBI field office told",
    "agent_assigned": "Agent assigned",
    "trace_handed_over": "Trace handed over",
    "victim_registry": "Victim registry followed",
    "police": "Police told",
    "closed": "Case closed",
}
# Steps that each network has for itself.
PER_NETWORK = ("contact_found", "abuse_mailed", "abuse_phoned")

TO_DO, DONE, NOT_NEEDED, WAITING = "to_do", "done", "not_needed", "waiting"
STEP_STATES = (TO_DO, DONE, NOT_NEEDED, WAITING)

# What a reply turned out to be.
ACTED, ANSWERED, AUTOMATIC, BOUNCED = "acted", "answered", "automatic", "bounced"
OUTCOMES = (ACTED, ANSWERED, AUTOMATIC, BOUNCED)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One step of a case as it stands. Dates are days (YYYY-MM-DD, UTC)."""

    step: str  # one of STEPS
    state: str  # one of STEP_STATES; waiting: done, and somebody else's turn
    says: str  # a sentence: what was done, or what to do and how
    due: str | None = None  # of what is to do, or until when to wait
    at: str | None = None  # when it was done
    network: str = ""  # of PER_NETWORK steps
    command: str = ""  # what does it: "ringfence letter RF-… abuse --send"


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody said, or a command did, about a step: the latest counts."""

    step: str
    state: str  # done, not_needed, to_do (taken back)
    at: str
    who: str
    network: str = ""
    text: str = ""  # a number, a name, a reason


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail that came back, and what it answers."""

    at: str  # when it was written, by its Date; else when it was filed
    case_id: str
    letter: int | None  # number of the letter that it answers
    sender: str
    subject: str
    message_id: str
    outcome: str  # one of OUTCOMES
    says: str  # its first lines, made visible
    how: str  # by which sign it was matched
    tickets: tuple[str, ...] = ()  # numbers that the desk gave it


@dataclass(frozen=True, slots=True)
class Desk:
    """One receiver of letters over all cases: what it does with them."""

    name: str  # its mailbox
    letters: int
    answered: int
    acted: int
    bounced: int
    silent: int  # letters that wait for an answer past their day
    median_hours: float | None  # from letter to first answer of a person
    last: str | None  # when it was heard of last


# A mail with attachments; more than mail servers take is none.
MAX_MAIL_OCTETS = 32 << 20


class MailError(CaseError):
    """Octets that are no mail, or a mail that answers nothing: says why, and what to do."""
