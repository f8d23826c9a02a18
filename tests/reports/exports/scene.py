"""An incident with secrets wherever the victim may be named, and what is told of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ringfence.attribute.special import why_special
from ringfence.model.incident import (
    SCHEMA,
    AnsweredCall,
    AttributedContact,
    Attribution,
    Campaign,
    Clue,
    FollowUpStep,
    GuessShape,
    Incident,
    Input,
    InTrouble,
    Suspect,
)
from ringfence.reports.exports.disclosure import Disclosure, Terms, disclose
from tests.cases.incidents import suspect
from tests.evidence.redaction.planted import Planter

CASE = "RF-20261002-7f3a2c"
AT, LATER = "2026-11-25T20:00:00.000Z", "2026-11-26T09:30:00.000Z"
THIEF, GUESSER, FORGED, DOUBTFUL = "203.0.113.66", "2001:db8::91", "203.0.113.7", "198.51.100.23"
PREMIUM, HUNTED = "+882161234567", "+252612345678"


def thief(planter: Planter) -> Suspect:
    """Entered an account and called at its cost; his texts name ours where texts can."""

    def secret(kind: str, label: str) -> str:
        return planter.value(kind, label).decode()

    account, line = secret("word", "taken"), secret("number", "line")
    return suspect(
        THIEF,
        kinds=["password_guessing", "toll_fraud"],
        proven="dialog",
        clues=[Clue("guesses", 30.0, f"it had {account} on {secret('inside', 'server')}", [])],
        ports=[5071],
        claimed_user_agents=[
            "friendly-scanner",
            f"phone of {account}",
            f"PBX {secret('inside', 'server')}",
            secret("word", "taken")[::-1],
        ],
        accounts_tried=40,
        accounts_tried_sample=[account, secret("word", "tried"), "100"],
        guesses=39,
        guesses_masked=[GuessShape(secret("word", "guessed"), "4 digits", 3)],
        accounts_taken=[account, line],
        numbers_dialled=[PREMIUM, HUNTED, f"+49{line}", secret("number", "inner")],
        dialled_sample=[f"900{PREMIUM[1:]}", secret("number", "inner")],
        calls_answered=[
            AnsweredCall(PREMIUM, f"900{PREMIUM[1:]}", "001", "premium", line,
                         "2026-10-02T19:30:00Z", 600.0, 9, 71.25),
        ],
        minutes=10.0,
        estimated_cost=71.25,
        currency="EUR",
    )  # fmt: skip


def planted(planter: Planter) -> Incident:
    """Two proven attackers of one hand, one that may be forged, one that may be a user."""

    def secret(kind: str, label: str) -> str:
        return planter.value(kind, label).decode()

    sources = [
        thief(planter),
        suspect(GUESSER, kinds=["enumeration", "password_guessing"], proven="tcp"),
        suspect(FORGED, kinds=["flood"], proven="none", messages=90_000),
        suspect(DOUBTFUL, verdict="suspect", weight_db=12.0),
        suspect(secret("inside", "phone"), kinds=["password_guessing"]),
        suspect(secret("inside", "server"), kinds=["scan"]),
        suspect(secret("user", "office"), kinds=["password_guessing"]),
    ]
    hand = Campaign(
        "C-0000abcd", [s.address for s in sources], f"hand of {secret('word', 'taken')}", 25.0,
        [f"account:{secret('word', 'taken')}", f"target:{secret('word', 'tried')}"],
    )  # fmt: skip
    return Incident(
        SCHEMA,
        [Input(f"/home/{secret('word', 'owner')}/{secret('host', 'file')}.pcap", "a" * 64, 1, 2, 3,
               None, None, {}, [f"damage near {secret('word', 'owner')}"])],
        [secret("inside", "server"), secret("inside6", "server6")],
        sources,
        [InTrouble(secret("user", "office"), secret("word", "user"), "why", "since", "bad_pin",
                   f"tell {secret('word', 'user')}")],
        7,
        [hand],
        [attribution([THIEF, GUESSER], secret("word", "mailbox"))],
        [FollowUpStep("letter", f"to {secret('word', 'mailbox')}", None, "waiting", "says", None,
                      None)],
    )  # fmt: skip


def attribution(addresses: list[str], mailbox: str = "abuse", **facts: object) -> Attribution:
    """Who answers for them: an AS of documentation (RFC 5398)."""
    contact = AttributedContact(
        f"{mailbox}@net.example", None, None, "abuse_mailbox", "because", "rdap", "here", True, None
    )
    known = Attribution(
        addresses, "found", "says", ["203.0.113.0/24"], "Holder", "ZZ", "ripe", 64496,
        "EXAMPLE-AS", [contact], "2026-11-25T19:00:00Z", exercise=False,
    )  # fmt: skip
    return replace(known, **facts)  # type: ignore[arg-type]


def told(
    incident: Incident,
    *,
    at: str = AT,
    objections: dict[str, str] | None = None,
    **terms: str,
) -> Disclosure:
    """What is told of it; addresses of documentation count as held."""
    named = Terms(CASE, tuple(one.sha256 for one in incident.inputs), at, **terms)
    return disclose(incident, named, objections or {}, partial(why_special, exercise=True))


def scene(planter: Planter | None = None, **terms: str) -> Disclosure:
    """What is told of the planted incident, where the owner's own were objected to."""
    planter = planter or Planter()
    incident = planted(planter)
    ours = dict.fromkeys((*incident.defended, incident.in_trouble[0].address), "ours")
    return told(incident, objections=ours, **terms)
