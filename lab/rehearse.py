"""`python -m lab.rehearse`: how soon the guard would have met each attack of the lab.

How it works: each labelled capture is played to the guard's engine as it happened. Of
each attacker the first measure is told: its requests and refused passwords until then,
and the seconds since its first message. An innocent that any measure would have hit is
named, and is a failure.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from lab.judge import covers
from lab.labelled import Labelled, labelled_set
from lab.labels import Source
from ringfence.flow import CaptureError
from ringfence.flow.rehearsal import Rehearsal, rehearse
from ringfence.model.clock import nanoseconds
from ringfence.model.decision import ALARM, BLOCK, LIMIT, NARROW, Decision

_OURS: Final = (Path("examples"), Path("build/lab"))
_MEASURES: Final = (BLOCK, NARROW, LIMIT)


@dataclass(frozen=True, slots=True)
class Met:
    """How one attack was met: of several addresses that are labelled alike, the one met last."""

    capture: str
    what: str
    addresses: int
    untouched: int  # addresses that no measure was taken against
    first: Decision | None
    seconds: float
    block: Decision | None
    alarms: int

    def line(self) -> str:
        """One row of the table."""
        what = f"{self.addresses} x {self.what}" if self.addresses > 1 else self.what
        row = f"{self.capture[:28]:28} {what[:36]:36} "
        if self.first is None:
            return row + ("alarm only" if self.alarms else "nothing")
        row += f"{self.first.action:6} {self.first.messages:4} {self.first.refused:4} "
        row += f"{self.seconds:9.2f} s"
        if self.block is not None:
            row += f"  proven and blocked after {self.block.messages}"
        return row + (f"  ({self.untouched} untouched)" if self.untouched else "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 nobody ordinary is hit, 1 somebody is, 2 nothing labelled."""
    parser = argparse.ArgumentParser(prog="python -m lab.rehearse", description=__doc__)
    parser.add_argument("name", nargs="*", help="parts of names of captures; all when left out")
    parser.add_argument("--ours", type=Path, action="append", help="folders with labels of the lab")
    asked = parser.parse_args(arguments)
    labelled = [
        one
        for one in labelled_set(asked.ours or _OURS, None)
        if not asked.name or any(name in one.name for name in asked.name)
    ]
    if not labelled:
        print("rehearse: no labelled captures; `make lab` makes some", file=sys.stderr)
        return 2
    print(f"{'capture':28} {'attack':36} first  seen refused  seconds")
    hurt = 0
    for one in labelled:
        try:
            found = rehearse([str(one.capture)])
        except CaptureError as error:
            print(f"{one.name}: {error}", file=sys.stderr)
            continue
        for met in meetings(one, found):
            print(met.line())
        for address, action in hits(one, found):
            hurt += 1
            print(f"{one.name:28} {address} IS INNOCENT, and met with {action}")
    print(f"{len(labelled)} captures, {hurt} innocents hit")
    return 1 if hurt else 0


def meetings(one: Labelled, found: Rehearsal) -> Iterator[Met]:
    """How each attack of a capture was met."""
    alike: dict[str, list[Source]] = defaultdict(list)
    for source in one.attackers:
        alike[source.what].append(source)
    for what, sources in alike.items():
        met = [_meet(one.name, source, found) for source in sources]
        touched = [m for m in met if m.first is not None]
        worst = max(touched or met, key=lambda m: m.first.messages if m.first else 0)
        untouched = len(met) - len(touched) if touched else 0
        alarms = sum(m.alarms for m in met)
        yield replace(worst, what=what, addresses=len(met), untouched=untouched, alarms=alarms)


def _meet(capture: str, source: Source, found: Rehearsal) -> Met:
    decisions = [r.decision for r in found.decisions if covers(source, r.decision.address)]
    measures = [d for d in decisions if d.action in _MEASURES]
    blocks = [d for d in measures if d.action in (BLOCK, NARROW) and d.proven != "none"]
    first = measures[0] if measures else None
    seconds = (first.time_ns - nanoseconds(source.begin)) / 1e9 if first else 0.0
    alarms = sum(d.action == ALARM for d in decisions)
    block = blocks[0] if blocks else None
    return Met(capture, source.what, 1, 0, first, max(0.0, seconds), block, alarms)


def hits(one: Labelled, found: Rehearsal) -> list[tuple[str, str]]:
    """Measures against whoever is not labelled as an attacker."""
    return [
        (r.decision.address, r.decision.action)
        for r in found.decisions
        if r.decision.action in _MEASURES
        and not any(covers(source, r.decision.address) for source in one.attackers)
    ]


if __name__ == "__main__":
    sys.exit(main())
