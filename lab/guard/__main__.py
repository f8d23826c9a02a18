"""`make lab-guard`: each attack of the lab on a guarded phone system, and what got through.

Ordinary phones register and call all the time. Exit status: 0 every goal is reached, 1 some
are not, 2 the lab cannot run.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from lab.__main__ import end_well_when_asked, require
from lab.guard.attacks import ATTACKS
from lab.guard.innocents import INNOCENTS
from lab.guard.protectors import PROTECTORS, Protector
from lab.guard.scene import Outcome, Scene, play
from lab.guard.show import heading, rows
from lab.namespaces import LabError, World, remove_abandoned

SCENES: Final[tuple[Scene, ...]] = (*ATTACKS, *INNOCENTS)
_OUT: Final = Path("build/lab-guard")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status as the module says."""
    asked = _parse(arguments)
    if asked.list:
        for scene in SCENES:
            print(f"{scene.name:16} {scene.about}")
        return 0
    try:
        require()
        protector = next(one for one in PROTECTORS if one.name == asked.protector)
        if missing := protector().missing():
            raise LabError(f"{asked.protector} needs Debian's {missing}")
        remove_abandoned()
        chosen = _chosen(asked.scene)
        return asyncio.run(_play_all(chosen, protector, asked.out.resolve()))
    except LabError as error:
        print(f"lab.guard: {error}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("lab.guard: stopped, everything removed", file=sys.stderr)
        return 2


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lab.guard", description=__doc__)
    parser.add_argument("scene", nargs="*", help="names or parts of names; all when left out")
    parser.add_argument("--protector", default="ringfence", choices=[p.name for p in PROTECTORS])
    parser.add_argument("--out", type=Path, default=_OUT, help="default: build/lab-guard")
    parser.add_argument("--list", action="store_true", help="say what there is")
    return parser.parse_args(arguments)


def _chosen(names: Sequence[str]) -> list[Scene]:
    """Those that are named; a part of a name stands for all that have it."""
    whole = {scene.name for scene in SCENES}
    return [
        scene for scene in SCENES
        if not names or any(n == scene.name or (n not in whole and n in scene.name) for n in names)
    ]  # fmt: skip


async def _play_all(scenes: Sequence[Scene], protector: type[Protector], out: Path) -> int:
    end_well_when_asked()
    out.mkdir(parents=True, exist_ok=True)
    begun, outcomes, failed = time.monotonic(), [], 0
    print(heading(), flush=True)
    for scene in scenes:
        with World(str(os.getpid())) as world:
            try:
                outcome = await play(world, scene, protector(), out)
            except (LabError, TimeoutError) as error:
                failed += 1
                print(f"FAILED {scene.name}: {error!r}", flush=True)
                continue
        outcomes.append(outcome)
        print("\n".join(rows(outcome)), flush=True)
    _write(out / f"{protector.name}.json", outcomes)
    missed = sum(bool(one.missed) for one in outcomes) + failed
    print(f"{len(scenes)} scenes, {missed} with a goal missed, {time.monotonic() - begun:.0f} s")
    return 1 if missed else 0


def _write(path: Path, outcomes: Sequence[Outcome]) -> None:
    path.write_text(json.dumps([asdict(one) for one in outcomes], indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
