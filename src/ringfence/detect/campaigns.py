"""Sources that one hand moves: joined by what survives a change of address.

How it works: each accused source has traits (User-Agent with order of headers,
numbers and ranges dialled, accounts taken). Sources that share a trait belong
together, and so do those that share one with them. A trait that an innocent
source shows as well joins nobody. The id is made of the traits, so that the same
hand gets the same id in a later capture.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from ringfence.detect.numbers import digits_of
from ringfence.detect.verdict import ATTACKER, SUSPECT, Verdict
from ringfence.model.incident import Campaign
from ringfence.model.text import shown

# Decibans that a shared trait is worth: how rarely two strangers share it.
_SURE_DB = {
    "number": 30.0,
    "account": 25.0,
    "range": 15.0,
    "hand": 20.0,
    "target": 12.0,
    "crowd": 10.0,
}
# Traits that a campaign's description names, and those that the document keeps to join
# later captures; a spread attack has no more that tell anything.
_SHOWN_TRAITS = 4
_KEPT_TRAITS = 200

Trait = tuple[str, str]


def find_campaigns(verdicts: Sequence[Verdict]) -> list[Campaign]:
    """Campaigns of the accused sources, largest first; a source alone is one, too."""
    accused = [v for v in verdicts if v.verdict in (ATTACKER, SUSPECT)]
    others = [v for v in verdicts if v.verdict not in (ATTACKER, SUSPECT) and not _is_ours(v)]
    innocent = {t for v in others for t in _traits(v)}
    traits = {str(v.deeds.address): _traits(v) - innocent for v in accused}
    groups = _join(traits)
    campaigns = [_campaign(members, traits) for members in groups]
    return sorted(campaigns, key=lambda c: (-len(c.sources), c.id))


def _is_ours(v: Verdict) -> bool:
    """Our own server shows the traits of all whose calls it passes on."""
    return any(clue.rule == "ours" for clue in v.clues)


def _traits(v: Verdict) -> frozenset[Trait]:
    profile = v.deeds.profile
    found: set[Trait] = set()
    if v.deeds.hand is not None:
        order, _, agent = v.deeds.hand
        found.add(("hand", f"{agent} {order:016x}"))
    for number in v.deeds.foreign:
        digits = digits_of(number)
        found.add(("number", digits[-9:]))
        found.add(("range", digits[-11:-3]))
    if any(clue.rule == "crowd" for clue in v.clues):
        found.add(("crowd", f"{v.deeds.counts.order:016x}"))
    if any(clue.rule == "spread_guessing" for clue in v.clues):
        found |= {("target", account) for account in profile.texts("refused_accounts")}
    if v.verdict == ATTACKER:
        found |= {("account", account) for account in profile.texts("accepted_accounts")}
        if any(clue.rule == "taken_account" for clue in v.clues):
            found |= {("account", account) for account in profile.texts("accounts")}
    return frozenset(found)


def _join(traits: dict[str, frozenset[Trait]]) -> list[list[str]]:
    """Connected groups of sources, by shared traits (union by trait, linear)."""
    by_trait: dict[Trait, list[str]] = defaultdict(list)
    for source, its in traits.items():
        for trait in its:
            by_trait[trait].append(source)
    groups, seen = [], set()
    for source in traits:
        if source in seen:
            continue
        seen.add(source)
        members, todo = [], [source]
        while todo:
            member = todo.pop()
            members.append(member)
            for trait in traits[member]:
                others = by_trait.pop(trait, [])
                new = [other for other in others if other not in seen]
                seen.update(new)
                todo += new
        groups.append(members)
    return groups


def _campaign(members: list[str], traits: dict[str, frozenset[Trait]]) -> Campaign:
    counts: dict[Trait, int] = defaultdict(int)
    for member in members:
        for trait in traits[member]:
            counts[trait] += 1
    shared = sorted((t for t, n in counts.items() if n > 1), key=lambda t: (-counts[t], t))
    telling = shared or sorted(counts)
    digest = hashlib.sha256(repr(sorted(telling)[:_SHOWN_TRAITS] or members).encode()).hexdigest()
    sure = sum(_SURE_DB[kind] for kind in {kind for kind, _ in shared})
    return Campaign(
        id=f"C-{digest[:8]}",
        sources=members,
        fingerprint="; ".join(_describe(t) for t in telling[:_SHOWN_TRAITS]) or "one source",
        sure_db=round(sure, 1),
        traits=[f"{kind}:{shown(value)}" for kind, value in _telling(counts)[:_KEPT_TRAITS]],
    )


def _telling(counts: dict[Trait, int]) -> list[Trait]:
    """Traits of a campaign: what most strangers do not share first, then what most members do."""
    return sorted(counts, key=lambda t: (-_SURE_DB[t[0]], -counts[t], t))


def _describe(trait: Trait) -> str:
    kind, value = trait
    if kind == "hand":
        agent, _, order = value.rpartition(" ")
        return f"User-Agent {shown(agent)!r} with headers in order {order}"
    words = {
        "number": "calls …{}",
        "range": "calls numbers of the range …{}xxx",
        "account": "uses account {}",
        "target": "guesses at account {}",
        "crowd": "headers in order {}",
    }
    return words[kind].format(shown(value))
