"""The examples that ship: small, whole, and labelled as they are."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from lab.addresses import PBX, PBX6
from lab.labels import read_sources
from lab.scenarios import SCENARIOS
from lab.truth import disagreements, observe

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = sorted(s.example for s in SCENARIOS if s.example)
MOST_OCTETS = {"attack": 400_000}
MOST_OCTETS_OF_ALL = 2_000_000


@pytest.mark.parametrize("name", NAMES)
def test_label_names_the_capture_beside_it(name: str) -> None:
    label = json.loads((EXAMPLES / f"{name}.json").read_text())
    capture = EXAMPLES / f"{name}.pcap"
    assert label["capture"] == capture.name
    assert label["sha256"] == hashlib.sha256(capture.read_bytes()).hexdigest()
    assert capture.stat().st_size <= MOST_OCTETS.get(name, 200_000)


def test_all_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in EXAMPLES.glob("*.pcap")) <= MOST_OCTETS_OF_ALL


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark missing: apt install tshark")
@pytest.mark.parametrize("name", NAMES)
def test_tshark_sees_what_the_label_says(name: str) -> None:
    sources = read_sources(EXAMPLES / f"{name}.json")
    seen = observe(EXAMPLES / f"{name}.pcap", (PBX, PBX6))
    assert disagreements(sources, seen) == []


def test_the_incident_has_everything_a_demonstration_needs() -> None:
    sources = read_sources(EXAMPLES / "attack.json")
    attackers = [s for s in sources if s.role == "attacker"]
    assert {"scan", "enumeration", "password_guessing", "toll_fraud"} <= set(attackers[0].kinds)
    assert len(attackers) == 2
    assert all(call.seconds > 60 for s in attackers for call in s.calls_answered)
    assert any("bad PIN" in s.in_trouble for s in sources)
    assert sum(s.role == "innocent" for s in sources) >= 10
