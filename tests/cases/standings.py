"""Cases as they stand, for tests of what they ask for."""

from __future__ import annotations

from ringfence.cases.standing import Investigated, Standing
from ringfence.model.case import OPEN, Case
from ringfence.model.follow_up import Mark, Reply
from ringfence.model.incident import AnsweredCall, Suspect
from ringfence.model.letter import SentLetter
from ringfence.model.responsible import ABUSE_MAILBOX, FOUND, Contact, Network, Responsible
from ringfence.model.settings import Settings, Victim
from tests.cases.incidents import incident, suspect

CASE = Case("RF-20261002-7f3a2c", "password guessing", OPEN, "2026-10-03T08:00:00Z", "")
FILED = "2026-10-03T08:00:00Z"
TODAY = "2026-10-03"
US, GERMANY = (Settings(Victim(country=code)) for code in ("US", "DE"))
CALL = AnsweredCall("+1", "001", "US", "mobile", "240", FILED, 60.0, 100, 1.0)
THIEF = suspect("203.0.113.66", kinds=["toll_fraud"], accounts_taken=["240"], calls_answered=[CALL])


def standing(*suspects: Suspect, **facts: object) -> Standing:
    """A case of one investigation, filed on 3 October."""
    given = suspects or (suspect("203.0.113.66"),)
    known: dict[str, object] = {
        "case": CASE,
        "investigated": (Investigated(FILED, incident(*given), "/cases/one", sealed=True),),
    }
    return Standing(**(known | facts))  # type: ignore[arg-type]


def contact(email: str | None, phone: str | None = None, form: str | None = None) -> Contact:
    """A mailbox that the register marks for abuse."""
    return Contact(
        email, phone, form, None, None, ("abuse",), "rdap.example", "x", ABUSE_MAILBOX, "because"
    )


def who(address: str, prefix: str, *contacts: Contact) -> Responsible:
    """Example Hosting answers for it."""
    network = Network("", "", (prefix,), "Example Hosting", None, None, "US", "arin")
    return Responsible(address, FOUND, "found", network, contacts, at=FILED)


def abuse(number: int, sent_at: str, *addresses: str, **facts: object) -> SentLetter:
    """A letter to the desk of 203.0.113.0/24."""
    known: dict[str, object] = {
        "number": number, "case_id": CASE.id, "kind": "abuse", "at": FILED, "receiver": "desk",
        "to": ("abuse@example.net",), "subject": "s", "network": "203.0.113.0/24",
        "addresses": addresses or ("203.0.113.66",), "file": f"letters/{number}.txt",
        "message_id": f"<{number}@v>", "sent_at": sent_at,
    }  # fmt: skip
    return SentLetter(**(known | facts))  # type: ignore[arg-type]


def reply(letter: int, outcome: str, at: str = "2026-10-05T09:00:00Z") -> Reply:
    """What came back."""
    return Reply(
        at, CASE.id, letter, "a@example.net", "Re: s", f"<{letter}{outcome}>", outcome,
        "what it says", "", ("T-1",),
    )  # fmt: skip


def mark(step: str, state: str, at: str = "2026-10-04T08:00:00Z", network: str = "") -> Mark:
    """What Anna says."""
    return Mark(step, state, at, "anna@pbx", network, "ticket 123")
