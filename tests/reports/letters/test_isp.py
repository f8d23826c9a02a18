"""The owner's provider is asked for exactly what helps, in words that nobody misreads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.letter import ISP, Attachment, Letter, LetterError, SentLetter
from ringfence.model.settings import Settings
from ringfence.reports.letters import isp
from ringfence.reports.letters.write import write_letters
from tests.reports.letters.golden import HOSTILE, agrees, is_plain
from tests.reports.letters.upstream_scene import (
    CASE,
    FORGED,
    GUESSER,
    SUSPECTS,
    THIEF,
    brief,
    incident,
    suspect,
)

SENT = SentLetter(
    number=1, case_id=CASE, kind=ISP, at="2026-01-02T01:00:00Z", receiver="NOC", to=(),
    subject="", network="", addresses=(), file="", message_id="<1@doe.example>",
    sent_at="2026-01-02T01:05:00Z",
)  # fmt: skip


def letter(*suspects: object, **changes: object) -> Letter:
    (one,) = write_letters(ISP, brief(*suspects, **changes))  # type: ignore[arg-type]
    return one


def attached(one: Letter, ending: str) -> Attachment:
    return next(file for file in one.attachments if file.name.endswith(ending))


def test_the_letter_as_it_was_approved() -> None:
    text = letter().text
    agrees("isp.txt", text)
    assert is_plain(text)


def test_subject_and_receiver() -> None:
    one = letter()
    assert one.subject == (
        f"[{CASE}] please drop SIP attack traffic to 203.0.113.22 and 2001:db8:2::22 upstream, "
        "circuit EA-SPI-0099"
    )
    assert one.to == ("noc@access.example",)
    assert one.addresses == (THIEF, GUESSER, FORGED)


def test_empty_settings_are_brackets_and_a_remark() -> None:
    one = letter(settings=Settings())
    agrees("isp-empty.txt", one.text)
    assert is_plain(one.text)
    assert one.to == ()
    assert "missing in settings.toml: isp.name, isp.email" in one.remarks[-1]


def test_a_denial_of_service_is_named_when_asked_again() -> None:
    one = letter(earlier=(SENT, replace(SENT, case_id="RF-other", message_id="<2@x.example>")))
    agrees("isp-again.txt", one.text)
    assert one.subject.startswith(f"[{CASE}] AGAIN: ")
    assert one.refers_to == ("<1@doe.example>",)
    assert "is a denial of service" in " ".join(one.text.split("FOR YOUR")[0].split())


def test_it_goes_on_only_where_that_was_seen() -> None:
    assert "still going on" not in letter(earlier=(SENT,)).text
    asked_early = replace(SENT, sent_at="2026-01-02T00:10:00Z")
    assert "It is still going on: we saw it last" in " ".join(
        letter(earlier=(asked_early,)).text.split()
    )


def test_a_letter_that_was_not_sent_is_not_spoken_of() -> None:
    assert letter(earlier=(replace(SENT, sent_at=""),)).text == letter().text


def test_blackholing_our_own_address_is_not_what_we_ask() -> None:
    text = " ".join(letter().text.split())
    assert "NOT asked for: blackholing our address (RFC 7999" in text
    assert "Never announce a source's prefix" in text


def test_unproven_sources_are_never_in_rtbh() -> None:
    text = letter(SUSPECTS[2]).text
    assert "does not fit" in text
    assert "static host route" not in text
    assert "then discard" not in text


def test_commands_are_attached_with_their_undo() -> None:
    commands = attached(letter(), "flowspec.txt").octets.decode().split("\n")
    for announced, taken_back in (
        ("announce flow", "withdraw flow"),
        ("gobgp global rib add", "gobgp global rib del"),
    ):
        begun = [line for line in commands if line.startswith(announced)]
        ended = [line for line in commands if line.startswith(taken_back)]
        assert len(begun) == len(ended) == 3


def test_thousands_of_sources_are_told_by_network() -> None:
    crowd = [
        suspect(f"198.51.{100 + n // 256}.{n % 256}", messages=n + 1) for n in range(100, 5000, 2)
    ]
    public = [replace(one, address=one.address.replace("198.51", "198.18")) for one in crowd]
    one = letter(*public, streams=())
    assert len(one.text.split("\n")) < 220
    assert is_plain(one.text)
    assert attached(one, "sources.csv").octets.count(b"\n") == len(public) + 1
    commands = attached(one, "flowspec.txt").octets.decode()
    assert commands.count("\nannounce flow") == isp.MAX_RULES
    assert "the first 1,000 of 2,450 rules" in " ".join(one.text.split())
    assert "permit these ports to our address from the addresses of our SIP trunk" in " ".join(
        one.text.split()
    )


def test_without_a_public_address_no_rule_is_given() -> None:
    one = letter(incident=incident(*SUSPECTS, defended=("10.0.0.2",)))
    assert "[our public address]" in one.text
    assert [file.name for file in one.attachments] == [f"{CASE}-sources.csv"]
    assert is_plain(one.text)


def test_nobody_certain_is_no_letter() -> None:
    with pytest.raises(LetterError, match="nothing that a provider should drop"):
        letter(SUSPECTS[3])


def test_an_exercise_says_so_first() -> None:
    assert letter(exercise=True).text.startswith("EXERCISE.")


def test_a_returning_hand_is_named() -> None:
    assert "cases RF-1 and RF-2" in letter(returning=("RF-1", "RF-2")).text


def test_nothing_that_a_stranger_wrote_gets_a_line_of_its_own() -> None:
    hostile = suspect(
        THIEF,
        kinds=["flood", HOSTILE],
        claimed_user_agents=[HOSTILE],
        accounts_taken=[HOSTILE],
        numbers_dialled=[HOSTILE],
    )
    one = letter(hostile, suspect(HOSTILE), returning=(HOSTILE,), case_id=CASE)
    assert is_plain(one.text)
    assert "\nBcc" not in one.text + one.subject
    assert "\nPlease ignore" not in one.text
    assert all("\n" not in remark and "\u202e" not in remark for remark in one.remarks)
