"""The hand that returns: a new incident against the traits of earlier cases.

How it works: each campaign of the incident document carries traits, what survives
a change of address. Traits of one kind count once; kinds add up, in decibans. What
strangers share by chance, a tool that everybody can load down, weighs little.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ringfence.model.case import Returning
from ringfence.model.incident import Incident

# Worst first, in words that a title can use.
KIND_WORDS: Mapping[str, str] = {
    "toll_fraud": "toll fraud",
    "spoofed_call": "forged calls",
    "exploit": "exploit attempts",
    "flood": "flood",
    "password_guessing": "password guessing",
    "enumeration": "enumeration",
    "scan": "scan",
}
# A hundred to one that both are of one hand.
SURE_DB = 20.0
# How rarely two strangers share it. An address may change its tenant, an account be sold.
_WEIGHTS: Mapping[str, float] = {
    "address": 25.0,
    "number": 25.0,
    "account": 15.0,
    "range": 12.0,
    "hand": 15.0,
    "target": 8.0,
    "crowd": 8.0,
}
# User-Agents of tools that anybody can load down tell who wrote them, not who runs them.
_COMMON = ("friendly-scanner", "sipvicious", "sipcli", "pplsip", "sundayddr", "vaxsip", "sip-scan")
_COMMON_DB = 4.0
# Traits of one case that are compared; the rest of a crowd says nothing more.
MAX_TRAITS = 500


def traits_of(incident: Incident) -> tuple[str, ...]:
    """`kind:value` of all campaigns and addresses, sorted, up to MAX_TRAITS."""
    traits = {trait for campaign in incident.campaigns for trait in campaign.traits}
    traits |= {f"address:{s.address}" for s in incident.suspects if s.proven != "none"}
    return tuple(sorted(traits, key=lambda trait: (-_weight(trait), trait))[:MAX_TRAITS])


def same_hand(traits: Iterable[str], earlier: Mapping[str, Iterable[str]]) -> tuple[Returning, ...]:
    """Earlier cases (traits by case number) of the same hand, the surest first."""
    wanted = set(traits)
    found = []
    for case_id, theirs in earlier.items():
        shared = sorted(wanted.intersection(theirs))
        sure = _sure(shared)
        if sure >= SURE_DB:
            found.append(Returning(case_id, tuple(shared), round(sure, 1)))
    return tuple(sorted(found, key=lambda one: (-one.sure_db, one.case_id)))


def _sure(shared: Iterable[str]) -> float:
    by_kind: dict[str, float] = defaultdict(float)
    for trait in shared:
        kind = trait.partition(":")[0]
        by_kind[kind] = max(by_kind[kind], _weight(trait))
    return sum(by_kind.values())


def _weight(trait: str) -> float:
    kind, _, value = trait.partition(":")
    if kind == "hand" and value.lower().startswith(_COMMON):
        return _COMMON_DB
    return _WEIGHTS.get(kind, 0.0)
