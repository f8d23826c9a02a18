"""The first screen: who, did they get in, what next; on 24 lines of 80 columns."""

from __future__ import annotations

import dataclasses
import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from ringfence import flow
from ringfence.cli.screen import SCREEN_LINES, show_first_screen
from ringfence.model.incident import (
    KINDS,
    AttributedContact,
    Attribution,
    Campaign,
    Incident,
    InTrouble,
    Suspect,
    UnlistedCalls,
)

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.pcap"))
LONG_ADDRESS = "2001:db8:ffff:ffff:ffff:ffff:ffff:fff{}"
USER = InTrouble("198.51.100.9", "231", "it asks on", "2026-10-02T21:55:09Z", "bad_pin", "Ask him.")


@pytest.fixture(scope="module")
def example() -> Incident:
    """The incident of the example that ships with the project."""
    return flow.investigate([str(ROOT / "examples/attack.pcap")]).incident


@pytest.fixture(scope="module")
def attacker(example: Incident) -> Suspect:
    return example.suspects[0]


def screen(incident: Incident, width: int = 80) -> list[str]:
    """The lines that a person sees."""
    out = io.StringIO()
    show_first_screen(incident, Console(file=out, width=width, highlight=False))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def only(incident: Incident, *suspects: Suspect) -> Incident:
    """The incident with these suspects and nothing to help."""
    return dataclasses.replace(incident, suspects=list(suspects), in_trouble=[])


# ---- it fits ---------------------------------------------------------------------


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_fit_one_screen(path: Path) -> None:
    incident = flow.investigate([str(path)]).incident
    lines = screen(incident)
    answered = [desk(suspect.address) for suspect in incident.suspects]
    lines += screen(dataclasses.replace(incident, attribution=answered))[len(lines) :]
    assert len(lines) <= SCREEN_LINES < 24
    assert [line for line in lines if len(line) > 80] == []


@pytest.mark.parametrize("name_length", [3, 300])
@pytest.mark.parametrize("many", [5, 6, 500])
def test_the_worst_incident_fits_one_screen(
    example: Incident, attacker: Suspect, many: int, name_length: int
) -> None:
    suspects = [
        dataclasses.replace(
            attacker,
            address=LONG_ADDRESS.format(n % 10),
            kinds=list(KINDS),
            proven="none" if n % 2 else "tcp",
            accounts_taken=[str(n) * name_length] * 40,
            calls_answered=attacker.calls_answered * 5000,
            minutes=123_456.7,
            guesses=123_456_789,
            campaign="C-1",
        )
        for n in range(many)
    ]
    user = dataclasses.replace(USER, account="x" * name_length)
    given = dataclasses.replace(
        example.inputs[0],
        path="/var/spool/captures/" * 9,
        sip_messages=123_456_789,
        packets=987_654_321,
        problems=["at octet 99: record header makes no sense; 40 octets skipped"] * 7,
    )
    worst = dataclasses.replace(
        example,
        inputs=[given] * 9,
        defended=[LONG_ADDRESS.format("a")] * 9,
        suspects=suspects,
        in_trouble=[user] * many,
        ordinary=1_234_567,
        campaigns=[Campaign("C-1", [s.address for s in suspects], "x" * 500, 45.0, [])],
    )
    lines = screen(worst)
    assert len(lines) <= SCREEN_LINES
    assert [line for line in lines if len(line) > 80] == []


def test_empty_lines_part_the_blocks_where_there_is_room(example: Incident) -> None:
    assert screen(example).count("") == 3


# ---- who, and did they get in --------------------------------------------------------


def test_the_example_says_who_did_what_and_what_to_do(example: Incident) -> None:
    lines = screen(example)
    assert lines[0].startswith("2 attackers, one hand. THEY GOT IN; the calls cost about ")
    assert re.fullmatch(r"\d+ SIP messages in \d+ packets, \S+ \S{8} to \S+ \S{8} UTC", lines[1])
    text = "\n".join(lines)
    assert "203.0.113.66  attacker: toll fraud, password guessing, enumeration, scan" in text
    assert "TOOK 240; 2 CALLS ANSWERED, 1" in text
    assert "Help, do not block: 192.0.2.50, account 231: a wrong password in the phone" in text
    assert lines[-4:] == [
        "1. Change the password of 240 now, and end its calls.",
        "2. Block 203.0.113.66, 203.0.113.91.",
        "3. Help the user above; that is no attacker.",
        "4. Keep the capture unchanged: it is the evidence.",
    ]


def test_nobody_attacks(example: Incident) -> None:
    assert screen(only(example))[0] == "Nobody attacks in what was read."


def test_a_capture_without_sip_is_no_all_clear(example: Incident) -> None:
    silent = dataclasses.replace(example.inputs[0], sip_messages=0)
    incident = dataclasses.replace(only(example), inputs=[silent])
    assert screen(incident)[0] == "No SIP in what was read: nothing can be said."


def test_an_all_clear_says_what_it_could_not_see(example: Incident) -> None:
    given = dataclasses.replace(example.inputs[0], not_decoded={"encrypted (TLS)": 1200})
    incident = dataclasses.replace(only(example), inputs=[given])
    assert "not read: 1,200 packets, encrypted (TLS)" in screen(incident)


