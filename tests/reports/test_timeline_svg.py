"""The accused over time, drawn."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.dossier import Timeline
from ringfence.reports.timeline_svg import NAMES, WIDTH, describe, draw_timeline, figures, title_of
from tests.reports.dossiers import TIMELINE
from tests.reports.scene import NEW_YEAR_NS
from tests.reports.test_ladder_svg import read


def test_structure() -> None:
    picture = read(draw_timeline(TIMELINE, ((NEW_YEAR_NS + 90 * 10**9, "first call answered"),)))
    assert [a["id"] for a in picture.named("g", "lane")] == [
        "lane-password_guessing", "lane-toll_fraud", "lane-accepted",
    ]  # fmt: skip
    bars = [a["d"].count("z") for a in picture.named("path", "toll_fraud")]
    assert bars == [2]  # empty bins have no bar
    assert len(picture.named("path", "moment")) == 1
    assert "first call answered 00:01:30" in picture.texts["text"]
    assert {"31", "30 at most", "answers: let in"} <= set(picture.texts["text"])


def test_it_can_be_read_without_being_seen() -> None:
    picture = read(draw_timeline(TIMELINE))
    labels = picture.elements[0][1]["aria-labelledby"].split()
    assert [a["id"] for name, a in picture.elements if name in ("title", "desc")] == labels
    assert picture.texts["desc"][0] == describe(TIMELINE)
    assert "toll fraud: 3 requests; most 2 at 00:01." in describe(TIMELINE)


def test_the_highest_bar_fills_its_lane_and_the_lowest_can_be_seen() -> None:
    timeline = Timeline(NEW_YEAR_NS, 60.0, {"scan": (10_000, 1)})
    (bars,) = read(draw_timeline(timeline)).named("path", "scan")
    assert re.findall(r"v-([\d.]+)h", bars["d"]) == ["40.0", "2.5"]


def test_a_moment_outside_is_not_drawn() -> None:
    assert read(draw_timeline(TIMELINE, ((1, "long ago"),))).named("path", "moment") == []


def test_alone_it_brings_its_colours() -> None:
    assert "var(" not in draw_timeline(TIMELINE, alone=True)
    assert "<style>" in draw_timeline(TIMELINE, alone=True)
    assert "<style>" not in draw_timeline(TIMELINE)


@pytest.mark.parametrize(("bin_s", "said"), [
    (0.01, "10 ms"), (1.0, "1 second"), (60.0, "1 minute"), (7200.0, "2 hours"),
    (86_400.0, "1 day"),
    (31_536_000.0, "365 days"),
])  # fmt: skip
def test_a_bar_has_a_length(bin_s: float, said: str) -> None:
    assert title_of(Timeline(NEW_YEAR_NS, bin_s, {})).endswith(said)


def test_figures() -> None:
    assert figures(TIMELINE)[2] == ("answers: let in", "1 answer", "1 at 00:01")


@given(
    st.integers(1, 2**64 - 1),
    st.sampled_from([0.01, 1.0, 60.0, 86_400.0, 31_536_000.0 * 40]),
    st.dictionaries(st.sampled_from(sorted(NAMES)), st.lists(st.integers(0, 10**9), max_size=121)),
)
def test_any_timeline_makes_a_sound_picture(
    begins_ns: int, bin_s: float, series: dict[str, list[int]]
) -> None:
    if begins_ns / 1e9 + bin_s * 130 > 2.5e11:
        bin_s = 1.0
    timeline = Timeline(begins_ns, bin_s, {n: tuple(v) for n, v in series.items()})
    picture = read(draw_timeline(timeline))
    ticks = picture.named("text", "tick")
    assert len(ticks) <= 20
    assert all(0 <= float(a["x"]) <= WIDTH for _, a in picture.elements if "x" in a)
