"""The sum of clues for one source, and what it makes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ringfence.detect import _fields as f
from ringfence.detect.clues import RULES
from ringfence.detect.crowds import FLOOD_RATE
from ringfence.detect.deeds import HUNT_STRINGS, Deeds

ATTACKER = "attacker"
SUSPECT = "suspect"
IN_TROUBLE = "user_in_trouble"
ORDINARY = "ordinary"

# A thousand to one, and ten to one (Good's decibans).
ATTACKER_DB = 30.0
SUSPECT_DB = 10.0
# Before anything is known: one source in ten of those that knock is hostile.
PRIOR_DB = -10.0
# A crowd of sources floods when it is this large, and as fast as `crowds.FLOOD_RATE`.
FLOOD_CROWD = 50
# What such a source was refused is not its own doing: forwarded, or forged in its name.
_OTHERS_FAULTS = {"ours", "may_be_forged"}
# Refusals of one account from which a user is in trouble rather than mistyping.
TROUBLE_REFUSALS = 3
# So many are told even when the user has found the mistake since.
LONG_TROUBLE = 10


@dataclass(frozen=True, slots=True)
class WeighedClue:
    """A rule that applied: decibans, sentence, and places (input, packet, time in ns)."""

    rule: str
    kind: str
    weight_db: float
    says: str
    places: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one source is, and why; `weight_db` is the sum with the prior."""

    deeds: Deeds
    verdict: str
    weight_db: float
    kinds: tuple[str, ...]
    clues: tuple[WeighedClue, ...]
    prior_db: float = PRIOR_DB


def weigh(deeds: Deeds, prior_db: float = PRIOR_DB) -> Verdict:
    """Weigh every clue of the source's own deeds."""
    clues = []
    for rule in RULES:
        weighed = rule.weigh(deeds)
        if weighed is not None:
            places = tuple(deeds.profile.seen.get(rule.places, ()))
            clues.append(
                WeighedClue(rule.name, rule.kind, round(weighed[0], 1), weighed[1], places)
            )
    return conclude(Verdict(deeds, ORDINARY, 0.0, (), tuple(clues), prior_db))


def add_clues(verdict: Verdict, clues: list[WeighedClue]) -> Verdict:
    """The verdict with clues that come from looking at other sources as well."""
    return conclude(replace(verdict, clues=verdict.clues + tuple(clues)))


def conclude(verdict: Verdict) -> Verdict:
    """Sum up the clues and say what the source is."""
    total = verdict.prior_db + sum(clue.weight_db for clue in verdict.clues)
    if total >= ATTACKER_DB:
        name = ATTACKER
    elif total >= SUSPECT_DB:
        name = SUSPECT
    elif _is_in_trouble(verdict.deeds) and not _OTHERS_FAULTS & {c.rule for c in verdict.clues}:
        name = IN_TROUBLE
    else:
        name = ORDINARY
    kinds = _kinds(verdict.deeds, verdict.clues) if name in (ATTACKER, SUSPECT) else ()
    return replace(verdict, verdict=name, weight_db=round(total, 1), kinds=kinds)


def _is_in_trouble(d: Deeds) -> bool:
    c = d.counts
    if c.refused >= TROUBLE_REFUSALS:
        latest = d.profile.latest
        corrected = latest.get("entered", 0) > latest.get("refused", 0) and d.is_single_account
        return c.refused >= LONG_TROUBLE or not corrected
    if c.looped >= TROUBLE_REFUSALS:
        return True
    is_turned_away = max(c.forbidden, d.ignored_challenges) >= TROUBLE_REFUSALS
    tries = c.registers + c.repeated
    registers_in_vain = tries >= TROUBLE_REFUSALS and c.registers > 0 and not c.succeeded
    if registers_in_vain and c.not_found >= TROUBLE_REFUSALS and c.accounts <= 2:
        return True
    if registers_in_vain and is_turned_away and c.accounts <= 2 and not c.credentials:
        return c.registers >= TROUBLE_REFUSALS
    return registers_in_vain and c.responses == 0 and c.accounts <= 2


def _kinds(d: Deeds, clues: tuple[WeighedClue, ...]) -> tuple[str, ...]:
    """Kinds of attack that the source's deeds show, in the order of an attack."""
    c = d.counts
    found = {clue.kind for clue in clues if clue.weight_db > 0 and clue.kind}
    tools = {text.split(" ")[0] for text in d.profile.texts("targets")}
    if "svmap" in tools or (c.options and d.counts.marks & f.K_SIPVICIOUS_TAG) or c.targets >= 4:
        found.add("scan")
    crowd_floods = d.crowd_rate >= FLOOD_RATE and d.crowd >= FLOOD_CROWD and not c.credentials
    if crowd_floods:
        found.add("flood")
    called = 0 if d.hunted else c.numbers - d.numbers_abroad
    names = max(c.accounts, called)
    sweeps = names >= 3 and max(c.not_found, d.ignored_challenges, c.forbidden) >= 3
    in_crowd = any(clue.rule == "crowd" for clue in clues) and not crowd_floods
    if in_crowd and 2 * c.registers > d.requests:
        found.add("enumeration")
    if "svwar" in tools or (sweeps and not found & {"exploit", "flood"}):
        found.add("enumeration")
    if c.refused + d.unanswered_passwords >= 5 or (c.refused >= 2 and d.profile.texts("guesses")):
        found.add("password_guessing")
    abroad = [number for number in d.numbers_charged if d.leaves_country(number)]
    if (abroad or d.hunt >= HUNT_STRINGS) and (d.foreign_answered or d.hunt or not c.accepted):
        found.add("toll_fraud")
    if c.hosts >= 4 and any(clue.rule == "many_hosts" for clue in clues):
        found.add("spoofed_call" if c.invites else "scan")
    if c.options and not found & {"exploit", "flood"}:
        found.add("scan")
    if not found:
        found.add("enumeration" if c.accounts >= 3 and c.registers else "scan")
    order = (
        "scan",
        "enumeration",
        "password_guessing",
        "toll_fraud",
        "flood",
        "exploit",
        "spoofed_call",
    )
    return tuple(kind for kind in order if kind in found)
