"""The document for others: what accuses stays, who was attacked does not."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import msgspec
import pytest

from ringfence.evidence.redaction.incident import redact_incident
from ringfence.evidence.redaction.people import People
from ringfence.model.incident import (
    SCHEMA,
    AnsweredCall,
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
from tests.evidence.redaction.test_names import PSEUDONYMS

ATTACKER, USER, INSIDE = "203.0.113.66", "198.51.100.7", "10.0.0.5"
PEOPLE = People(
    frozenset((ip_address(ATTACKER).packed,)),
    frozenset((ip_address("192.0.2.10").packed,)),
    accounts=frozenset((b"1001", b"valerie")),
    addresses=frozenset((ip_address(USER).packed,)),
)
CALL = AnsweredCall(
    "+442079460000", "900442079460000", "GB", "premium", "1001", "2026-11-25T00:00:00Z", 9.0, 4, 1.5
)
SUSPECT = Suspect(
    address=ATTACKER, verdict="attacker", kinds=["scan"], weight_db=40.0, proven="nonce",
    clues=[Clue("tool_agent", 41.0, f"it uses account valerie, which {USER} had taken", [])],
    messages=9, first_seen="a", last_seen="b", ports=[5071],
    claimed_user_agents=["friendly-scanner for valerie at 10.0.0.5"], methods={"REGISTER": 9},
    accounts_tried=3, accounts_tried_sample=["1001", "admin"], guesses=4,
    guesses_masked=[GuessShape("1001", "4 digits", 3), GuessShape("admin", "empty", 1)],
    accounts_taken=["newly-taken"], numbers_dialled=["+442079460000"],
    dialled_sample=["900442079460000", "1001"], calls_answered=[CALL], minutes=0.2,
    estimated_cost=1.5, currency="EUR", campaign="C-1",
)  # fmt: skip
TRAITS = ["account:valerie", "number:1"]
INCIDENT = Incident(
    SCHEMA,
    [Input("/home/valerie/valerie 10.0.0.5.pcapng.gz", "ab" * 32, 1, 2, 3, None, None, {"media": 1},
           ["at octet 5: valerie"])],
    ["192.0.2.10", INSIDE],
    [SUSPECT],
    [InTrouble(USER, "valerie", "why", "since", "bad_pin", "tell valerie")],
    7,
    [Campaign("C-1", [ATTACKER, INSIDE], "User-Agent 'valerie'", 3.0, TRAITS)],
)  # fmt: skip


@pytest.fixture
def redacted() -> Incident:
    return redact_incident(INCIDENT, PEOPLE, PSEUDONYMS)


def test_no_user_is_in_it(redacted: Incident) -> None:
    text = msgspec.json.encode(redacted)
    for secret in (b"valerie", b"1001", b"newly-taken", USER.encode(), INSIDE.encode(), b"/home"):
        assert secret not in text
    assert redacted.in_trouble == []


def test_what_accuses_stays(redacted: Incident) -> None:
    (suspect,) = redacted.suspects
    assert suspect.address == ATTACKER
    assert suspect.claimed_user_agents[0].startswith("friendly-scanner for ")
    assert suspect.accounts_tried_sample[1] == "admin"
    assert suspect.numbers_dialled == ["+442079460000"]
    assert suspect.calls_answered[0].dialled == "900442079460000"
    assert (suspect.weight_db, suspect.guesses, suspect.minutes) == (40.0, 4, 0.2)
    assert redacted.defended[0] == "192.0.2.10"
    assert redacted.ordinary == 7


def test_captures_are_known_by_their_hash(redacted: Incident) -> None:
    assert redacted.inputs[0].sha256 == "ab" * 32
    assert redacted.inputs[0].path == "capture-1.pcapng.gz"


def test_names_are_those_of_the_packets(redacted: Incident) -> None:
    (suspect,) = redacted.suspects
    assert suspect.accounts_tried_sample[0] == suspect.calls_answered[0].account
    assert suspect.accounts_tried_sample[0] == suspect.dialled_sample[1]
    assert suspect.accounts_tried_sample[0] == suspect.guesses_masked[0].account


def test_a_mere_suspect_is_treated_as_a_user() -> None:
    suspect = replace(SUSPECT, address="203.0.113.99", verdict="suspect")
    made = redact_incident(replace(INCIDENT, suspects=[suspect]), PEOPLE, PSEUDONYMS)
    assert made.suspects[0].address != "203.0.113.99"
    assert "admin" not in made.suspects[0].accounts_tried_sample


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("valerie.pcap", "capture-1.pcap"),
        ("a/b.CAP.xz", "capture-1.cap.xz"),
        ("valerie", "capture-1"),
    ],
)
def test_paths_keep_their_kind(path: str, shown: str) -> None:
    incident = replace(INCIDENT, inputs=[replace(INCIDENT.inputs[0], path=path)])
    assert redact_incident(incident, PEOPLE, PSEUDONYMS).inputs[0].path == shown


def test_who_answers_for_a_user_is_left_out_with_what_the_owner_still_has_to_do() -> None:
    def answers(*addresses: str) -> Attribution:
        return Attribution(
            list(addresses), "found", "somebody answers for it", ["203.0.113.0/24"], "Holder",
            "NL", "ripe", None, None, [], None, exercise=False,
        )  # fmt: skip

    step = FollowUpStep("abuse_mailed", "t", None, "to_do", "mail them", None, None)
    given = replace(
        INCIDENT, attribution=[answers(ATTACKER, USER), answers(USER)], follow_up=[step]
    )
    made = redact_incident(given, PEOPLE, PSEUDONYMS)
    assert [one.addresses for one in made.attribution] == [[ATTACKER]]
    assert made.follow_up == []
