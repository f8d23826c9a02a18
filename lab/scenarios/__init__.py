"""The scenarios of the lab, in the order in which they are played."""

from typing import Final

from lab.scenarios import guessing, incident, scans
from lab.stage import Scenario

SCENARIOS: Final[tuple[Scenario, ...]] = (
    *incident.SCENARIOS,
    *scans.SCENARIOS,
    *guessing.SCENARIOS,
)
