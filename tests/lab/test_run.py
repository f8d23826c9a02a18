"""The lab itself, for a second: needs root and the packages of lab/packages.txt."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.__main__ import _NEEDED
from lab.labels import read_sources
from lab.namespaces import World
from lab.scenarios import SCENARIOS
from lab.stage import play

MISSING = [tool for tool in _NEEDED if shutil.which(tool) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces need root"),
    pytest.mark.skipif(bool(MISSING), reason=f"{MISSING} missing: install lab/packages.txt"),
]


def namespaces(prefix: str) -> list[str]:
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if line.startswith(prefix)]


def test_a_scenario_is_played_labelled_and_cleaned_up(tmp_path: Path) -> None:
    scenario = next(s for s in SCENARIOS if s.name == "bad_pin_corrected")
    with World(f"t{os.getpid()}") as world:
        outcome = asyncio.run(play(world, scenario, tmp_path))
    assert outcome.wrong == []
    assert namespaces(world.prefix) == []
    (home_worker,) = [s for s in read_sources(outcome.label) if s.role == "innocent"]
    assert home_worker.proof == "dialog"


def test_a_world_that_fails_leaves_nothing() -> None:
    world = World(f"f{os.getpid()}")

    def fail() -> None:
        with world:
            assert namespaces(world.prefix)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert namespaces(world.prefix) == []
