"""Small pictures of weights."""

from __future__ import annotations

import re

import pytest

from ringfence.reports.scales_svg import BAR_WIDTH, draw_bar, draw_scale
from tests.reports.test_ladder_svg import read


@pytest.mark.parametrize("weight", [-500.0, -10.0, 0.0, 12.5, 46.0, 234.6])
def test_the_sum_stays_on_the_scale(weight: float) -> None:
    picture = read(draw_scale(weight, "s"))
    (pointer,) = picture.named("path", "pointer")
    at = re.match(r"M([\d.]+) ", pointer["d"])
    assert at is not None
    assert 0 <= float(at[1]) <= 520


def test_it_can_be_read_without_being_seen() -> None:
    picture = read(draw_scale(46.0, "suspect-3"))
    assert picture.elements[0][1]["aria-labelledby"] == "suspect-3-scale"
    assert picture.texts["title"][0].startswith("The sum is +46.0 dB")


@pytest.mark.parametrize(("weight", "kind", "left", "long"), [
    (25.0, "guilt", 80.0, 40.0), (-25.0, "innocence", 40.0, 40.0), (900.0, "guilt", 80.0, 80.0),
    (0.0, "guilt", 80.0, 1.0),
])  # fmt: skip
def test_bars_go_right_for_guilt_and_left_against_it(
    weight: float, kind: str, left: float, long: float
) -> None:
    picture = read(draw_bar(weight))
    (bar,) = picture.named("path", kind)
    assert bar["d"].startswith(f"M{left} 1h{long}v")
    assert left + long <= BAR_WIDTH
    assert picture.elements[0][1]["aria-hidden"] == "true"
