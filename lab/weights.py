"""`python -m lab.weights`: what labelled traffic says of each clue's weight, as docs/weights.md.

How it works: every labelled capture is investigated. Of each clue it is counted how
many attackers and how many innocents bear it; from the two shares comes an estimate
in decibans, smoothed as if half a source more on either side had borne it (Jeffreys'
prior), so that nothing is ever certain because it was not seen. Sources that one hand
moves in one capture count as one attacker, in parts: fifty machines with one word
list are one observation, not fifty. Clues against guilt are counted among those who
failed at something: of the others nobody needs to say that they are innocent.
"""

import argparse
import ast
import inspect
import math
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lab.judge import covers
from lab.labelled import Labelled, labelled_set
from ringfence.detect import links
from ringfence.detect.clues import RULES
from ringfence.detect.rule import Rule
from ringfence.detect.verdict import ORDINARY, Verdict
from ringfence.flow import CaptureError, investigate

_OURS: Final = (Path("examples"), Path("build/lab"))
_PAGE: Final = Path("docs/weights.md")
# Longer sentences are cut in the page.
_SENTENCE: Final = 160
_SIGNS: Final = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


@dataclass(slots=True)
class Share:
    """Hands of attackers (in parts) and innocent sources."""

    hands: float = 0.0
    innocents: float = 0.0

    def add(self, *, guilty: bool, part: float) -> None:
        if guilty:
            self.hands += part
        else:
            self.innocents += part


@dataclass(slots=True)
class Counted:
    """Who bears a clue, among all and among those who failed at something, and its weights."""

    bearers: Share = field(default_factory=Share)
    failed: Share = field(default_factory=Share)
    weights_db: list[float] = field(default_factory=list)
    sentence: str = ""


@dataclass(slots=True)
class Observed:
    """All that was counted over a labelled set."""

    captures: int = 0
    sources: Share = field(default_factory=Share)
    failed: Share = field(default_factory=Share)
    clues: dict[str, Counted] = field(default_factory=lambda: defaultdict(Counted))


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0, or 2 when there is nothing labelled."""
    parser = argparse.ArgumentParser(prog="python -m lab.weights", description=__doc__)
    parser.add_argument("--ours", type=Path, action="append", help="folders with labels of the lab")
    parser.add_argument("--elsewhere", type=Path, help="folder of a MANIFEST.tsv")
    parser.add_argument("--out", type=Path, default=_PAGE)
    asked = parser.parse_args(arguments)
    labelled = labelled_set(asked.ours or _OURS, asked.elsewhere)
    if not labelled:
        print("weights: no labelled captures; `make lab` makes some", file=sys.stderr)
        return 2
    asked.out.write_text("\n".join(page(observe(labelled))) + "\n")
    print(f"{asked.out} written from {len(labelled)} captures")
    return 0


# ------------------------------------------------------------ counting


def observe(labelled: Iterable[Labelled]) -> Observed:
    """Count the clues of every source in every capture."""
    observed = Observed()
    for one in labelled:
        try:
            investigation = investigate([str(one.capture)])
        except CaptureError:
            continue
        observed.captures += 1
        ours = set(investigation.incident.defended)
        verdicts = [v for v in investigation.verdicts if str(v.deeds.address) not in ours]
        ordinary = sum(v.verdict == ORDINARY for v in investigation.verdicts)
        observed.sources.innocents += max(0, investigation.incident.ordinary - ordinary)
        hands: dict[str | None, list[Verdict]] = defaultdict(list)
        for v in verdicts:
            hands[_hand(one, str(v.deeds.address))].append(v)
        for hand, members in hands.items():
            for v in members:
                part = 1.0 if hand is None else 1 / len(members)
                _count(observed, v, guilty=hand is not None, part=part)
    return observed


def _hand(one: Labelled, address: str) -> str | None:
    """Whose hand moves this address, in a word; None for an innocent."""
    source = next((s for s in one.attackers if covers(s, address)), None)
    return None if source is None else source.campaign or source.what


def _count(observed: Observed, v: Verdict, *, guilty: bool, part: float) -> None:
    has_failed = v.deeds.failures > 0
    observed.sources.add(guilty=guilty, part=part)
    if has_failed:
        observed.failed.add(guilty=guilty, part=part)
    for clue in v.clues:
        counted = observed.clues[clue.rule]
        counted.bearers.add(guilty=guilty, part=part)
        if has_failed:
            counted.failed.add(guilty=guilty, part=part)
        counted.weights_db.append(clue.weight_db)
        if guilty or clue.weight_db < 0:
            counted.sentence = counted.sentence or clue.says


def estimate_db(bearers: Share, of: Share) -> float:
    """10·log10 of the two smoothed shares' ratio."""
    guilty = (bearers.hands + 0.5) / (of.hands + 1)
    innocent = (bearers.innocents + 0.5) / (of.innocents + 1)
    return 10 * math.log10(guilty / innocent)


