"""What every letter says alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.settings import Settings, Victim
from ringfence.reports.letters import facts
from tests.reports.letters.scene import BRIEF, CALL, GUESSED, SEALED, SETTINGS, STOLE


def test_a_missing_setting_stands_in_brackets() -> None:
    lines = facts.signature(Victim())
    assert lines == [
        "[your name: settings.toml, victim.name]",
        "Telephone: [where a person answers: settings.toml, victim.phone]",
        "Mail: [your mail address: settings.toml, victim.email]",
    ]


def test_who_signs_is_complete() -> None:
    assert facts.signature(SETTINGS.victim) == [
        "Ada Keller, IT manager",
        "Example Office GmbH",
        "Hauptstrasse 1, 10115 Berlin, DE",
        "Telephone: +49 30 5550100",
        "Mail: it@office.example",
    ]


@pytest.mark.parametrize(("victim", "written"), [
    (Victim(street="100 Example Street", city="Houston", state="TX", zip="77002", country="US"),
     "100 Example Street, Houston, TX 77002, US"),
    (Victim(street="Beispielweg 1", zip="10115", city="Berlin", country="DE"),
     "Beispielweg 1, 10115 Berlin, DE"),
    (Victim(city="Houston"), "Houston"),
    (Victim(), ""),
])  # fmt: skip
def test_an_address_is_written_as_on_an_envelope(victim: Victim, written: str) -> None:
    assert facts.place(victim) == written


def test_an_exercise_is_never_to_leave() -> None:
    assert facts.exercise_note(BRIEF) == ""
    assert facts.exercise_note(replace(BRIEF, exercise=True)).startswith("EXERCISE")


def test_a_setting_that_turns_text_round_is_shown() -> None:
    assert facts.or_missing("Ada\u202e", "your name", "victim.name") == "Ada\\u202e"


def test_an_attempt_is_told_in_plain_words() -> None:
    said = facts.attempts(STOLE)
    assert said == (
        "guessed passwords of accounts (SIP brute force) and "
        "placed or tried calls at our cost (toll fraud)"
    )


def test_accounts_are_counted_never_named() -> None:
    said = facts.successes(replace(STOLE, accounts_taken=["director", "lobby"]))
    assert "2 stolen accounts" in said
    assert "director" not in said


def test_who_got_nothing_has_no_success() -> None:
    assert facts.successes(GUESSED) == ""


@pytest.mark.parametrize("proven", ["none", "a word of tomorrow"])
def test_an_address_without_proof_may_be_forged(proven: str) -> None:
    assert facts.proof(replace(STOLE, proven=proven)).startswith("Not proven: may be forged.")


def test_the_clock_names_its_source_where_it_is_known() -> None:
    assert "kept by NTP, pool.ntp.org" in facts.clock_says(BRIEF)
    assert "kept by" not in facts.clock_says(replace(BRIEF, settings=Settings()))


def test_evidence_is_known_again_by_its_sums() -> None:
    lines = facts.evidence_lines(SEALED)
    assert lines[0] == f"Capture capture-1.pcapng: SHA-256 {'ab' * 32}"
    assert lines[-1].endswith("time stamped (RFC 3161)")
    assert facts.evidence_lines(None) == ["No evidence was sealed yet."]


def test_calls_stand_in_the_order_of_time() -> None:
    early = replace(CALL, answered_at="2026-11-25T03:00:00Z")
    of = [replace(STOLE, calls_answered=[CALL]), replace(GUESSED, calls_answered=[early])]
    assert [call for _, call in facts.all_calls(of)] == [early, CALL]


def test_a_call_without_cost_or_end_says_so() -> None:
    row = facts.call_row(replace(CALL, cost=None, seconds=None), "USD")
    assert row[0] == "2026-11-25T03:40:01Z"
    assert row[3:] == ("not seen", "unknown")
