"""The picture: well-formed, accessible, without script, whatever strangers wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.exchange import Event, Exchange
from ringfence.reports.ladder_svg import MAX_LANES, draw_svg
from tests.reports.scene import CALL, FIRST, after
from tests.reports.test_ladder import events, hostile


@dataclass(slots=True)
class Picture:
    """Elements of an SVG document, and the text inside them."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)

    def named(self, name: str, of_class: str = "") -> list[dict[str, str]]:
        return [
            attributes
            for found, attributes in self.elements
            if found == name and of_class in [*attributes.get("class", "").split(), ""]
        ]


def read(svg: str) -> Picture:
    """Parse strictly."""
    picture, path = Picture(), []

    def start(name: str, attributes: dict[str, str]) -> None:
        picture.elements.append((name, attributes))
        picture.texts.setdefault(name, []).append("")
        path.append(name)

    def data(text: str) -> None:
        picture.texts[path[-1]][-1] += text

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: path.pop()
    parser.CharacterDataHandler = data
    parser.Parse(svg.encode(), True)
    return picture


def test_structure() -> None:
    picture = read(draw_svg(CALL))
    assert len(picture.named("g", "head")) == 3
    assert len(picture.named("path", "life")) == 3
    assert len(picture.named("path", "tip")) == len(CALL.events)
    assert len(picture.named("g", "again")) == 1
    assert [a["class"].split()[1] for a in picture.named("g", "event") if " " in a["class"]] == [
        "request", "challenge", "request", "request", "request", "request", "progress", "success",
        "request", "failure",
    ]  # fmt: skip
    assert {"203.0.113.7", "192.0.2.10", "198.51.100.20"} <= set(picture.texts["text"])
    assert {"401 Unauthorized (INVITE)", "again · credentials 240", "1 min 33 s later"} <= set(
        picture.texts["text"]
    )


def test_it_can_be_read_without_being_seen() -> None:
    picture = read(draw_svg(CALL))
    _, root = picture.elements[0]
    assert root["role"] == "img"
    labels = root["aria-labelledby"].split()
    assert [
        a["id"] for name, a in picture.elements if name in ("title", "desc") and "id" in a
    ] == labels
    assert picture.texts["title"][0] == "Call-ID x@203.0.113.7"
    assert "10 messages, and 3 more" in picture.texts["desc"][0]
    assert "203.0.113.7, 192.0.2.10, 198.51.100.20" in picture.texts["desc"][0]
    assert len(picture.texts["title"]) == 1 + len(CALL.events)


def test_it_follows_the_screen_into_the_dark() -> None:
    assert "@media (prefers-color-scheme: dark)" in draw_svg(CALL)


def test_packet_and_time_are_under_the_pointer() -> None:
    assert "packet 1\n2026-01-01T00:00:00.000000Z" in read(draw_svg(CALL)).texts["title"][1]


@pytest.mark.parametrize("text", [
    "<script>alert(1)</script>", "]]><script>", '" onload="alert(1)', "&xxe;", "--><x", "\x00\x08",
    "\ufffe\uffff", "\ud800",
])  # fmt: skip
def test_markup_of_strangers_stays_text(text: str) -> None:
    event = after(0, method=text, user=text, call_id=text, credentials=text, sdp_address=text)
    picture = read(draw_svg(Exchange(text, (event,))))
    assert {name for name, _ in picture.elements} <= {
        "svg",
        "title",
        "desc",
        "style",
        "rect",
        "text",
        "path",
        "g",
    }
    assert not any(
        name.startswith("on") or "href" in name for _, a in picture.elements for name in a
    )


def test_nothing_is_loaded() -> None:
    svg = draw_svg(CALL)
    assert re.findall(r"https?://[^\"]+", svg) == ["http://www.w3.org/2000/svg"]
    assert "url(" not in svg
    assert "@import" not in svg


@given(st.lists(events, max_size=6), hostile)
def test_any_exchange_makes_a_sound_picture(found: list[Event], of: str) -> None:
    picture = read(draw_svg(Exchange(of, tuple(found))))
    _, root = picture.elements[0]
    for name, attributes in picture.elements:
        for axis, most in (("x", float(root["width"])), ("y", float(root["height"]))):
            if name in ("text", "rect") and axis in attributes:
                assert 0 <= float(attributes[axis]) <= most


def test_lifelines_are_bounded() -> None:
    many = tuple(after(n, source=f"203.0.113.{n}") for n in range(100))
    assert len(read(draw_svg(Exchange("x", many))).named("path", "life")) == MAX_LANES


def test_address_talks_to_itself() -> None:
    event = after(0, source_port=5060, destination=FIRST.source)
    assert len(read(draw_svg(Exchange("x", (event,)))).named("g", "own")) == 1


def test_nobody_says_anything() -> None:
    assert "No messages." in read(draw_svg(Exchange("x", ()))).texts["desc"][0]


def test_inside_a_page_it_has_names_of_its_own_and_no_style() -> None:
    """Two ladders in one page must not share ids, and the page's policy knows one style only."""
    picture = read(draw_svg(CALL, "suspect-2"))
    assert picture.named("style") == []
    assert picture.elements[0][1]["class"] == "ladder"
    assert picture.elements[0][1]["aria-labelledby"] == "suspect-2-title suspect-2-about"