# ------------------------------------------------------------ formulas


def formula(rule: Rule) -> str:
    """How the rule's weight is reckoned, as its source says."""
    return _reckoned(ast.parse(textwrap.dedent(inspect.getsource(rule.weigh))))


def _reckoned(tree: ast.AST) -> str:
    """What is assigned to `weight`, or stands first in what is returned."""
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _name(node.targets[0]) == "weight":
            found[ast.unparse(node.value)] = None
        elif isinstance(node, ast.AugAssign) and _name(node.target) == "weight":
            found[f"then {_SIGNS[type(node.op)]} {ast.unparse(node.value)}"] = None
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            found[ast.unparse(node.value.elts[0])] = None
    found.pop("weight", None)
    return "; ".join(found).replace("math.", "")


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def link_clues() -> dict[str, tuple[str, str]]:
    """Clues that come of several sources: name to kind and formula."""
    found = {}
    for place in ast.parse(inspect.getsource(links)).body:
        for node in ast.walk(place):
            if isinstance(node, ast.Call) and _name(node.func) == "WeighedClue":
                name, kind, weight = node.args[:3]
                reckoned = ast.unparse(weight)
                if reckoned == "weight":
                    reckoned = _reckoned(place)
                found[_text(name)] = (_text(kind), reckoned)
    return found


def _text(node: ast.expr) -> str:
    """The first text in an expression."""
    constants = (n.value for n in ast.walk(node) if isinstance(n, ast.Constant))
    return next((value for value in constants if isinstance(value, str)), "")


# ------------------------------------------------------------ the page


def page(observed: Observed) -> Iterator[str]:
    """docs/weights.md, line by line."""
    yield "# Weights of the clues"
    yield ""
    yield (
        "Made by `python -m lab.weights`; do not edit. A clue weighs "
        "10·log10(P(seen | attacker) / P(seen | innocent)) decibans. *Weight* is what the "
        "program uses, as it was seen in labelled traffic (least … most). *Estimate* is what the "
        "counts alone would say, smoothed as if half a source more on either side had borne the "
        "clue; sources of one hand in one capture count as one attacker, in parts. Clues against "
        "guilt (negative) are counted among those who failed at something."
    )
    yield ""
    yield (
        f"Counted over {observed.captures} labelled captures with {observed.sources.hands:.0f} "
        f"attackers and {observed.sources.innocents:.0f} innocent sources, of which "
        f"{observed.failed.hands:.0f} and {observed.failed.innocents:.0f} failed at something. "
        "Where weight and estimate differ, judgement "
        "spoke: labelled traffic was made by few tools and few makes of phone, so a clue that no "
        "innocent of ours bears is not worth more than its column *who else* allows, and a clue "
        "that rests on numbers grows with them while its estimate cannot."
    )
    yield ""
    yield "| clue | kind | weight, dB | attackers | innocents | estimate, dB | who else | origin |"
    yield "|---|---|---|---|---|---|---|---|"
    for rule in RULES:
        yield _row(rule.name, rule.kind, rule.innocent, rule.origin, observed)
    for name, (kind, _) in link_clues().items():
        yield _row(name, kind, "", "several sources looked at together", observed)
    yield ""
    yield "## What they say"
    for rule in RULES:
        yield from _said(rule.name, formula(rule), observed)
    for name, (_, weight) in link_clues().items():
        yield from _said(name, weight, observed)


def _row(name: str, kind: str, innocent: str, origin: str, observed: Observed) -> str:
    counted = observed.clues.get(name, Counted())
    weights = counted.weights_db
    span = "not seen"
    if weights:
        low, high = min(weights), max(weights)
        span = f"{low:+.0f}" if round(low) == round(high) else f"{low:+.0f} … {high:+.0f}"
    against = bool(weights) and max(weights) <= 0
    bearers, of = (
        (counted.failed, observed.failed) if against else (counted.bearers, observed.sources)
    )
    estimate = f"{estimate_db(bearers, of):+.1f}" if weights else ""
    cells = (
        f"`{name}`", kind.replace("_", " ") or "any", span, f"{bearers.hands:.3g}",
        f"{bearers.innocents:.0f}", estimate, innocent, origin,
    )  # fmt: skip
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _said(name: str, reckoned: str, observed: Observed) -> Iterator[str]:
    yield ""
    yield f"### {name}"
    yield ""
    sentence = observed.clues.get(name, Counted()).sentence
    if len(sentence) > _SENTENCE:
        sentence = sentence[:_SENTENCE].rsplit(" ", 1)[0] + " …"
    yield f"> {sentence}" if sentence else "Not seen in labelled traffic so far."
    yield ""
    yield f"Weight: `{reckoned}`"


if __name__ == "__main__":
    sys.exit(main())
