"""The sum of clues for one source, and what it makes of it."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.detect.clues import ATTACKER_DB, PRIOR_DB, RULES, SUSPECT_DB, Rule
from ringfence.detect.deeds import Deeds

ATTACKER = "attacker"
SUSPECT = "suspect"
IN_TROUBLE = "user_in_trouble"
ORDINARY = "ordinary"
# Refusals of one account from which a user is in trouble rather than mistyping.
_TROUBLE_REFUSALS = 3


@dataclass(frozen=True, slots=True)
class WeighedClue:
    """A rule that applied: decibans, sentence, and places (input, packet, time in ns)."""

    rule: Rule
    weight_db: float
    says: str
    places: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one source is, and why; `weight_db` is the sum with the prior."""

    deeds: Deeds
    verdict: str
    weight_db: float
    kinds: tuple[str, ...]
    clues: tuple[WeighedClue, ...]


def weigh(deeds: Deeds, prior_db: float = PRIOR_DB) -> Verdict:
    """Weigh every clue for this source."""
    clues = tuple(_apply(deeds))
    total = prior_db + sum(clue.weight_db for clue in clues)
    if total >= ATTACKER_DB:
        verdict = ATTACKER
    elif total >= SUSPECT_DB:
        verdict = SUSPECT
    elif deeds.counts.refused >= _TROUBLE_REFUSALS:
        verdict = IN_TROUBLE
    else:
        verdict = ORDINARY
    return Verdict(deeds, verdict, round(total, 1), _kinds(deeds, clues), clues)


def _apply(deeds: Deeds) -> list[WeighedClue]:
    found = []
    for rule in RULES:
        weighed = rule.weigh(deeds)
        if weighed is not None:
            weight_db, says = weighed
            places = tuple(deeds.profile.seen.get(rule.places, ()))
            found.append(WeighedClue(rule, round(weight_db, 1), says, places))
    return found


def _kinds(deeds: Deeds, clues: tuple[WeighedClue, ...]) -> tuple[str, ...]:
    """Kinds of attack that the source's deeds show, the clues' own first."""
    kinds = [clue.rule.kind for clue in clues if clue.weight_db > 0 and clue.rule.kind]
    counts = deeds.counts
    guilty = bool(kinds)
    if guilty and counts.refused >= 5 and (counts.accounts > 1 or counts.refused >= 20):
        kinds.append("password_guessing")
    if guilty and deeds.prefixes_of:
        kinds.append("toll_fraud")
    if guilty and counts.answered and counts.accepted and counts.refused:
        kinds.append("toll_fraud")
    tools = {text.split(" ")[0] for text in deeds.profile.texts("targets")}
    if "svwar" in tools:
        kinds.append("enumeration")
    scanned = counts.options or "svmap" in tools
    if "scan" in kinds and not scanned and len(set(kinds)) > 1:
        kinds = [kind for kind in kinds if kind != "scan"]
    return tuple(dict.fromkeys(kinds))
