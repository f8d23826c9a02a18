"""Templates to PDF: values as values, and clear words where typst cannot."""

from __future__ import annotations

import re
import sys

import pytest

from ringfence.reports.typeset import PdfError, typeset

LETTERS = "ringfence.reports.letters"


def test_without_typst_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(PdfError, match=re.escape("pip install 'ringfence[pdf]'")):
        typeset(LETTERS, "letter.typ", {}, "letter 7")


def test_what_typst_refuses_is_named() -> None:
    pytest.importorskip("typst", reason="the extra `pdf` is not installed")
    with pytest.raises(PdfError, match="typst made no PDF of letter 7: "):
        typeset(LETTERS, "letter.typ", {"nothing": "that it reads"}, "letter 7")
