"""The page of an audit: one file, nothing runs, nothing is loaded."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

from ringfence.model.weakness import Audit
from ringfence.reports.audit.compose import compose
from ringfence.reports.audit.html import render_html
from tests.audits import HOSTILE, audit, hostile, night


class _Page(HTMLParser):
    """Every element, and every place that it points at."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.points: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        for name, value in attrs:
            if name in {"href", "src", "data", "action"}:
                self.points.append(value or "")
            if name == "id":
                self.ids.append(value or "")
            assert not name.startswith("on"), "nothing runs"


def page(found: Audit) -> str:
    return render_html(compose(found, "2026-11-26 18:00:00", "ringfence 0"))


def test_the_page_stands_alone() -> None:
    text = page(night())
    told = _Page(text)
    assert text.startswith("<!DOCTYPE html>")
    assert set(told.elements) & {"script", "link", "img", "iframe", "form", "object"} == set()
    assert all(point.startswith("#") and point[1:] in told.ids for point in told.points)


def test_the_browser_obeys_this_style_sheet_alone() -> None:
    text = page(night())
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src &#39;sha256-{digest}&#39;" in text
    assert "prefers-color-scheme:dark" in style[1]


def test_a_strangers_name_is_no_markup_and_turns_nothing_around() -> None:
    text = page(hostile())
    assert HOSTILE not in text
    assert "<script" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert r"\x1b[2J&lt;script&gt;" in text


def test_it_says_who_can_be_entered_what_to_do_and_where() -> None:
    text = page(night())
    for words in (
        "2 of 250 extensions can be entered today.", "Change now: 240", "guessed: change now",
        "extensions.csv, line 41", "voicemail.conf was not among the sources",
    ):  # fmt: skip
        assert words in text


def test_sections_without_content_are_left_out() -> None:
    ids = _Page(page(audit())).ids
    assert "verdict" in ids
    assert not {"steps", "whole", "extensions", "rules", "not-checked"} & set(ids)
