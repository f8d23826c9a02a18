"""The page: what is on it, and what can never be."""

from __future__ import annotations

import pytest

from ringfence.model.door import Answer
from ringfence.remote import door_page

ANSWER = Answer("<script>alert(1)</script>", "198.51.100.7", 1_800_000_000.0)


def test_the_button_says_for_whom_and_until_when() -> None:
    page = door_page.asks(ANSWER)
    assert "Open the phone system for the address 198.51.100.7 until 2027-01-15 08:00 UTC" in page
    assert '<form method="post">' in page


@pytest.mark.parametrize(
    "page", [door_page.asks(ANSWER), door_page.opens(ANSWER), door_page.refuses(ANSWER.name)]
)
def test_no_page_has_a_script_or_loads_anything(page: str) -> None:
    assert "<script" not in page
    assert "://" not in page
    assert " src=" not in page


def test_the_browser_is_told_so_as_well() -> None:
    headers = dict(door_page.HEADERS)
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
