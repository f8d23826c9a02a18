"""How much gets through before a block works: `python -m benchmarks.guard_block`.

The same attacks on the same phone system in namespaces (lab/guard), guarded in turn by
nobody, Ringfence, fail2ban and CrowdSec, each with its stock rules. What got through is
what the phone system itself logged, so behind the firewall.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from lab.__main__ import require
from lab.guard.attacks import ATTACKS
from lab.guard.protectors import PROTECTORS, Protector
from lab.guard.scene import Outcome, Scene, play
from lab.namespaces import LabError, World, remove_abandoned

SCENES: Final = ("guessing", "svcrack", "svwar")
REPEAT: Final = 3


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One protector under one attack: the middle one of its runs, by what arrived."""

    attack: str
    about: str
    protector: str
    runs: int = 0
    sent: int = 0
    arrived: int = 0
    refused: int = 0  # passwords
    seconds: float | None = None  # from the first request that arrived to the last; None: no block
    slowed: bool = False  # but not blocked
    most_arrived: int = 0  # of all runs
    wishes: int = 0  # of ordinary users meanwhile
    not_granted: int = 0
    failed: str = ""


def is_possible() -> str:
    """Why this cannot run here; empty when it can."""
    try:
        require()
    except LabError as error:
        return str(error)
    return ""


def bench(
    scenes: Sequence[str] = SCENES,
    protectors: Sequence[type[Protector]] = PROTECTORS,
    *,
    repeat: int = REPEAT,
    say: Callable[[str], None],
) -> list[BlockRow]:
    """Every protector that is installed under every attack."""
    remove_abandoned()
    rows = []
    for scene in [one for one in ATTACKS if one.name in scenes]:
        for protector in protectors:
            if missing := protector().missing():
                say(f"  {protector.name}: left out, {missing} not installed")
                continue
            row = _row(scene, protector, repeat)
            rows.append(row)
            say(f"  {row.attack:13} {row.protector:10} {told(row)}")
    return rows


def told(row: BlockRow) -> str:
    """What came of it, for a line of a log."""
    if row.failed:
        return row.failed
    when = "never blocked" if row.seconds is None else f"blocked after {row.seconds:.2f} s"
    return f"{row.arrived:5} of {row.sent:5} arrived, {row.refused:4} passwords refused, {when}"


def _row(scene: Scene, protector: type[Protector], repeat: int) -> BlockRow:
    outcomes, failed = [], ""
    with tempfile.TemporaryDirectory(prefix="ringfence-bench-") as out:
        for _ in range(repeat):
            with World(str(os.getpid())) as world:
                try:
                    outcomes.append(asyncio.run(play(world, scene, protector(), Path(out))))
                except (LabError, TimeoutError) as error:
                    failed = repr(error)
    if not outcomes:
        return BlockRow(scene.name, scene.about, protector.name, failed=failed)
    ordered = sorted(outcomes, key=lambda outcome: outcome.met[0].arrived.requests)
    return middle(scene, ordered)


def middle(scene: Scene, ordered: Sequence[Outcome]) -> BlockRow:
    """The middle one of runs that are in order."""
    one = ordered[len(ordered) // 2]
    met = one.met[0]
    return BlockRow(
        attack=scene.name,
        about=scene.about,
        protector=one.protector,
        runs=len(ordered),
        sent=met.sent,
        arrived=met.arrived.requests,
        refused=met.arrived.credentials - met.arrived.accepted,
        seconds=met.dropped_after_s,
        slowed=met.dropped_after_s is None and "limit" in met.measures,
        most_arrived=ordered[-1].met[0].arrived.requests,
        wishes=sum(outcome.wishes for outcome in ordered),
        not_granted=sum(len(outcome.hurts) for outcome in ordered),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.guard_block", description=__doc__)
    parser.add_argument("--attacks", default=",".join(SCENES))
    parser.add_argument("--protectors", default="", help="names begin so, with commas")
    parser.add_argument("--repeat", type=int, default=REPEAT)
    given = parser.parse_args()
    if why := is_possible():
        raise SystemExit(why)
    names = tuple(given.protectors.split(","))
    rows = bench(
        given.attacks.split(","), [one for one in PROTECTORS if one.name.startswith(names)],
        repeat=given.repeat, say=lambda line: print(line, file=sys.stderr, flush=True),
    )  # fmt: skip
    print(json.dumps([asdict(row) for row in rows], indent=1))


if __name__ == "__main__":
    main()
