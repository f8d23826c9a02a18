"""Corpus and seeded mutations of it, run on the kernels as they are loaded, many a second.

How it works: every input goes through `quick`, one in some also through `check`,
which costs more; an execution is one input through either. What breaks is kept
in `fuzz/findings` and counted; the run goes on. Work that takes longer than
SLOW_S of CPU for an input of at most 4 KiB counts as broken, too.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import sys
import time
from dataclasses import dataclass

import ringfence
from fuzz import corpus
from fuzz.harness import NAMES, Harness, load
from fuzz.mutate import mutations

SLOW_S = 0.5
# Findings kept of one harness: the first ones tell, the rest repeat them.
MAX_FINDINGS = 20


@dataclass(frozen=True, slots=True)
class Replay:
    """One harness: how much was run, how long it took, what broke."""

    name: str
    executions: int
    seconds: float
    slowest_ms: float
    peak_growth_kib: int
    findings: tuple[str, ...]


def replay(harness: Harness, seed: int, *, executions: int, seconds: float) -> Replay:
    """Run the corpus, then mutations until either number is reached."""
    inputs = corpus.read_corpus(harness)
    findings: list[str] = []
    slowest, count = 0.0, 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = last = time.process_time()
    for octets in itertools.chain(inputs, mutations(inputs, harness.tokens, seed)):
        fault = _run(harness, octets, thorough=count % harness.share == 0 or count < len(inputs))
        count += 1
        now = time.process_time()
        took, last = now - last, now
        slowest = max(slowest, took)
        if fault or took > SLOW_S:
            findings.append(f"{fault or f'{took:.2f} s'}: {_kept(harness, octets)}")
            last = time.process_time()
        if now - start > seconds or count >= executions or len(findings) >= MAX_FINDINGS:
            break
    growth = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return Replay(harness.name, count, last - start, 1000 * slowest, growth, tuple(findings))


def _run(harness: Harness, octets: bytes, *, thorough: bool) -> str:
    """What broke, or nothing."""
    try:
        if thorough:
            harness.check(octets)
        else:
            harness.quick(octets)
    except Exception as error:  # noqa: BLE001  whatever a decoder lets through is a finding
        return f"{type(error).__name__}: {error}"
    return ""


def _kept(harness: Harness, octets: bytes) -> str:
    path = corpus.keep(corpus.FINDINGS / harness.name, octets)
    return str(path.relative_to(corpus.ROOT.parent.parent))


def run(names: list[str], seed: int, *, executions: int, seconds: float) -> list[Replay]:
    """Replay harness by harness, a line each."""
    results = []
    for name in names:
        one = replay(load(name), seed, executions=executions, seconds=seconds)
        results.append(one)
        pace = f"{one.executions:>10,} in {one.seconds:6.1f} s, slowest {one.slowest_ms:.1f} ms"
        print(f"{name:12} {pace}, {len(one.findings)} findings", flush=True)
        for finding in one.findings[:5]:
            print(f"    {finding}")
    return results


def main() -> int:
    """Command line: names, how many, how long, which seed."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.replay", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="DECODER")
    parser.add_argument("--executions", type=int, default=100_000, help="of each decoder")
    parser.add_argument(
        "--seconds", type=float, default=60, help="of CPU for each decoder, at most"
    )
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print("kernels:", "compiled" if ringfence.compiled() else "interpreted")
    results = run(given.names or list(NAMES), given.seed,
                  executions=given.executions, seconds=given.seconds)  # fmt: skip
    return 1 if any(one.findings for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())
