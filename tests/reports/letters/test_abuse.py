"""Letters to abuse desks: complete, true, bounded, and no stranger's."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.letter import Brief, Letter, LetterError
from ringfence.model.responsible import FOUND, Responsible
from ringfence.model.settings import Settings
from ringfence.reports.letters import facts
from ringfence.reports.letters.abuse import (
    MAX_EXCERPTS,
    MAX_IN_BRIEF,
    MAX_IN_FULL,
    MAX_IN_TABLE,
    MAX_RAW_LINES,
    MAX_XARF,
    write,
)
from ringfence.reports.letters.mail import as_mail, as_text
from ringfence.reports.letters.parties import parties_of
from ringfence.reports.letters.write import write_letters
from tests.reports.letters.golden import agrees
from tests.reports.letters.scene import (
    ANSWERS,
    BRIEF,
    CASE,
    EARLIER,
    EXCERPT,
    FLOODED,
    GUESSED,
    GUESSED_UNKNOWN,
    HOSTING,
    INCIDENT,
    SCANNED,
    SEALED,
    SETTINGS,
    STOLE,
    SUSPECTED,
    about,
    contact,
    stream,
)

AT, ID = "2026-11-26T09:00:00Z", "<letter.1@office.example>"
LIES = ("x\r\nBcc: y@evil.example", "x\u202ey", "x\u200by", "x\x1b[2J", "x\u2028y")


def only(brief: Brief) -> Letter:
    """The one letter of a brief."""
    (letter,) = write(brief)
    return letter


def one_line(text: str) -> str:
    """Without the line ends that the width of the page asked for."""
    return " ".join(text.split())


def many(number: int, **changes: object) -> Brief:
    """A crowd of one network."""
    crowd = [
        replace(GUESSED, address=f"198.51.{100 + n // 200}.{n % 200}", **changes)  # type: ignore[arg-type]
        for n in range(number)
    ]
    network = replace(HOSTING, prefixes=("198.51.0.0/16",))
    desk = (contact("abuse@hosting.example"),)
    answers = [Responsible(source.address, FOUND, "", network, desk) for source in crowd]
    incident = replace(INCIDENT, suspects=crowd)
    return replace(
        BRIEF, incident=incident, parties=parties_of(incident, answers),
        streams=tuple(map(stream, crowd)), excerpts=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "brief"),
    [
        ("abuse-proven", about(STOLE)),
        ("abuse-forged", about(FLOODED)),
        ("abuse-again", replace(about(STOLE, GUESSED, SUSPECTED), earlier=(EARLIER,))),
        ("abuse-nobody-known", about(GUESSED_UNKNOWN)),
        ("abuse-exercise", replace(about(SCANNED), exercise=True)),
        ("abuse-crowd", many(40)),
        ("abuse-no-settings", replace(about(STOLE), settings=Settings(), evidence=None)),
    ],
)
def test_a_letter_reads_as_a_person_approved_it(name: str, brief: Brief) -> None:
    """A change is read in the diff of the golden file, never waved through."""
    agrees(f"{name}.txt", as_text(write_letters("abuse", brief)[0]))


def test_a_network_gets_one_letter() -> None:
    assert [(letter.network, letter.name, letter.to) for letter in write(BRIEF)] == [
        ("198.51.100.0/24", "abuse-198.51.100.0-24", ("abuse@hosting.example",)),
        ("203.0.113.50", "abuse-203.0.113.50", ()),
        ("2001:db8:77::/48", "abuse-2001-db8-77---48", ("abuse@sechs.example",)),
        ("203.0.113.64/26", "abuse-203.0.113.64-26", ("info@access.example",)),
    ]


def test_no_network_reads_of_another() -> None:
    for letter in write(BRIEF):
        others = {source.address for source in INCIDENT.suspects} - set(letter.addresses)
        sent = letter.text + "".join(one.octets.decode() for one in letter.xarf)
        assert [address for address in others if f"{address}," in sent] == []


def test_the_desk_can_find_it_in_its_records() -> None:
    text = one_line(only(about(STOLE)).text)
    for fact in (
        "198.51.100.7, port 5071", "192.0.2.10, port 5060", "over UDP",
        "2026-11-25T03:12:09.123456Z", "2026-11-25T05:40:01.500000Z", "All times are UTC",
        "NTP, pool.ntp.org", "12,345", "2,011 password guesses", "ab" * 32, "cd" * 32, CASE,
    ):  # fmt: skip
        assert fact in text, fact


def test_the_case_stands_in_the_subject() -> None:
    for letter in write(BRIEF):
        assert letter.subject.endswith(f"[{CASE}]")


def test_accounts_and_numbers_stay_at_home() -> None:
    letter = only(replace(about(replace(STOLE, accounts_taken=["director"])), excerpts=()))
    assert "director" not in letter.text
    assert "449098790115" not in letter.text
    assert "1 account was broken into" in one_line(letter.text)


def test_an_account_that_two_sources_took_is_one() -> None:
    text = only(about(STOLE, replace(GUESSED, accounts_taken=["240"]))).text
    assert "1 account was broken into" in one_line(text)


def test_what_a_suspect_got_is_not_told_as_the_attackers() -> None:
    shy = replace(SUSPECTED, accounts_taken=["9"], first_seen="2026-11-01T00:00:00Z")
    opening = only(about(GUESSED, shy)).text.partition("WHAT WE ASK")[0]
    assert "succeeded" not in opening
    assert "2026-11-01" not in opening


def test_a_forged_address_is_not_accused() -> None:
    letter = only(about(FLOODED))
    assert "address not proven" in letter.subject
    assert "NOT proven" in letter.text
    assert "Our firewall drops" not in letter.text
    assert "Tell the customer" not in letter.text


def test_one_proven_among_forged_is_counted() -> None:
    forged = replace(GUESSED, proven="none")
    text = one_line(only(about(STOLE, forged)).text)
    assert "Of 1 the address is proven; others may be forged." in text


def test_a_suspect_beside_an_attacker_is_marked() -> None:
    text = one_line(only(about(STOLE, SUSPECTED)).text)
    assert "Suspected only (25 to 1): please judge for yourself." in text


def test_a_second_letter_names_the_first() -> None:
    letter = only(replace(about(STOLE), earlier=(EARLIER,)))
    assert letter.refers_to == ("<first.1@office.example>",)
    text = one_line(letter.text)
    assert "2026-11-20, case [RF-20261120-111111], Message-ID <first.1@office.example>" in text
    assert "Since then it went on from 198.51.100.7." in text


@pytest.mark.parametrize(
    "changes",
    [{"sent_at": ""}, {"kind": "isp"}, {"to": ("abuse@other.example",)}],
    ids=["never sent", "another kind", "another desk"],
)
def test_what_the_desk_never_got_is_not_referred_to(changes: dict[str, object]) -> None:
    other = replace(EARLIER, **changes)  # type: ignore[arg-type]
    letter = only(replace(about(STOLE), earlier=(other,)))
    assert letter.refers_to == ()
    assert "We wrote to you before" not in letter.text


def test_a_copy_goes_to_those_who_want_one() -> None:
    assert only(about(STOLE)).copy == ("cert@cert.example",)


def test_nobody_to_accuse_is_an_error_that_says_why() -> None:
    with pytest.raises(LetterError, match="only suspected"):
        write(about(SUSPECTED))


def test_a_private_destination_stays_at_home_and_is_asked_for() -> None:
    inside = replace(stream(STOLE), destination="10.0.0.7")
    heard = replace(EXCERPT, destination="10.0.0.7:5060", text="OPTIONS sip:x SIP/2.0")
    letter = only(replace(about(STOLE), streams=(inside,), excerpts=(heard,)))
    assert "10.0.0.7" not in letter.text
    assert any("public address" in remark for remark in letter.remarks)


def test_missing_settings_stand_in_brackets_and_in_remarks() -> None:
    letter = only(replace(about(STOLE), settings=Settings(), evidence=None))
    assert "[your name: settings.toml, victim.name]" in letter.text
    remarks = " ".join(letter.remarks)
    for missing in ("victim.name", "victim.phone", "victim.email", "clock", "No evidence"):
        assert missing in remarks, missing
    assert letter.xarf == ()


def test_an_exercise_says_so_at_its_top() -> None:
    exercise = replace(about(STOLE), exercise=True)
    letter = only(exercise)
    assert one_line(letter.text).lstrip("* ").startswith(facts.exercise_note(exercise))
    assert letter.subject.startswith("EXERCISE")
    assert any("Never send it" in remark for remark in letter.remarks)


def test_a_source_has_its_report_for_machines() -> None:
    letter = write(BRIEF)[0]
    named = [json.loads(one.octets)["source_identifier"] for one in letter.xarf]
    assert tuple(named) == letter.addresses


def test_a_report_that_cannot_be_is_a_remark() -> None:
    letter = only(about(replace(STOLE, kinds=["spoofed_call"])))
    assert letter.xarf == ()
    assert "XARF" not in letter.text
    assert any("forged calls" in remark for remark in letter.remarks)


def test_a_crowd_is_short_in_the_letter_and_whole_beside_it() -> None:
    letter = only(many(3_000))
    text = one_line(letter.text)
    assert len(re.findall(r"First seen", text)) == MAX_IN_FULL
    assert len(re.findall(r", address proven", text)) == MAX_IN_BRIEF
    assert f"And {3_000 - MAX_IN_FULL - MAX_IN_BRIEF:,} more sources" in text
    assert len(letter.text) < 12_000
    assert len(letter.xarf) == MAX_XARF
    (table,) = letter.attachments
    rows = list(csv.DictReader(io.StringIO(table.octets.decode())))
    assert [row["source"] for row in rows] == list(letter.addresses)
    assert (rows[0]["destination"], rows[0]["destination_port"]) == ("192.0.2.10", "5060")


def test_a_larger_crowd_is_cut_and_counted() -> None:
    assert MAX_IN_TABLE == 10_000
    letter = only(many(MAX_IN_TABLE + 7))
    assert letter.attachments[0].octets.count(b"\r\n") == MAX_IN_TABLE + 1
    assert any(remark.startswith("7 sources") for remark in letter.remarks)


def test_raw_messages_are_few_and_short() -> None:
    long = replace(EXCERPT, text="X-Evil: " + "a" * 5_000 + "\r\nY: z" * 500)
    letter = only(replace(about(STOLE), excerpts=(long,) * 900))
    raw = letter.text.partition("MESSAGES AS THEY CAME")[2].partition("EVIDENCE")[0]
    assert raw.count("2026-11-25T03:12:09") <= MAX_EXCERPTS
    assert raw.count("\n") < MAX_EXCERPTS * (MAX_RAW_LINES + 6) + 10
    assert max(map(len, raw.split("\n"))) < 200
    assert "[the rest of this message is in the evidence]" in raw


def test_raw_messages_say_when_from_where_and_are_indented() -> None:
    text = only(about(STOLE)).text
    assert "03:12:09.123456Z UDP 198.51.100.7:5071 to 192.0.2.10:5060" in text
    assert "\n    REGISTER sip:192.0.2.10 SIP/2.0\n" in text


def hostile(lie: str) -> Brief:
    """A brief in which everybody else wrote the lie wherever he could."""
    desk = contact("abuse@hosting.example", phone=lie, name=lie, because=lie, form=lie, handle=lie)
    network = replace(HOSTING, holder=lie, name=lie, as_name=lie, prefixes=(lie, "198.51.100.0/24"))
    answer = Responsible(STOLE.address, FOUND, lie, network, (desk,))
    source = replace(
        STOLE, kinds=[lie, "scan"], claimed_user_agents=[lie], methods={lie: 3},
        accounts_taken=[lie], accounts_tried_sample=[lie], currency=lie,
    )  # fmt: skip
    incident = replace(INCIDENT, suspects=[source])
    return replace(
        BRIEF,
        incident=incident,
        parties=parties_of(incident, [answer]),
        streams=(replace(stream(source), transport=lie),),
        excerpts=(replace(EXCERPT, text=lie, source=lie, destination=lie, transport=lie),),
        evidence=replace(SEALED, originals=((lie, "ab" * 32),)),
        earlier=(replace(EARLIER, message_id=lie, case_id=lie),),
        returning=(lie,),
    )


@pytest.mark.parametrize("lie", LIES)
def test_a_strangers_text_makes_no_line_and_no_header(lie: str) -> None:
    letter = only(hostile(lie))
    shown = [letter.subject, letter.receiver, letter.name, *letter.to, *letter.copy]
    assert all(text.isprintable() for text in (*shown, *letter.remarks))
    assert all(line.isprintable() for line in as_text(letter).split("\n"))
    head = as_mail(letter, SETTINGS, AT, ID).partition(b"\r\n\r\n")[0]
    assert b"\nBcc" not in head
    assert not any(line.startswith("Bcc") for line in letter.text.split("\n"))


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_no_text_breaks_a_letter(lie: str) -> None:
    letter = only(hostile(lie))
    assert all(line.isprintable() for line in as_text(letter).split("\n"))
    assert as_mail(letter, SETTINGS, AT, ID)


def test_lines_fit_a_mail_but_for_raw_messages() -> None:
    for letter in write(BRIEF):
        wide = [line for line in letter.text.split("\n") if len(line) > 72]
        assert wide == []


def test_the_same_brief_gives_the_same_letters() -> None:
    again = replace(BRIEF, parties=parties_of(INCIDENT, reversed(ANSWERS)))
    assert write(BRIEF) == write(again)
