"""`make fuzz`: search for new inputs under coverage guidance, then replay at full speed.

How it works: for each decoder atheris runs the interpreted twin for some time,
starting at seeds and committed inputs; what reached new code is minimised and
becomes the committed corpus. Then corpus and mutations run on the compiled
kernels, and both twins are compared. Figures go to fuzz/results.json.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ringfence
from fuzz import corpus, replay
from fuzz.harness import NAMES, load

RESULTS = Path(__file__).parent / "results.json"
# Inputs of one harness that are committed, and their octets: enough for every branch.
MAX_INPUTS = 100
MAX_OCTETS = 96 * 1024
_RUNS = re.compile(rb"Done (\d+) runs in \d+ second")
_FAULT = re.compile(rb"Uncaught Python exception: ===\s*(.*)|ERROR: libFuzzer: (?:.*)")
_STAT = re.compile(rb"stat::number_of_executed_units:\s*(\d+)")
# A decoder of a few lines is searched soon; more runs would only flatter the total.
MAX_RUNS = 500_000
_MAX_LENGTH = "-max_len=2048"


def search(name: str, seconds: int) -> dict[str, object]:
    """Coverage-guided search; replaces the committed corpus of this harness."""
    harness = load(name)
    with tempfile.TemporaryDirectory(prefix="ringfence-fuzz-") as place:
        grown, smaller = Path(place, "grown"), Path(place, "smaller")
        smaller.mkdir()
        for octets in corpus.read_corpus(harness):
            corpus.keep(grown, octets)
        prefix = corpus.FINDINGS / name
        prefix.mkdir(parents=True, exist_ok=True)
        run = _cover(
            name,
            f"-max_total_time={seconds}",
            f"-runs={MAX_RUNS}",
            "-timeout=5",
            "-rss_limit_mb=1024",
            f"-artifact_prefix={prefix}/",
            str(grown),
        )
        if not any(prefix.iterdir()):
            prefix.rmdir()
        _cover(name, "-merge=1", f"-artifact_prefix={place}/", str(smaller), str(grown))
        kept = sorted((path.read_bytes() for path in smaller.iterdir()), key=len)
        shutil.rmtree(grown)
    seeds = set(harness.seeds())
    count = corpus.write_corpus(name, _within_bounds([one for one in kept if one not in seeds]))
    done = _RUNS.search(run.stdout) or _STAT.search(run.stdout)
    fault = _FAULT.search(run.stdout)
    found = [((fault and fault[1]) or b"ended early").decode()] if run.returncode else []
    return {
        "executions": int(done[1]) if done else 0,
        "seconds": seconds,
        "inputs": count,
        "findings": found,
    }


def _cover(name: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "fuzz.cover", name, _MAX_LENGTH, "-print_final_stats=1", *arguments],
        env=os.environ | {"RINGFENCE_PURE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def _within_bounds(inputs: list[bytes]) -> list[bytes]:
    """Inputs of every size, as many as may be committed."""
    step = max(1.0, len(inputs) / MAX_INPUTS)
    while True:
        kept = [inputs[int(n * step)] for n in range(int(len(inputs) / step))]
        if sum(map(len, kept)) <= MAX_OCTETS:
            return kept
        step *= 1.1


def twins_differ(mutations: int) -> list[str]:
    """Inputs of which the compiled kernels make something else than their twins."""
    outputs = [
        subprocess.run(
            [sys.executable, "-m", "fuzz.digests", "--mutations", str(mutations)],
            env=os.environ | {"RINGFENCE_PURE": pure}, capture_output=True, check=True, text=True,
        ).stdout.splitlines()
        for pure in ("", "1")
    ]  # fmt: skip
    return [one for one, other in zip(*outputs, strict=True) if one != other]


def main() -> int:
    """Command line: names, how long to search, how many to replay."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="DECODER", help=", ".join(NAMES))
    parser.add_argument("--search", type=int, default=30, help="seconds under coverage, each")
    parser.add_argument("--executions", type=int, default=1_500_000, help="replayed, each")
    parser.add_argument("--seconds", type=float, default=60, help="of CPU to replay, each, at most")
    parser.add_argument(
        "--twins", type=int, default=500, help="mutations given to both twins, each"
    )
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    names = given.names or list(NAMES)
    found: dict[str, dict[str, object]] = {}
    for name in names if given.search else ():
        found[name] = search(name, given.search)
        print(f"{name:12} {found[name]}", flush=True)
    replays = replay.run(names, given.seed, executions=given.executions, seconds=given.seconds)
    differing = twins_differ(given.twins) if ringfence.compiled() and not given.names else []
    _write(given.seed, found, replays, differing)
    faults = [*differing, *(f for one in replays for f in one.findings)]
    return 1 if faults or any(one["findings"] for one in found.values()) else 0


def _write(
    seed: int,
    found: dict[str, dict[str, object]],
    replays: list[replay.Replay],
    differing: list[str],
) -> None:
    total = sum(one.executions for one in replays) + sum(
        int(str(one["executions"])) for one in found.values()
    )
    results = {
        "python": platform.python_version(),
        "kernels": "compiled" if ringfence.compiled() else "interpreted",
        "seed": seed,
        "executions": total,
        "under_coverage": found,
        "replayed": {one.name: dataclasses.asdict(one) for one in replays},
        "twins_differ": differing,
    }
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    print(f"{total:,} executions; fuzz/{RESULTS.name}")


if __name__ == "__main__":
    sys.exit(main())
