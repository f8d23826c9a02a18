"""The IC3 complaint: pasted in five minutes, never longer than the form takes."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.incident import UnlistedCalls
from ringfence.model.letter import Brief, Letter, LetterError, SentLetter
from ringfence.model.settings import Settings
from ringfence.model.text import shown
from ringfence.reports.letters.fields import length
from ringfence.reports.letters.ic3 import MAX_SUBJECTS, write
from tests.reports.letters.golden import agrees
from tests.reports.letters.police_scene import (
    FORGED,
    GUESSER,
    SETTINGS,
    THIEF,
    hostile,
    living,
    night,
)  # fmt: skip

LIMITS = (3500, 5000, 1000, 1000)
PASTE = re.compile(r"^-------- copy .*?-\n(.*?)^-------- to the line", re.MULTILINE | re.DOTALL)
COUNTED = re.compile(r"^([\d,]+) of ([\d,]+) characters used", re.MULTILINE)


def letter(brief: Brief) -> Letter:
    (written,) = write(brief)
    return written


def test_a_night_of_toll_fraud() -> None:
    written = letter(night())
    agrees("ic3.txt", written.text)
    assert written.to == ()
    assert written.remarks == ()


def test_settings_that_say_nothing() -> None:
    written = letter(night(GUESSER, settings=Settings(), evidence=None))
    agrees("ic3-no-settings.txt", written.text)
    assert "victim.country is not set" in written.remarks[0]


def test_the_same_brief_gives_the_same_text() -> None:
    assert letter(night()) == letter(night())


def test_what_is_counted_is_what_is_pasted() -> None:
    text = letter(night()).text
    pasted = [length(found.rstrip("\n")) for found in PASTE.findall(text)]
    said = [tuple(int(n.replace(",", "")) for n in pair) for pair in COUNTED.findall(text)]
    assert said == list(zip(pasted, LIMITS, strict=True))


@pytest.mark.parametrize("text", [
    "x" * 5000, "word " * 900, "\u202e\x1b[31m", "a\r\nb\n" * 90, "\U0001f600" * 500, "\ud800", "",
    "\u4e2d" * 3000, "{{ brief }}", "{% endfor %}",
])  # fmt: skip
def test_no_stranger_breaks_a_limit_or_a_line(text: str) -> None:
    _holds(letter(hostile(text)).text)


@given(st.text(max_size=300))
@settings(max_examples=12, deadline=None)
def test_no_text_at_all_breaks_a_limit_or_a_line(text: str) -> None:
    _holds(letter(hostile(text)).text)


def _holds(text: str) -> None:
    pasted = [length(found.rstrip("\n")) for found in PASTE.findall(text)]
    assert len(pasted) == len(LIMITS)
    assert all(used <= limit for used, limit in zip(pasted, LIMITS, strict=True))
    assert all(line == shown(line) for line in text.split("\n"))
    assert len(text) < 40_000
    assert text.count("IP address:") == MAX_SUBJECTS


def test_no_loss_no_transaction() -> None:
    text = letter(night(GUESSER)).text
    assert "Money sent or lost?   No" in text
    assert "Transaction" not in text


def test_euros_are_never_written_as_dollars() -> None:
    text = letter(night(replace(THIEF, currency="EUR"))).text
    assert "Total loss, USD:      [convert to US dollars: 155 EUR]" in text
    assert "[convert to US dollars: 64 EUR]" in text
    assert not re.search(r"Amount, USD: +\d", text)


def test_calls_that_are_summed_only_are_a_transaction() -> None:
    text = letter(night(replace(THIEF, calls_unlisted=UnlistedCalls(10, 100.0, 45.44, 2)))).text
    assert "Total loss, USD:      200.00" in text
    assert "Transaction 3 of 3" in text
    assert "The cost of 2 calls is not known" in text


def test_a_host_is_no_subject() -> None:
    subjects = letter(night()).text.partition("4. SUBJECTS")[2].partition("5. DESCRIPTION")[0]
    assert "not the culprit" in subjects
    assert all("For you" in line for line in subjects.split("\n") if "Hosting LLC" in line)


def test_a_forged_address_may_be_left_out() -> None:
    assert "may be forged: leave it out" in letter(night(FORGED)).text.replace("\n", " ")


def test_a_victim_abroad_is_sent_to_his_own_desk() -> None:
    abroad = living(country="GB", state="Scotland")
    with pytest.raises(LetterError, match=r"Police Scotland .* ringfence letter CASE police"):
        write(night(FORGED, settings=abroad))


def test_a_victim_abroad_may_file_where_a_network_is_in_the_united_states() -> None:
    (remark, *_) = letter(night(THIEF, settings=living(country="DE", state="Bayern"))).remarks
    assert "Example Hosting LLC is registered there" in remark
    assert "polizei.de" in remark


def test_a_territory_is_in_the_united_states() -> None:
    assert "Puerto Rico" in letter(night(settings=living(country="PR", state=""))).text


def test_who_was_told_before_is_named() -> None:
    sent = SentLetter(
        1, night().case_id, "carrier", "2026-01-02T08:00:00Z", "fraud desk of Example Trunking",
        ("fraud@trunk.example",), "s", "", (), "letters/carrier.txt", "<1@x>",
        "2026-01-02T08:01:00Z",
    )  # fmt: skip
    unsent = replace(sent, number=2, receiver="never sent desk", sent_at="")
    text = " ".join(letter(night(earlier=(sent, unsent), settings=SETTINGS)).text.split())
    assert "fraud desk of Example Trunking, on 2026-01-02." in text
    assert "never sent desk" not in text


def test_an_exercise_says_so_first() -> None:
    assert "EXERCISE" in letter(night(exercise=True)).text[:200]


def test_the_same_hand_makes_it_an_update() -> None:
    assert "answer Yes" in letter(night(returning=("RF-20251201-aaaaaa",))).text
