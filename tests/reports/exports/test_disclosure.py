"""What may leave the house: attackers, and nothing of the victim."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from ringfence.model.incident import SCHEMA, Incident, Suspect
from ringfence.reports.exports.disclosure import (
    MAX_AGENTS,
    MAX_NUMBERS,
    Number,
    deeds,
    instant,
)
from tests.cases.incidents import incident, suspect
from tests.evidence.redaction.planted import Planter, leaks
from tests.reports.exports.scene import (
    CASE,
    DOUBTFUL,
    FORGED,
    GUESSER,
    HUNTED,
    LATER,
    PREMIUM,
    THIEF,
    attribution,
    planted,
    scene,
    told,
)


def agents_of(*claimed: str, ours: Incident | None = None) -> tuple[str, ...]:
    """The User-Agents that are told of one who claims these."""
    one = suspect(THIEF, claimed_user_agents=list(claimed))
    return told(replace(ours or incident(), suspects=[one])).sources[0].agents


def numbers_of(one: Suspect) -> list[str]:
    return [number.number for number in told(incident(one)).sources[0].numbers]


def test_nothing_of_the_victim_is_told() -> None:
    planter = Planter()
    found = scene(planter)
    held = [one.address for one in found.held_back]
    public = replace(found, held_back=())  # that is for the owner's own screen
    assert leaks(planter, [msgspec.json.encode(public)]) == []
    assert planter.value("inside", "phone").decode() in held


def test_only_who_is_certain_is_certain() -> None:
    found = scene()
    assert [(s.address, s.certain) for s in found.sources] == [
        (THIEF, True), (GUESSER, True), (FORGED, False),
    ]  # fmt: skip
    reasons = {one.address: one.reason for one in found.held_back}
    assert "may be one of your users" in reasons[DOUBTFUL]
    assert "may be forged" in reasons[FORGED]


def test_campaign_names_proven_sources_only() -> None:
    assert scene().campaigns == (("C-0000abcd", (THIEF, GUESSER)),)


def test_figures_of_a_source() -> None:
    found = scene().sources[0]
    assert (found.accounts_taken, found.calls, found.minutes, found.confidence) == (2, 1, 10.0, 99)
    assert (found.asn, found.as_name) == (64496, "EXAMPLE-AS")
    assert found.agents == ("friendly-scanner",)
    assert found.numbers == (Number(PREMIUM, premium=True), Number(HUNTED, premium=False))
    assert deeds(found) == (
        "SIP password guessing, toll fraud: 40 requests, 40 account names tried, "
        "39 passwords refused, 2 accounts entered, 1 call answered (10 min)"
    )


@pytest.mark.parametrize(
    "agent",
    [
        "phone of 4711",  # a short name as a word
        "Valerie's phone",
        "valerie",
        "eirelav",  # backwards
        "dmFsZXJpZTEyMzQ1Ng==",  # packed
        "%76alerie",
        "4711@pbx",
        "PBX 192.0.2.10",
        "PBX 10.1.2.3",
        "PBX fd00::1",
        " ",
    ],
)
def test_agent_that_names_ours_is_not_told(agent: str) -> None:
    ours = planted(Planter())
    users = [replace(ours.in_trouble[0], account=name) for name in ("valerie", "4711")]
    ours = replace(ours, in_trouble=users, defended=["192.0.2.10"])
    assert agents_of(agent, "sipcli/v1.8", ours=ours) == ("sipcli/v1.8",)


@pytest.mark.parametrize(
    "agent", ["friendly-scanner", "Yealink SIP-T46S 66.84.0.15", "Asterisk PBX 18.9", "Grandstream"]
)
def test_agent_that_names_nobody_is_told(agent: str) -> None:
    assert agents_of(agent) == (agent,)


def test_number_of_ours_is_not_told() -> None:
    one = suspect(
        THIEF, kinds=["toll_fraud"], accounts_taken=["30123456"],
        numbers_dialled=["+4930123456", HUNTED, "30123456", "0044123", "+1"],
    )  # fmt: skip
    assert numbers_of(one) == [HUNTED]


def test_number_that_a_scanner_tried_is_not_told() -> None:
    """It may be the victim's own line, called to see whether it rings."""
    assert numbers_of(suspect(THIEF, kinds=["scan"], numbers_dialled=[HUNTED])) == []


def test_lists_of_strangers_are_cut() -> None:
    one = suspect(
        THIEF, kinds=["toll_fraud"], claimed_user_agents=[f"tool {n}/x" for n in range(500)],
        numbers_dialled=[f"+25261000{n:04d}" for n in range(500)],
    )  # fmt: skip
    found = told(incident(one)).sources[0]
    assert (len(found.agents), len(found.numbers)) == (MAX_AGENTS, MAX_NUMBERS)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5", "fe80::1", "198.18.0.9", "nobody"])
def test_address_that_nobody_holds_is_not_told(address: str) -> None:
    found = told(incident(suspect(address)))
    assert found.sources == ()
    assert [one.address for one in found.held_back] == [address]


def test_source_without_a_time_is_held_back() -> None:
    found = told(incident(suspect(THIEF, first_seen="", last_seen="")))
    assert found.held_back[0].reason == "the capture has no time for it"


def test_second_export_has_the_same_root_and_day() -> None:
    one, two = told(incident(suspect(THIEF))), told(incident(suspect(THIEF)), at=LATER)
    assert (one.root, one.created) == (two.root, two.created)
    assert one.created == "2026-10-02T00:00:00.000Z"


def test_other_owner_with_the_same_number_of_a_case_has_another_root() -> None:
    mine, other = incident(suspect(THIEF)), incident(suspect(THIEF), capture="b" * 64)
    assert told(mine).root != told(other).root


def test_exercise_is_marked_and_red() -> None:
    played = replace(incident(suspect(THIEF)), attribution=[attribution([THIEF], exercise=True)])
    found = told(played, tlp="clear")
    assert (found.tlp, found.exercise) == ("red", True)
    assert (
        found.title
        == f"EXERCISE: SIP attack on a telephone system (password guessing), case {CASE}"
    )


def test_mapped_address_is_told_as_ipv4() -> None:
    assert told(incident(suspect(f"::ffff:{THIEF}"))).sources[0].address == THIEF


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-10-02T19:05:00Z", "2026-10-02T19:05:00.000Z"),
        ("2026-10-02T19:05:00.123456+02:00", "2026-10-02T17:05:00.123Z"),
        ("2026-10-02T19:05:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_times(text: str, moment: str | None) -> None:
    assert instant(text) == moment


def test_nobody_accused_tells_nothing() -> None:
    assert told(Incident(SCHEMA, [], [], [], [], 0, [])).sources == ()