def test_a_suspect_is_not_called_an_attacker(example: Incident, attacker: Suspect) -> None:
    suspect = dataclasses.replace(attacker, verdict="suspect", accounts_taken=[])
    lines = screen(only(example, suspect))
    assert lines[0] == "1 source is suspect; none is certain to attack."
    assert not any("Block" in line for line in lines)


def test_an_attacker_who_stayed_outside(example: Incident, attacker: Suspect) -> None:
    outside = dataclasses.replace(attacker, accounts_taken=[], calls_answered=[])
    lines = screen(only(example, outside))
    assert lines[0] == "1 attacker. They did not get in, as far as this capture shows."
    assert not any("password of" in line for line in lines)


def test_one_hand_is_named_once_more(example: Incident, attacker: Suspect) -> None:
    second = dataclasses.replace(attacker, address="203.0.113.91", accounts_taken=[])
    second = dataclasses.replace(second, calls_answered=[], estimated_cost=None)
    lines = screen(only(example, attacker, second))
    assert lines[0].startswith("2 attackers, one hand. ")
    assert any("same hand as 203.0.113.66; 3" in line for line in lines)


def test_two_hands_are_not_one(example: Incident, attacker: Suspect) -> None:
    other = dataclasses.replace(attacker, address="203.0.113.91", campaign="C-other")
    lines = screen(only(example, attacker, other))
    assert lines[0].startswith("2 attackers. ")
    assert not any("same hand" in line for line in lines)


def test_success_comes_before_effort(example: Incident, attacker: Suspect) -> None:
    free = dataclasses.replace(attacker, estimated_cost=None)
    (facts,) = (line for line in screen(only(example, free)) if "TOOK" in line)
    assert facts.index("TOOK") < facts.index("ANSWERED") < facts.index("refused")


def test_calls_that_are_not_listed_are_counted(example: Incident, attacker: Suspect) -> None:
    more = UnlistedCalls(calls=1976, minutes=900.0)
    long = dataclasses.replace(
        attacker, calls_answered=attacker.calls_answered[:1], calls_unlisted=more, minutes=1000.0
    )
    assert any("1,977 CALLS ANSWERED, 1,000 min" in line for line in screen(only(example, long)))


def test_a_known_cost_is_shown(example: Incident, attacker: Suspect) -> None:
    calls = [dataclasses.replace(attacker.calls_answered[0], country=c) for c in ("SI", "LV")]
    dear = dataclasses.replace(
        attacker, estimated_cost=1234.4, currency="EUR", calls_answered=calls
    )
    lines = screen(only(example, dear))
    assert lines[0] == "1 attacker. THEY GOT IN; the calls cost about 1,234 EUR."
    assert any("about 1,234 EUR to SI, LV" in line for line in lines)


@pytest.mark.parametrize(
    ("code", "words"), [("001", "to global lines"), ("ZZ", "to unknown lines")]
)
def test_codes_that_are_no_country(
    example: Incident, attacker: Suspect, code: str, words: str
) -> None:
    call = dataclasses.replace(attacker.calls_answered[0], country=code)
    dear = dataclasses.replace(attacker, estimated_cost=1.0, calls_answered=[call])
    assert any(words in line for line in screen(only(example, dear)))


def test_an_unknown_cost_is_not_guessed(example: Incident, attacker: Suspect) -> None:
    unknown = dataclasses.replace(attacker, estimated_cost=None, currency=None)
    assert not any("about" in line for line in screen(only(example, unknown)))


def test_the_worst_kind_is_named_first(example: Incident, attacker: Suspect) -> None:
    everything = dataclasses.replace(attacker, kinds=list(KINDS))
    assert any("attacker: toll fraud, " in line for line in screen(only(example, everything)))


def test_more_than_five_are_counted(example: Incident, attacker: Suspect) -> None:
    lines = screen(only(example, *[attacker] * 7))
    assert sum(line.startswith(attacker.address) for line in lines) == 5
    assert any(line.startswith("and 2 more: see --json") for line in lines)


# ---- what next ----------------------------------------------------------------------


def test_an_address_that_may_be_forged_is_not_to_be_blocked(
    example: Incident, attacker: Suspect
) -> None:
    forged = dataclasses.replace(attacker, proven="none", accounts_taken=[], calls_answered=[])
    lines = screen(only(example, forged))
    assert any("address may be forged" in line for line in lines)
    assert "1. Slow down, but do not block: 203.0.113.66." in lines
    assert not any(line.startswith("1. Block") for line in lines)


def test_a_suspect_can_be_asked_about(example: Incident) -> None:
    assert "why: ringfence explain FILE 203.0.113.66" in screen(example)


@pytest.mark.parametrize(
    ("looks_like", "words"),
    [
        ("bad_pin", "a wrong password in the phone"),
        ("wrong_user", "a user that does not exist"),
        ("unanswered", "a phone that nobody answers"),
        ("something new", "it asks on"),
    ],
)
def test_what_is_wrong_with_a_user(example: Incident, looks_like: str, words: str) -> None:
    user = dataclasses.replace(USER, looks_like=looks_like)
    incident = dataclasses.replace(only(example), in_trouble=[user])
    assert f"Help, do not block: 198.51.100.9, account 231: {words}" in screen(incident)


