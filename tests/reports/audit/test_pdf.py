"""The audit on paper: the same words; no text of a stranger is markup."""

from __future__ import annotations

import pytest

from ringfence.model.weakness import Audit
from ringfence.reports.audit.compose import compose
from ringfence.reports.audit.pdf import contents, render_pdf
from tests.audits import audit, hostile, night
from tests.reports.pdf_text import text_of
from tests.reports.test_pdf import HOSTILE

pytest.importorskip("typst", reason="the extra `pdf` is not installed")


def paper(found: Audit) -> bytes:
    return render_pdf(compose(found, "2026-11-26 18:00:00", "ringfence 0"))


def test_the_verdict_is_on_paper() -> None:
    text = text_of(paper(night()))
    for words in (
        "2 of 250 extensions can be entered today.", "Change now: 240", "Rules broken",
        "same-across", "extensions.csv, line 41", "Not checked",
    ):  # fmt: skip
        assert words in text


def test_the_same_audit_is_the_same_file() -> None:
    assert paper(night()) == paper(night())
    assert paper(night()).startswith(b"%PDF-")


def test_nothing_weak_is_a_page_too() -> None:
    assert "Nothing weak was found." in text_of(paper(audit()))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_stranger_wrote_is_no_markup(text: str) -> None:
    one = hostile().weaknesses[0]
    found = Audit((type(one)(text, one.severity, text, text, one.place, text),), (text,), 1, 1, 0)
    assert paper(found).startswith(b"%PDF-")


def test_letters_without_a_glyph_are_written_by_their_number() -> None:
    told = contents(compose(hostile(), "2026-11-26 18:00:00", "t"))
    assert "\x1b" not in repr(told["sources"])
    assert told["made_on"] == [2026, 11, 26, 18, 0, 0]
