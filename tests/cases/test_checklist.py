"""The checklist of a case: which steps it has, and how each stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.cases.checklist import checklist
from ringfence.cases.standing import Investigated, Standing
from ringfence.model.case import CLOSED
from ringfence.model.decision import BLOCK, LIMIT
from ringfence.model.follow_up import (
    DONE,
    NOT_NEEDED,
    STEP_STATES,
    STEPS,
    TO_DO,
    WAITING,
    FollowUp,
)
from ringfence.model.measure import Measure
from ringfence.model.settings import Settings
from tests.cases.incidents import incident, suspect
from tests.cases.standings import (
    CASE,
    FILED,
    GERMANY,
    THIEF,
    TODAY,
    US,
    abuse,
    contact,
    mark,
    reply,
    standing,
    who,
)


def steps(one: Standing, settings: Settings = US, today: str = TODAY) -> dict[str, FollowUp]:
    return {step.step: step for step in checklist(one, settings, today)}


def test_every_step_of_the_path_stands_in_every_case_once_in_its_order() -> None:
    for one in (standing(), standing(THIEF), standing(suspect("203.0.113.1", proven="none"))):
        found = checklist(one, US, TODAY)
        assert [step.step for step in found] == list(STEPS)
        assert all(step.state in STEP_STATES and step.says for step in found)


def test_what_the_tool_did_is_done() -> None:
    found = steps(standing())
    for step in ("captured", "users_excluded", "evidence_sealed"):
        assert (found[step].state, found[step].at) == (DONE, FILED)


def test_folder_without_evidence_asks_for_a_seal() -> None:
    none = (Investigated(FILED, incident(suspect("203.0.113.66")), None),)
    found = steps(standing(investigated=none))["evidence_sealed"]
    assert (found.state, found.due) == (TO_DO, "2026-10-03")
    assert found.command.startswith("ringfence investigate night.pcap --out ")


def test_hostile_file_names_are_quoted_in_commands() -> None:
    one = incident(suspect("203.0.113.66"))
    hostile = replace(one, inputs=[replace(one.inputs[0], path="a'; rm -rf ~;\x1b'.pcap")])
    found = steps(standing(investigated=(Investigated(FILED, hostile, None),)))["evidence_sealed"]
    assert r"'a'\''; rm -rf ~;\x1b'\''.pcap'" in found.command


def test_block_is_due_on_the_same_day_with_its_command() -> None:
    blocks = "/cases/one/block/nftables.nft"
    filed = (Investigated(FILED, incident(suspect("203.0.113.66")), "/cases/one", True, blocks),)
    found = steps(standing(investigated=filed))["blocked"]
    assert (found.state, found.due) == (TO_DO, "2026-10-03")
    assert found.command == f"sudo nft -f {blocks} && ringfence case done {CASE.id} blocked"


def test_who_is_not_proven_is_not_blocked_and_not_written_about() -> None:
    found = steps(standing(suspect("203.0.113.66", proven="none")))
    for step in ("blocked", "contact_found", "abuse_mailed", "abuse_phoned"):
        assert found[step].state == NOT_NEEDED


BLOCKED = Measure(
    "0123abcd", BLOCK, "203.0.113.66", "by hand", "anna@pbx", FILED, "2026-10-10T08:00:00Z"
)


def test_what_the_firewall_was_told_is_done() -> None:
    found = steps(standing(measures=(BLOCKED,)))["blocked"]
    assert (found.state, found.at) == (DONE, FILED)
    assert found.says == "In the firewall: 203.0.113.66; until 2026-10-10T08:00:00Z."
    wide = replace(BLOCKED, address="203.0.113.0/24")
    assert steps(standing(measures=(wide,)))["blocked"].state == DONE


@pytest.mark.parametrize("other", [
    {"ended_at": "2026-10-03T09:00:00Z"}, {"action": LIMIT}, {"address": "203.0.113.6"},
    {"address": "198.51.100.0/24"},
])  # fmt: skip
def test_what_was_undone_or_only_limited_is_to_be_blocked(other: dict[str, str]) -> None:
    found = steps(standing(measures=(replace(BLOCKED, **other),)))["blocked"]  # type: ignore[arg-type]
    assert found.state == TO_DO


def test_address_that_the_firewall_was_not_told_is_named() -> None:
    two = standing(suspect("203.0.113.66"), suspect("198.51.100.7"), measures=(BLOCKED,))
    found = steps(two)["blocked"]
    assert found.state == TO_DO
    assert found.says == "Drop 198.51.100.7 at the firewall (new since the last block)."


def test_new_addresses_are_blocked_again() -> None:
    filed = (
        Investigated(FILED, incident(suspect("203.0.113.66"))),
        Investigated("2026-10-06T08:00:00Z", incident(suspect("203.0.113.67"))),
    )
    done = mark("blocked", DONE, "2026-10-04T08:00:00Z")
    assert steps(standing(marks=(done,)))["blocked"].state == DONE
    found = steps(standing(investigated=filed, marks=(done,)))["blocked"]
    assert (found.state, found.due) == (TO_DO, "2026-10-06")
    assert "203.0.113.67" in found.says
    assert "203.0.113.66" not in found.says


def test_passwords_are_changed_today_where_one_was_taken() -> None:
    assert steps(standing(THIEF))["credentials_fixed"].due == "2026-10-03"
    assert steps(standing())["credentials_fixed"].due == "2026-10-10"
    scan = suspect("203.0.113.66", kinds=["scan"])
    assert steps(standing(scan))["credentials_fixed"].state == NOT_NEEDED


def test_carrier_is_told_today_where_calls_were_answered() -> None:
    assert steps(standing(THIEF))["carrier_told"].due == "2026-10-03"
    taken = suspect("203.0.113.66", accounts_taken=["240"])
    assert steps(standing(taken))["carrier_told"].due == "2026-10-04"
    assert steps(standing())["carrier_told"].state == NOT_NEEDED


def test_isp_is_asked_for_floods_and_what_comes_back_only() -> None:
    assert steps(standing())["isp_asked"].state == NOT_NEEDED
    flood = suspect("203.0.113.66", kinds=["flood"])
    assert steps(standing(flood))["isp_asked"].due == "2026-10-03"
    assert steps(standing(continues=("RF-20260901-abcdef",)))["isp_asked"].state == TO_DO


def test_letter_to_the_carrier_waits_then_asks_for_the_telephone() -> None:
    letter = abuse(1, "2026-10-03T09:00:00Z", kind="carrier", network="", to=("fraud@tel.example",))
    one = standing(THIEF, letters=(letter,))
    assert steps(one, today="2026-10-05")["carrier_told"].state == WAITING
    late = steps(one, today="2026-10-06")["carrier_told"]
    assert (late.state, late.due) == (TO_DO, "2026-10-06")
    answered = steps(standing(THIEF, letters=(letter,), replies=(reply(1, "answered"),)))
    assert answered["carrier_told"].state == DONE
    back = steps(standing(THIEF, letters=(letter,), replies=(reply(1, "bounced"),)))
    assert back["carrier_told"].state == TO_DO


def test_in_the_usa_the_fbis_path_is_walked() -> None:
    found = steps(standing(THIEF))
    assert (found["ic3_filed"].state, found["ic3_filed"].due) == (TO_DO, "2026-10-06")
    assert (found["fbi_office"].state, found["fbi_office"].due) == (TO_DO, "2026-10-10")
    assert found["agent_assigned"].due is found["trace_handed_over"].due is None
    assert (found["police"].state, found["police"].due) == (TO_DO, "2026-10-06")


def test_each_step_of_the_fbis_path_makes_the_next_one_due() -> None:
    marks = [mark("ic3_filed", DONE), mark("fbi_office", DONE)]
    found = steps(standing(THIEF, marks=tuple(marks)))
    assert found["ic3_filed"].state == DONE
    assert "ticket 123" in found["ic3_filed"].says
    assert found["agent_assigned"].due == "2026-10-18"
    found = steps(standing(THIEF, marks=(*marks, mark("agent_assigned", DONE))))
    assert found["trace_handed_over"].due == "2026-10-06"
    assert found["victim_registry"].due == "2026-10-18"


def test_number_of_ic3_stands_in_what_the_field_office_is_told() -> None:
    found = steps(standing(THIEF, marks=(mark("ic3_filed", DONE),)))
    assert "(ticket 123)" in found["fbi_office"].says


def test_complaint_that_was_written_is_to_be_typed_in() -> None:
    letter = abuse(1, "", kind="ic3", network="", to=(), file="letters/ic3.txt")
    found = steps(standing(THIEF, letters=(letter,)))["ic3_filed"]
    assert found.state == TO_DO
    assert "letters/ic3.txt" in found.says
    assert "--note" in found.command


def test_elsewhere_the_police_of_the_own_country_takes_it() -> None:
    found = steps(standing(THIEF), GERMANY)
    for step in ("ic3_filed", "fbi_office", "agent_assigned", "victim_registry"):
        assert found[step].state == NOT_NEEDED
        assert "Germany" in found[step].says
    assert found["police"].state == TO_DO
    assert "Germany" in found["police"].says
    told = steps(standing(THIEF, marks=(mark("police", DONE),)), GERMANY)
    assert told["trace_handed_over"].due == "2026-10-06"


def test_without_a_country_the_list_asks_where_you_are() -> None:
    assert "victim.country" in steps(standing(THIEF), Settings())["ic3_filed"].says


def test_where_nothing_was_lost_police_need_not_be_told() -> None:
    found = steps(standing())
    assert found["police"].state == found["fbi_office"].state == NOT_NEEDED
    assert found["ic3_filed"].due == "2026-10-10"


def test_what_somebody_says_counts_more_and_can_be_taken_back() -> None:
    skipped = mark("police", NOT_NEEDED)
    assert steps(standing(THIEF, marks=(skipped,)))["police"].state == NOT_NEEDED
    back = (skipped, mark("police", TO_DO))
    assert steps(standing(THIEF, marks=back))["police"] == steps(standing(THIEF))["police"]


def test_case_is_closed_last() -> None:
    assert steps(standing())["closed"].due is None
    quiet = suspect("203.0.113.66", kinds=["scan"])
    network = "203.0.113.0/24"
    marks = (
        mark("blocked", DONE),
        mark("ic3_filed", DONE),
        mark("abuse_mailed", NOT_NEEDED, network=network),
    )
    found = (who("203.0.113.66", network, contact("abuse@example.net")),)
    last = steps(standing(quiet, marks=marks, found=found))["closed"]
    assert (last.state, last.due) == (TO_DO, TODAY)
    shut = standing(case=replace(CASE, state=CLOSED), closed="2026-10-09T08:00:00Z all done")
    assert steps(shut)["closed"] == FollowUp("closed", DONE, "all done", at="2026-10-09T08:00:00Z")


def test_attacker_who_returns_brings_the_work_back() -> None:
    later = replace(CASE, id="RF-20261010-bbbbbb")
    theirs = checklist(
        standing(suspect("198.51.100.7"), case=later, continues=(CASE.id,)), US, "2026-10-10"
    )
    found = checklist(standing(), US, "2026-10-10", [(later, theirs)])
    again = [step for step in found if step.says.startswith(f"Again, for {later.id}")]
    assert [step.step for step in again] == [
        "blocked", "contact_found", "abuse_mailed", "abuse_phoned", "isp_asked",
    ]  # fmt: skip
    assert any(step.command == f"ringfence letter {later.id} isp --send" for step in again)
    assert found[-1].step == "closed"


@pytest.mark.parametrize("state", [TO_DO, DONE])
def test_later_case_that_is_closed_asks_for_nothing(state: str) -> None:
    later = replace(CASE, id="RF-20261010-bbbbbb", state=CLOSED)
    found = checklist(standing(), US, TODAY, [(later, [FollowUp("blocked", state, "x")])])
    again = [step for step in found if "Again" in step.says]
    assert bool(again) is (state == DONE)


def test_new_case_says_what_it_continues() -> None:
    assert (
        "RF-20260901-abcdef" in steps(standing(continues=("RF-20260901-abcdef",)))["captured"].says
    )
