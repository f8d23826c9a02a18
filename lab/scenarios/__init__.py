"""The scenarios of the lab, in the order in which they are played."""

from typing import Final

from lab.scenarios import exploits, floods, guessing, incident, scans, toll
from lab.stage import Scenario

SCENARIOS: Final[tuple[Scenario, ...]] = (
    *incident.SCENARIOS,
    *scans.SCENARIOS,
    *guessing.SCENARIOS,
    *toll.SCENARIOS,
    *floods.SCENARIOS,
    *exploits.SCENARIOS,
)
