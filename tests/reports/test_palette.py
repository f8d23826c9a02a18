"""Everybody can read it: contrast is computed, as WCAG 2.2 defines it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ringfence.reports import ladder_svg
from ringfence.reports.palette import DARK, LIGHT, PICTURE_PAIRS, TEXT_PAIRS, variables


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT_PAIRS, 4.5), (PICTURE_PAIRS, 3.0)])
def test_contrast(
    colours: dict[str, str], pairs: tuple[tuple[str, str], ...], least: float
) -> None:
    weak = {
        pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2)
        for pair in pairs
        if contrast(colours[pair[0]], colours[pair[1]]) < least
    }
    assert weak == {}


def test_both_know_the_same_colours() -> None:
    assert set(LIGHT) == set(DARK)


def test_the_sheet_uses_no_other_colours(root: Path) -> None:
    sheet = (root / "src/ringfence/reports/page/style.css").read_text()
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsl\(", sheet) == []
    assert set(re.findall(r"var\(--([\w-]+)\)", sheet)) <= set(LIGHT)


def test_texts_of_the_sheet_are_among_the_pairs(root: Path) -> None:
    """A colour that text is set in has a pair that was computed."""
    sheet = (root / "src/ringfence/reports/page/style.css").read_text()
    texts = set(re.findall(r"(?<![-\w])color:var\(--([\w-]+)\)", sheet))
    grounds = set(re.findall(r"background:var\(--([\w-]+)\)", sheet))
    assert texts - {"paper"} <= {text for text, _ in TEXT_PAIRS}
    assert grounds - {"ink", "line"} <= {ground for _, ground in TEXT_PAIRS}
    for colours in (LIGHT, DARK):  # the number in a step's circle
        assert contrast(colours["paper"], colours["ink"]) >= 4.5


def test_variables() -> None:
    assert variables({"ink": "#000000", "line": "#111111"}) == "--ink:#000000;--line:#111111;"


@pytest.mark.parametrize("paper", ["#ffffff", "#12181f"])
def test_ladders_can_be_read_too(paper: str) -> None:
    light, _, dark = ladder_svg.STYLE.partition("@media")
    rules = light if paper == "#ffffff" else dark
    assert f".paper {{ fill: {paper} }}" in rules
    texts = re.findall(r"(?:\.say|\.small|\.time|text) \{[^}]*fill: (#\w{6})", rules)
    assert len(texts) >= 7
    assert [c for c in texts if contrast(c, paper) < 4.5] == []
