"""The verdict in plain words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.incident import Incident
from ringfence.reports.opening import deeds, open_report, tone
from tests.reports.dossiers import ATTACKER, FORGED, IN_TROUBLE, QUIET, READ, SUSPECTED, dossier


def incident(*suspects: object, **changes: object) -> Incident:
    return dossier(*suspects, **changes).incident  # type: ignore[arg-type]


@pytest.mark.parametrize(("of", "said", "mood"), [
    (incident(ATTACKER), "1 attacker. It got in.", "alarm"),
    (incident(ATTACKER, replace(ATTACKER, address="203.0.113.8")),
     "2 attackers, one hand. They got in.", "alarm"),
    (incident(ATTACKER, FORGED), "2 attackers. They got in.", "alarm"),
    (incident(FORGED), "1 attacker. No break-in was seen.", "warn"),
    (incident(SUSPECTED), "1 suspect source. No certain attacker.", "warn"),
    (incident(), "Nobody attacks in what was read.", "calm"),
    (incident(inputs=[replace(READ, sip_messages=0)]),
     "No SIP in what was read: nothing can be said.", "warn"),
])  # fmt: skip
def test_headlines(of: Incident, said: str, mood: str) -> None:
    assert open_report(of).headline == said
    assert tone(of) == mood


def test_tiles_of_a_break_in() -> None:
    values = [(f.value, f.note, f.tone) for f in open_report(incident(ATTACKER)).facts]
    assert values == [
        ("1 attacker", "203.0.113.7", "alarm"),
        ("Yes", "Password known: account 240", "alarm"),
        ("About 27 USD", "1 answered call, 8.0 minutes", "alarm"),
        ("None in trouble", "14 sources did nothing wrong", "calm"),
    ]


def test_calls_without_a_password_are_a_break_in_too() -> None:
    facts = open_report(incident(replace(ATTACKER, accounts_taken=[]))).facts
    assert (facts[1].value, facts[1].note) == ("Yes", "Calls were answered")


def test_a_cost_that_no_rate_tells_is_unknown_not_nothing() -> None:
    facts = open_report(incident(replace(ATTACKER, estimated_cost=None))).facts
    assert facts[2].value == "Unknown"


def test_no_break_in_is_said_of_the_capture_only() -> None:
    opening = open_report(incident(FORGED))
    assert opening.facts[1].value == "Not seen"
    assert "it cannot show" in opening.sentences[-1]


def test_an_all_clear_says_what_was_not_read() -> None:
    read = replace(READ, not_decoded={"TLS, encrypted": 12, "media (RTP), counted only": 3})
    assert open_report(replace(QUIET, inputs=[read])).sentences == (
        "Not read, so not covered by this: 12 packets (TLS, encrypted).",
    )


def test_nothing_read_is_no_all_clear() -> None:
    nothing = replace(QUIET, inputs=[replace(READ, sip_messages=0)])
    assert [f.value for f in open_report(nothing).facts][1:3] == ["Unknown", "Unknown"]


def test_a_user_with_a_wrong_pin_is_no_attack() -> None:
    opening = open_report(incident(in_trouble=[IN_TROUBLE]))
    assert opening.sentences == ("What looked like an attack are users who need help.",)
    assert opening.facts[3].value == "1 user to help"
    assert opening.facts[3].note == "231: do not block"


def test_deeds_in_one_sentence() -> None:
    assert deeds(ATTACKER) == (
        "guessed passwords (31 refused), had the password of account 240 and had 1 call answered "
        "(United Kingdom, premium rate): 8.0 minutes, about 27 USD."
    )
    assert deeds(FORGED) == "flooded the server with 91 messages."
    assert deeds(replace(FORGED, kinds=[])) == "sent 91 messages."
    assert deeds(replace(FORGED, kinds=["scan", "enumeration", "exploit", "spoofed_call"])) == (
        "looked for phone systems to attack, tried which of 32 accounts exist, sent messages made "
        "to break or trick a server and sent calls that lie about where they come from."
    )
    assert deeds(replace(FORGED, kinds=["toll_fraud"])) == "tried to call abroad at your cost."


def test_many_attackers_do_not_fill_the_page() -> None:
    many = [replace(FORGED, address=f"203.0.113.{n}") for n in range(200)]
    sentences = open_report(incident(*many)).sentences
    assert "197 more sources below." in sentences
    assert len(sentences) < 8


def test_what_leaves_the_house_does_not_say_that_users_are_well() -> None:
    opening = open_report(incident(ATTACKER, in_trouble=[IN_TROUBLE]), redacted=True)
    assert opening.facts[-1].value == "Not named here"
    assert not any("trouble" in fact.value for fact in opening.facts)
