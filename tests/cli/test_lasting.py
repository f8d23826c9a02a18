"""Times as people write them."""

from __future__ import annotations

import pytest

from ringfence.cli.lasting import seconds_of


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("1h", 3600),
                                                ("7d", 604_800)])  # fmt: skip
def test_a_number_and_its_unit(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "0m", "m", "10", "1.5h", "-1h", "10 m", "1w", "\u0661h", "9" * 8 + "s"]
)
def test_anything_else_is_none(text: str) -> None:
    assert seconds_of(text) is None
