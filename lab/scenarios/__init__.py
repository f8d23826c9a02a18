"""The scenarios of the lab, in the order in which they are played."""

from typing import Final

from lab.scenarios import (
    bulk,
    exploits,
    floods,
    guessing,
    incident,
    mixed,
    offices,
    scans,
    toll,
    trouble,
    vantage,
)  # fmt: skip
from lab.stage import Scenario

SCENARIOS: Final[tuple[Scenario, ...]] = (
    *incident.SCENARIOS,
    *scans.SCENARIOS,
    *guessing.SCENARIOS,
    *toll.SCENARIOS,
    *floods.SCENARIOS,
    *exploits.SCENARIOS,
    *trouble.SCENARIOS,
    *offices.SCENARIOS,
    *bulk.SCENARIOS,
    *mixed.SCENARIOS,
    *vantage.SCENARIOS,
)
