"""The PDF: the same words, A4, filed for decades; nothing of a stranger's is markup."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.model.dossier import Dossier
from ringfence.reports.compose import compose
from ringfence.reports.pdf import contents, printable, render_pdf
from tests.reports.dossiers import (
    ATTACKER,
    DESK,
    FOLLOWED,
    FORGED,
    HOSTING,
    NIGHT,
    dossier,
    hostile,
    of_example,
)
from tests.reports.pdf_text import text_of

pytest.importorskip("typst", reason="the extra `pdf` is not installed")

HOSTILE = [
    '#read("/etc/passwd")', "#import", "$x$", "*bold* _it_", "= heading", "\\",
    '"); #panic("x', "@a",
    "<script>", "\x1b[31m", "\u202egnp", "\u4e2d\u6587\U0001f600", "\ud800", "// comment", "`raw`",
    "https://example.com",
]  # fmt: skip


def test_the_verdict_is_on_paper() -> None:
    text = text_of(render_pdf(NIGHT))
    for words in (
        "2 attackers. They got in.", "Change the password of account 240 now", "+449098790115",
        "United Kingdom", "Proven by an echoed tag", "Not proven: may be forged", "+64.0",
        "sudo nft -f block/ringfence.nft", "ab" * 32, "Case RF-20260101-7f3a2c", "Page 1 of",
        "Name and function", "Users in trouble", "Glossary",
    ):  # fmt: skip
        assert words in text, words


def test_the_same_dossier_gives_the_same_octets() -> None:
    assert render_pdf(NIGHT) == render_pdf(NIGHT)


def test_it_is_made_when_the_dossier_was() -> None:
    pdf = render_pdf(NIGHT)
    assert set(re.findall(rb"/(?:CreationDate|ModDate) ?\(D:(\d+)", pdf)) == {b"20260102030405"}


def test_it_is_an_archive_format_of_a4_pages() -> None:
    pdf = render_pdf(NIGHT)
    assert b"pdfaid:part>2<" in pdf
    assert b"pdfaid:conformance>A<" in pdf
    assert b"/Lang(en-GB)" in pdf
    boxes = re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert boxes
    assert {(round(float(w)), round(float(h))) for w, h in boxes} == {(595, 842)}


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_of_strangers_stays_text(text: str) -> None:
    pdf = render_pdf(hostile(text))
    assert b"/URI" not in pdf, "no link comes of it"
    assert b"/JavaScript" not in pdf


def test_markup_of_strangers_is_printed() -> None:
    text = text_of(render_pdf(hostile('#read("a") $x$')))
    assert text.count('#read("a") $x$') >= 8


def test_letters_that_the_fonts_lack_are_written_by_number() -> None:
    assert printable("Zoë · …") == "Zoë · …"
    assert printable("\u4e2d") == "\\u4e2d"
    assert printable("\U0001f600") == "\\u1f600"


def test_every_text_that_the_template_gets_is_printable() -> None:
    told = repr(contents(compose(hostile("\u4e2d"))))
    assert "\u4e2d" not in told


@pytest.mark.parametrize("made", [
    dossier(), dossier(FORGED), dossier(ATTACKER, redacted=True, returning=("RF-1",), files=()),
    dossier(inputs=[]), FOLLOWED,
])  # fmt: skip
def test_small_cases(made: Dossier) -> None:
    assert compose(made).opening.headline in text_of(render_pdf(made))


def test_whom_to_call_and_what_is_still_to_do() -> None:
    text = text_of(render_pdf(FOLLOWED))
    for words in (
        "Whom to call", "abuse@hosting.example", "+1-202-555-0142", "Who answers for it",
        "Country, a hint only", "do not use", "Follow-up", "overdue", "until 2026-01-05",
        "nobody could be asked",
    ):  # fmt: skip
        assert words in text, words


def test_a_mailbox_of_any_length_is_printed() -> None:
    long = replace(DESK, email=f"{'a' * 60}@{'b' * 50}.example")
    entry = replace(HOSTING, contacts=[long])
    text = text_of(render_pdf(dossier(ATTACKER, attribution=[entry])))
    assert "Whom to call" in text


def test_a_flood_of_suspects_stays_a_file() -> None:
    many = [replace(FORGED, address=f"203.0.{n // 256}.{n % 256}") for n in range(500)]
    pdf = render_pdf(dossier(*many))
    assert len(pdf) < 3_000_000
    text = text_of(pdf)
    assert all(f"203.0.{n // 256}.{n % 256}" in text for n in range(500))


def test_example(root: Path) -> None:
    assert "2 attackers, one hand. They got in." in text_of(render_pdf(of_example(root, "attack")))
