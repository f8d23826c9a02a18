"""Colours."""

from __future__ import annotations

import pytest

from ringfence.cli.colour import painted
from ringfence.model.ladder import TONES


@pytest.mark.parametrize("tone", [tone for tone in TONES if tone != "plain"])
def test_every_tone_has_a_colour_that_ends(tone: str) -> None:
    assert painted("x", tone).startswith("\x1b[")
    assert painted("x", tone).endswith("x\x1b[0m")


def test_plain_text_and_nothing_stay_as_they_are() -> None:
    assert painted("x", "plain") == "x"
    assert painted("", "failure") == ""
