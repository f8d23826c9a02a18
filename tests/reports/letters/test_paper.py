"""Letters on paper: the same words, to be signed; nothing of a stranger's is markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from ringfence.model.letter import Letter
from ringfence.model.settings import Victim
from ringfence.reports.letters import fbi, police
from ringfence.reports.letters.paper import contents, render_letter_pdf
from tests.reports.letters.police_scene import DENTIST, hostile, living, night
from tests.reports.pdf_text import text_of

pytest.importorskip("typst", reason="the extra `pdf` is not installed")

(FBI_LETTER,) = fbi.write(night())
(POLICE_LETTER,) = police.write(night())
(ABROAD,) = police.write(night(settings=living(country="DE", state="BY")))
PLAIN = Letter("carrier", "RF-1", "carrier", (), "Fraud desk", "A dispute", "Hello,\n\nplease.\n")


@pytest.mark.parametrize("letter", [FBI_LETTER, POLICE_LETTER], ids=["fbi", "police"])
def test_every_word_of_the_letter_is_on_paper(letter: Letter) -> None:
    paper = re.sub(r"\W+", "", text_of(render_letter_pdf(letter, DENTIST)).casefold())
    words = set(re.findall(r"\w{3,}", letter.text.casefold()))
    heads = {"from", "subject", "date"}  # their place on the paper says as much
    missing = {w for w in words - heads if w.strip("_") and w.strip("_") not in paper}
    assert missing == set()


def test_the_same_letter_gives_the_same_octets() -> None:
    assert render_letter_pdf(FBI_LETTER, DENTIST) == render_letter_pdf(FBI_LETTER, DENTIST)


def test_it_bears_the_day_of_the_letter() -> None:
    pdf = render_letter_pdf(FBI_LETTER, DENTIST)
    assert set(re.findall(rb"/(?:CreationDate|ModDate) ?\(D:(\d{8})", pdf)) == {b"20260102"}


@pytest.mark.parametrize(("letter", "victim", "size"), [
    (FBI_LETTER, DENTIST, (612, 792)),
    (ABROAD, replace(DENTIST, country="DE"), (595, 842)),
])  # fmt: skip
def test_the_paper_is_that_of_the_country(
    letter: Letter, victim: Victim, size: tuple[int, int]
) -> None:
    pdf = render_letter_pdf(letter, victim)
    boxes = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {size}
    assert b"pdfaid:part>2<" in pdf


def test_pages_bear_the_case_and_their_number() -> None:
    text = text_of(render_letter_pdf(FBI_LETTER, DENTIST))
    assert "Case RF-20260101-7f3a2c Page 1 of" in text


@pytest.mark.parametrize("text", [
    '#read("/etc/passwd")', "$x$", "*bold* _it_", '"); #panic("x', "<script>", "\x1b[31m\u202e",
    "\u4e2d\U0001f600", "\ud800", "https://example.com", "= heading", "`raw`",
])  # fmt: skip
def test_markup_of_strangers_stays_text(text: str) -> None:
    (letter,) = fbi.write(hostile(text))
    pdf = render_letter_pdf(letter, DENTIST)
    assert b"/URI" not in pdf, "no link comes of it"
    assert b"/JavaScript" not in pdf


def test_any_letter_can_be_set_even_one_without_a_head() -> None:
    pdf = render_letter_pdf(PLAIN, DENTIST, "2026-03-04T05:06:07Z")
    text = text_of(pdf)
    for words in ("Example Dental Care, Inc.", "Fraud desk", "A dispute", "2026-03-04", "please."):
        assert words in text


def test_who_has_no_settings_gets_a_letter_all_the_same() -> None:
    assert "Fraud desk" in text_of(render_letter_pdf(PLAIN, Victim()))


def test_the_table_keeps_its_columns() -> None:
    told = json.dumps(contents(FBI_LETTER, DENTIST))
    assert "Answered, UTC        Number called" in told
