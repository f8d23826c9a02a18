"""`python -m lab`: play scenarios, write captures and labels, check them."""

import argparse
import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lab.namespaces import PREFIX, LabError, World, remove_abandoned, remove_leftovers
from lab.scenarios import SCENARIOS
from lab.stage import Outcome, Scenario, play, ship

_OUT: Final = Path("build/lab")
_NEEDED: Final = ("ip", "nft", "kamailio", "sipp", "svmap", "baresip", "tcpdump", "tshark")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 all labels right, 1 some wrong or failed, 2 the lab cannot run."""
    asked = _parse(arguments)
    if asked.list:
        for scenario in SCENARIOS:
            print(f"{scenario.name:28} {scenario.about}")
        return 0
    try:
        require()
        if asked.clean:
            print(f"{remove_leftovers(PREFIX)} namespaces removed")
            return 0
        remove_abandoned()
        chosen = _chosen(asked.scenario)
        return asyncio.run(_play_all(chosen, asked.out.resolve(), asked.examples))
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("lab: stopped, everything removed", file=sys.stderr)
        return 2


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lab", description=__doc__)
    parser.add_argument("scenario", nargs="*", help="names or parts of names; all when left out")
    parser.add_argument("--out", type=Path, default=_OUT, help="default: build/lab")
    parser.add_argument("--examples", type=Path, help="renew the project's own examples there")
    parser.add_argument("--list", action="store_true", help="say what there is")
    parser.add_argument("--clean", action="store_true", help="remove what a killed run left")
    return parser.parse_args(arguments)


def require() -> None:
    if os.geteuid() != 0:
        raise LabError("network namespaces need root")
    missing = [tool for tool in _NEEDED if shutil.which(tool) is None]
    if missing:
        raise LabError(f"{', '.join(missing)} missing: install lab/packages.txt")


def _chosen(names: Sequence[str]) -> list[Scenario]:
    return [s for s in SCENARIOS if not names or any(name in s.name for name in names)]


async def _play_all(scenarios: Sequence[Scenario], out: Path, examples: Path | None) -> int:
    out.mkdir(parents=True, exist_ok=True)
    begun, waiting = time.monotonic(), list(reversed(scenarios))
    end_well_when_asked()

    async def work(name: str) -> int:
        bad = 0
        with World(name) as world:
            while waiting:
                bad += not await _play_one(world, waiting.pop(), out, examples)
        return bad

    # Two worlds side by side: most of a scenario is waiting.
    names = [f"{os.getpid()}{letter}" for letter in "ab"[: len(scenarios)]]
    bad = sum(await asyncio.gather(*(work(name) for name in names)))
    print(f"{len(scenarios)} scenarios, {bad} bad, {time.monotonic() - begun:.0f} s")
    return 1 if bad else 0


def end_well_when_asked() -> None:
    """SIGTERM and SIGHUP end this task as control-C does: namespaces are removed."""
    task = asyncio.current_task()
    assert task is not None
    for sign in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(sign, task.cancel)


async def _play_one(world: World, scenario: Scenario, out: Path, examples: Path | None) -> bool:
    """Play one scenario and say how it went; whether all is well."""
    since = time.monotonic()
    try:
        outcome = await play(world, scenario, out)
    except (LabError, TimeoutError) as error:
        print(f"FAILED {scenario.name}: {error!r}", flush=True)
        return False
    _tell(outcome, time.monotonic() - since)
    if examples is not None and scenario.example and not outcome.wrong:
        ship(outcome, scenario.example, examples)
    return not outcome.wrong


def _tell(outcome: Outcome, seconds: float) -> None:
    state = "WRONG " if outcome.wrong else "ok    "
    print(
        f"{state}{outcome.scenario:28} {outcome.packets:6} packets {outcome.octets / 1000:7.0f} kB"
        f" {seconds:5.1f} s",
        flush=True,
    )
    for fault in outcome.wrong:
        print(f"       {fault}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
