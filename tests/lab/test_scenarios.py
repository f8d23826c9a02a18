import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from lab.scenarios import SCENARIOS
from lab.stage import Scenario


def test_names_are_unique() -> None:
    assert [name for name, n in Counter(s.name for s in SCENARIOS).items() if n > 1] == []


def test_examples_are_unique() -> None:
    shipped = Counter(s.example for s in SCENARIOS if s.example)
    assert [name for name, n in shipped.items() if n > 1] == []


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenarios_are_bounded_and_dated(scenario: Scenario) -> None:
    assert scenario.within_s <= 60
    assert datetime.fromisoformat(scenario.begins).utcoffset() is not None
    assert re.fullmatch(r"[a-z0-9_]+", scenario.name)


def test_every_scenario_is_in_the_documentation(root: Path) -> None:
    page = (root / "docs" / "lab.md").read_text()
    assert [s.name for s in SCENARIOS if f"`{s.name}`" not in page] == []
