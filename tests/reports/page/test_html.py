"""The page: whole, safe whatever strangers wrote, and for everybody to read."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from ringfence.flow import render_html
from ringfence.reports.desks import MAX_DESKS
from ringfence.reports.follow_up import MAX_STEPS
from ringfence.reports.page.html import policy
from tests.reports.dossiers import (
    ATTACKER,
    FILES,
    FOLLOW_UP,
    FOLLOWED,
    FORGED,
    HOSTING,
    IN_TROUBLE,
    NIGHT,
    READ,
    dossier,
    hostile,
    of_example,
)
from tests.reports.page.reading import Page, read_page

SECTIONS = [
    "verdict", "steps", "desks", "follow-up", "timeline", "suspects", "troubles", "method",
    "inputs", "folder", "glossary",
]  # fmt: skip
HOSTILE = [
    "<script>alert(1)</script>", '" onload="alert(1)', "' onclick='x", "</style><script>", "--><x",
    "]]>", "&lt;b&gt;", "{{ 7*7 }}", "{% raw %}", "javascript:alert(1)", "\x1b[31mred", "\x00\x08",
    "\u202egnp.exe", "\u200b\u3164", "\ud800",
    "</title></svg>", "\n\n# heading", "../../etc/passwd",
]  # fmt: skip


def page_of(*suspects: object, **changes: object) -> Page:
    return read_page(render_html(dossier(*suspects, **changes)))  # type: ignore[arg-type]


def test_structure() -> None:
    page = read_page(render_html(FOLLOWED))
    assert [e.attributes["id"] for e in page.named("section")] == SECTIONS
    assert [e.attributes["id"] for e in page.named("article") if "id" in e.attributes] == [
        "suspect-1", "suspect-2", "suspect-3",
    ]  # fmt: skip
    assert page.named("title")[0].text == "RF-20260101-7f3a2c: 2 attackers. They got in."
    assert len([e for e in page.named("svg") if e.attributes.get("class") == "ladder"]) == 1
    assert len([e for e in page.named("svg") if e.attributes.get("class") == "timeline"]) == 1
    assert len([e for e in page.named("svg") if e.attributes.get("class") == "scale"]) == 3


def test_what_an_owner_looks_for_at_night() -> None:
    text = read_page(render_html(FOLLOWED)).text
    for words in (
        "2 attackers. They got in.", "About 27 USD", "Change the password of account 240 now",
        "sudo nft -f block/ringfence.nft", "+449098790115", "dialled 9011449098790115",
        "United Kingdom", "premium rate", "8:00", "it names itself 'friendly-scanner'", "+64.0 dB",
        "Proven by an echoed tag", "Not proven: may be forged", "ringfence verify .",
        "Ask the user to enter the password of account 231 anew.", "ab" * 32,
        "media (RTP), counted only", "Deciban", "abuse desk", "The same hand moves 203.0.113.91",
        "ringfence explain night.pcap --address 203.0.113.7",
    ):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_of_strangers_stays_text(text: str) -> None:
    html = render_html(hostile(text))
    page = read_page(html)
    assert page.named("script", "iframe", "img", "object", "link", "form", "x", "b") == []
    assert not any(name.startswith("on") for e in page.elements for name in e.attributes)
    assert not any("style" in e.attributes for e in page.elements)
    assert len(page.named("style")) == 1
    assert all(c.isprintable() or c == "\n" for c in html)
    assert [e.attributes["id"] for e in page.named("section")] == SECTIONS


def test_markup_of_strangers_is_shown_wherever_they_wrote_it() -> None:
    """The account, the number, the agent, a clue, a file name: each place shows the text itself."""
    text = "<i>\x1b</i>"
    page = read_page(render_html(hostile(text)))
    assert page.text.count(r"<i>\x1b</i>") >= 45
    assert page.named("i") == []


def test_the_browser_obeys_one_style_and_nothing_else() -> None:
    html = render_html(NIGHT)
    (meta,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', html)
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert meta.replace("&#39;", "'") == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    assert html.index("Content-Security-Policy") < html.index("<style>")
    assert policy(style) in meta.replace("&#39;", "'")


def test_nothing_is_loaded() -> None:
    html = render_html(NIGHT)
    assert set(re.findall(r"\w+://[^\"\s<]+", html)) == {"http://www.w3.org/2000/svg"}
    page = read_page(html)
    assert not {"src", "srcset", "data", "action", "poster", "background"} & {
        name for e in page.elements for name in e.attributes
    }
    assert "url(" not in html
    assert "@import" not in html


def test_every_link_leads_to_its_place() -> None:
    page = read_page(render_html(FOLLOWED))
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids)), "an id is there once"
    links = [e.attributes["href"] for e in page.named("a")]
    assert all(link.startswith("#") for link in links)
    assert {link[1:] for link in links} <= set(ids)
    for element in page.elements:
        for label in element.attributes.get("aria-labelledby", "").split():
            assert label in ids


@pytest.mark.parametrize("made", [NIGHT, FOLLOWED, dossier(), dossier(ATTACKER, redacted=True)])
def test_headings_are_in_order(made: object) -> None:
    page = read_page(render_html(made))  # type: ignore[arg-type]
    levels = [int(e.name[1]) for e in page.named("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_whoever_does_not_see_it_can_read_it() -> None:
    page = read_page(render_html(FOLLOWED))
    assert page.named("html")[0].attributes["lang"] == "en"
    assert [len(page.named(name)) for name in ("main", "nav", "footer")] == [1, 1, 1]
    first = next(e for e in page.elements if e.name == "a")
    assert first.attributes == {"class": "skip", "href": "#verdict"}
    tables, captions = page.named("table"), page.named("caption")
    assert len(tables) == len(captions) > 5
    assert all(caption.text.strip() for caption in captions)
    assert all(e.attributes.get("scope") in ("col", "row") for e in page.named("th"))
    for svg in page.named("svg"):
        named = "aria-labelledby" in svg.attributes and svg.attributes["role"] == "img"
        assert named or svg.attributes.get("aria-hidden") == "true"
    scrolling = [e for e in page.elements if e.attributes.get("class") == "scroll"]
    assert all(e.attributes["tabindex"] == "0" and e.attributes["aria-label"] for e in scrolling)


def test_dark_screens_phones_and_paper() -> None:
    html = render_html(NIGHT)
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in html
    assert "@media screen and (prefers-color-scheme:dark)" in html
    assert "@media print" in html
    assert "@media (prefers-color-scheme" not in html, "paper is never dark"


def test_nobody_attacks() -> None:
    page = page_of()
    assert [e.attributes["id"] for e in page.named("section")] == [
        "verdict", "steps", "method", "inputs", "folder", "glossary",
    ]  # fmt: skip
    assert page.named("h1")[0].text == "Nobody attacks in what was read."
    assert page.named("body")[0].attributes["class"] == "calm"


def test_nothing_was_read() -> None:
    page = page_of(inputs=[replace(READ, first_seen=None, last_seen=None, sip_messages=0)])
    assert "nothing can be said" in page.named("h1")[0].text
    assert page_of(inputs=[], files=()).named("h1")


def test_a_flood_of_suspects_stays_a_page() -> None:
    many = [replace(ATTACKER, address=f"203.0.{n // 256}.{n % 256}") for n in range(500)]
    html = render_html(dossier(*many))
    assert len(html) < 600_000
    page = read_page(html)
    assert all(f"203.0.{n // 256}.{n % 256}" in page.text for n in range(500))
    beyond = [replace(FORGED, address=f"2001:db8::{n:x}") for n in range(20_000)]
    html = render_html(dossier(*beyond))
    assert len(html) < 800_000
    assert "18,980 more are in the incident document (incident.json)" in html


def test_a_storm_of_users_in_trouble_stays_a_page() -> None:
    html = render_html(dossier(in_trouble=[IN_TROUBLE] * 5000))
    assert len(html) < 200_000
    assert "4,800 more are in the incident document (incident.json)" in html


def test_the_redacted_edition_says_so_and_names_no_capture_to_explain() -> None:
    text = page_of(ATTACKER, redacted=True).text
    assert "Redacted edition." in text
    assert "ringfence explain" not in text


def test_a_hand_that_comes_back() -> None:
    text = page_of(ATTACKER, returning=("RF-20251224-aaaaaa",)).text
    assert "This hand was here before: case RF-20251224-aaaaaa." in text


def test_the_same_dossier_gives_the_same_page() -> None:
    assert render_html(NIGHT) == render_html(NIGHT)


def test_files_are_listed_with_their_readers() -> None:
    table = read_page(render_html(FOLLOWED)).named("table")[-1]
    assert all(f.path in table.text and f.readers in table.text for f in FILES)


@pytest.mark.parametrize("name", ["attack", "flood", "forged_trunk", "scan", "exploits"])
def test_examples(root: Path, name: str) -> None:
    made = of_example(root, name)
    page = read_page(render_html(made))
    assert all(s.address in page.text for s in made.incident.suspects)
    assert all(len(s.clues) for s in made.incident.suspects)
    clues = [clue.says for s in made.incident.suspects for clue in s.clues]
    assert all(says in page.text for says in clues)


def test_whom_to_call_and_what_is_still_to_do() -> None:
    text = read_page(render_html(FOLLOWED)).text
    for words in (
        "Whom to call", "abuse@hosting.example", "+1-202-555-0142", "or the form",
        "203.0.113.0/28, AS64500", "nobody could be asked", "Country, a hint only", "Netherlands",
        "do not use", "a placeholder: nobody reads it", "belongs to the party that the register",
        "overdue", "until 2026-01-05", "not needed", "Abuse desk told by mail",
        "1 of 4 steps done; 1 waits for somebody else; 1 overdue.",
        "ringfence letter RF-20260101-7f3a2c abuse",
    ):  # fmt: skip
        assert words in text, words
    assert "An exercise" not in text


def test_nothing_is_shown_where_nobody_was_asked() -> None:
    page = read_page(render_html(NIGHT))
    sections = [e.attributes["id"] for e in page.named("section")]
    assert sections == [name for name in SECTIONS if name not in ("desks", "follow-up")]
    assert "Nobody was asked yet who that is." in page.text
    assert "Who answers for it" not in page.text


def test_an_exercise_is_called_one() -> None:
    entry = replace(HOSTING, exercise=True)
    text = read_page(render_html(dossier(ATTACKER, attribution=[entry]))).text
    assert text.count("An exercise.") == 2
    assert "nobody here is real" in text


def test_others_learn_whom_to_call_and_not_what_the_owner_has_to_do() -> None:
    page = read_page(render_html(replace(FOLLOWED, redacted=True)))
    sections = [e.attributes["id"] for e in page.named("section")]
    assert ("desks" in sections, "follow-up" in sections) == (True, False)


def test_a_flood_of_networks_and_steps_is_bounded() -> None:
    many = [replace(HOSTING, addresses=[f"2001:db8::{n:x}"]) for n in range(MAX_DESKS + 7)]
    steps = [FOLLOW_UP[1]] * (MAX_STEPS + 3)
    page = read_page(render_html(dossier(ATTACKER, attribution=many, follow_up=steps)))
    assert page.text.count("+1-202-555-0142") >= MAX_DESKS
    assert "7 more are in the incident document" in page.text
    assert "3 more are in the incident document" in page.text