def test_many_users_in_trouble_are_counted(example: Incident) -> None:
    incident = dataclasses.replace(only(example), in_trouble=[USER] * 9)
    lines = screen(incident)
    assert sum(line.startswith("Help, do not block") for line in lines) == 2
    assert "and 7 more to help: see --json" in lines
    assert "1. Help the users above; they are no attackers." in lines


def test_a_damaged_capture_is_told(example: Incident) -> None:
    given = dataclasses.replace(example.inputs[0], path="a.pcap", problems=["at octet 9: cut"])
    assert "a.pcap: at octet 9: cut" in screen(dataclasses.replace(example, inputs=[given]))


# ---- what strangers wrote -----------------------------------------------------------


def test_names_of_strangers_are_escaped(example: Incident, attacker: Suspect) -> None:
    hostile = "\x1b[2J\u202e042"
    taken = dataclasses.replace(attacker, accounts_taken=[hostile])
    user = dataclasses.replace(USER, account=hostile)
    given = dataclasses.replace(example.inputs[0], path=hostile, problems=["cut"])
    incident = dataclasses.replace(example, inputs=[given], suspects=[taken], in_trouble=[user])
    text = "\n".join(screen(incident))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.count(r"\x1b[2J\u202e042") == 4


def test_markup_of_strangers_is_text(example: Incident) -> None:
    user = dataclasses.replace(USER, account="[red]231[/]")
    incident = dataclasses.replace(only(example), in_trouble=[user])
    assert any("account [red]231[/]" in line for line in screen(incident))


# ---- who answers -----------------------------------------------------------------


def desk(address: str, **facts: object) -> Attribution:
    contact = AttributedContact(
        "abuse@hosting.example", "+1-202-555-0142", None, "abuse_role", "role abuse",
        "rdap.example", "entities[0]", usable=True, why_not=None,
    )  # fmt: skip
    entry = Attribution(
        [address], "found", "says", [], "Example Hosting", "NL", "ripe", None, None, [contact],
        None, exercise=False,
    )  # fmt: skip
    return dataclasses.replace(entry, **facts)  # type: ignore[arg-type]


def test_who_answers_stands_below_the_suspect(example: Incident, attacker: Suspect) -> None:
    told = dataclasses.replace(only(example, attacker), attribution=[desk(attacker.address)])
    (line,) = [line for line in screen(told) if "who answers" in line]
    assert line.strip() == "who answers for it: abuse@hosting.example of Example Hosting"
    (wide,) = [line for line in screen(told, 120) if "who answers" in line]
    assert wide.endswith("of Example Hosting; phone +1-202-555-0142")


def test_a_long_holder_is_cut_between_words(example: Incident, attacker: Suspect) -> None:
    long = desk(attacker.address, holder="Example Hosting and Colocation Services International")
    told = dataclasses.replace(only(example, attacker), attribution=[long])
    (line,) = [line for line in screen(told) if "who answers" in line]
    assert line.endswith("of Example Hosting and …")


def test_an_exercise_is_no_real_desk(example: Incident, attacker: Suspect) -> None:
    told = dataclasses.replace(
        only(example, attacker), attribution=[desk(attacker.address, exercise=True)]
    )
    assert "who answers (exercise): abuse@hosting.example" in "\n".join(screen(told))


def test_a_desk_that_nobody_reaches_is_told(example: Incident, attacker: Suspect) -> None:
    told = dataclasses.replace(
        only(example, attacker), attribution=[desk(attacker.address, contacts=[])]
    )
    assert "who answers for it: nobody who can be reached" in "\n".join(screen(told))


def test_nobody_asked_is_no_line(example: Incident, attacker: Suspect) -> None:
    left = desk(attacker.address, contacts=[], state="not_looked_up")
    told = dataclasses.replace(only(example, attacker), attribution=[left])
    assert "who answers" not in "\n".join(screen(told))


def test_a_cost_is_not_cut_in_the_middle_of_a_country(example: Incident, attacker: Suspect) -> None:
    calls = [
        dataclasses.replace(attacker.calls_answered[0], country=code) for code in ("LV", "CU", "ZZ")
    ]
    dear = dataclasses.replace(
        attacker, accounts_taken=["240", "2400", "24000"], calls_answered=calls,
        estimated_cost=2520.0, minutes=1240.0, address="203.0.113.191",
    )  # fmt: skip
    (line,) = [line for line in screen(only(example, dear)) if "ANSWERED" in line]
    assert line.endswith("TOOK 240, 2400, 24000; 3 CALLS ANSWERED, 1,240 min")
    (wider,) = [line for line in screen(only(example, dear), 85) if "ANSWERED" in line]
    assert wider.endswith("about 2,520 USD")
    (wide,) = [line for line in screen(only(example, dear), 100) if "ANSWERED" in line]
    assert wide.endswith("about 2,520 USD to LV and 2 more")
