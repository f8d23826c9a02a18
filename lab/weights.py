"""`python -m lab.weights`: what labelled traffic says of each clue's weight; writes docs/weights.md.

How it works: every labelled capture is investigated. Of each clue it is counted how
many attackers and how many innocents bear it; from the two shares comes an estimate
in decibans, smoothed as if half a source more on either side had borne it (Jeffreys'
prior), so that nothing is ever certain because it was not seen. Sources that one hand
moves in one capture count as one attacker, in parts: fifty machines with one word
list are one observation, not fifty.
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
from ringfence.detect.clues import RULES, Rule
from ringfence.detect.verdict import ORDINARY, Verdict
from ringfence.flow import CaptureError, investigate

_OURS: Final = (Path("examples"), Path("build/lab"))
_PAGE: Final = Path("docs/weights.md")
# Longer sentences are cut in the page.
_SENTENCE: Final = 160


@dataclass(slots=True)
class Counted:
    """Who bears a clue: hands of attackers (in parts), innocent sources, and with what weight."""

    hands: float = 0.0
    innocents: int = 0
    weights_db: list[float] = field(default_factory=list)
    sentence: str = ""


@dataclass(slots=True)
class Observed:
    """All that was counted over a labelled set."""

    captures: int = 0
    hands: int = 0
    innocents: int = 0
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
        observed.innocents += max(0, investigation.incident.ordinary - ordinary)
        hands: dict[str, list[Verdict]] = defaultdict(list)
        for v in verdicts:
            hand = _hand(one, str(v.deeds.address))
            if hand is None:
                _count_innocent(observed, v)
            else:
                hands[hand].append(v)
        for members in hands.values():
            _count_hand(observed, members)
    return observed


def _hand(one: Labelled, address: str) -> str | None:
    """Whose hand moves this address, in a word; None for an innocent."""
    source = next((s for s in one.attackers if covers(s, address)), None)
    return None if source is None else source.campaign or source.what


def _count_innocent(observed: Observed, v: Verdict) -> None:
    observed.innocents += 1
    for clue in v.clues:
        counted = observed.clues[clue.rule]
        counted.innocents += 1
        counted.weights_db.append(clue.weight_db)
        if clue.weight_db < 0:
            counted.sentence = counted.sentence or clue.says


def _count_hand(observed: Observed, members: list[Verdict]) -> None:
    observed.hands += 1
    for v in members:
        for clue in v.clues:
            counted = observed.clues[clue.rule]
            counted.hands += 1 / len(members)
            counted.weights_db.append(clue.weight_db)
            counted.sentence = counted.sentence or clue.says


def estimate_db(counted: Counted, observed: Observed) -> float:
    """10·log10 of the two smoothed shares' ratio."""
    guilty = (counted.hands + 0.5) / (observed.hands + 1)
    innocent = (counted.innocents + 0.5) / (observed.innocents + 1)
    return 10 * math.log10(guilty / innocent)


# ------------------------------------------------------------ formulas


def formula(rule: Rule) -> str:
    """How the rule's weight is reckoned, as its source says."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(rule.weigh)))
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _names(node.targets[0]) == "weight":
            found[ast.unparse(node.value)] = None
        elif isinstance(node, ast.AugAssign) and _names(node.target) == "weight":
            found[f"weight {_sign(node.op)}= {ast.unparse(node.value)}"] = None
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            first = ast.unparse(node.value.elts[0])
            if first != "weight":
                found[first] = None
    return "; ".join(found).replace("math.", "")


def _names(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _sign(operator: ast.operator) -> str:
    signs = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
    return signs.get(type(operator), "?")


def link_clues() -> dict[str, tuple[str, str]]:
    """Clues that come of several sources: name to kind and formula."""
    found = {}
    for node in ast.walk(ast.parse(inspect.getsource(links))):
        is_clue = isinstance(node, ast.Call) and _names(node.func) == "WeighedClue"
        if is_clue and isinstance(node, ast.Call) and isinstance(node.args[0], ast.Constant):
            _, kind, weight = (ast.unparse(arg).strip("'") for arg in node.args[:3])
            found[str(node.args[0].value)] = (kind, weight)
    return found


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
        "clue; sources of one hand in one capture count as one attacker, in parts."
    )
    yield ""
    yield (
        f"Counted over {observed.captures} labelled captures with {observed.hands} attackers and "
        f"{observed.innocents} innocent sources. Where weight and estimate differ, judgement "
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
    cells = (
        f"`{name}`", kind.replace("_", " ") or "any", span, f"{counted.hands:.3g}",
        str(counted.innocents), f"{estimate_db(counted, observed):+.1f}" if weights else "",
        innocent or "", origin,
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
