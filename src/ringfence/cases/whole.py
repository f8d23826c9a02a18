"""Several investigations of one case as one incident."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from ringfence.model.incident import Campaign, Clue, Incident, Suspect, UnlistedCalls

T = TypeVar("T")


def combine(incidents: Sequence[Incident]) -> Incident:
    """One document of all; who is accused in several of them is accused once.

    The first is the case itself: of what is told once for a case, its word stands.
    """
    if len(incidents) == 1:
        return incidents[0]
    return replace(
        incidents[0],
        inputs=[one for incident in incidents for one in incident.inputs],
        defended=_each(incidents, lambda incident: incident.defended),
        suspects=_suspects(incidents),
        in_trouble=_each(incidents, lambda incident: incident.in_trouble),
        ordinary=max(incident.ordinary for incident in incidents),
        campaigns=_campaigns(incidents),
        attribution=_each(incidents, lambda incident: incident.attribution),
    )


def _suspects(incidents: Iterable[Incident]) -> list[Suspect]:
    """Everybody once, the surest first; clues name messages by the number of their file."""
    found: dict[str, Suspect] = {}
    before = 0
    for incident in incidents:
        for one in incident.suspects:
            here = replace(one, clues=[_moved(clue, before) for clue in one.clues])
            known = found.get(one.address)
            found[one.address] = _both(known, here) if known else here
        before += len(incident.inputs)
    return sorted(found.values(), key=lambda one: -one.weight_db)


def _both(one: Suspect, other: Suspect) -> Suspect:
    """One source in two captures: counts add up, the surer verdict and its clues stand."""
    surer, weaker = (one, other) if one.weight_db >= other.weight_db else (other, one)
    return replace(
        surer,
        kinds=_once(surer.kinds, weaker.kinds),
        proven=surer.proven if surer.proven != "none" else weaker.proven,
        messages=one.messages + other.messages,
        first_seen=min(filter(None, (one.first_seen, other.first_seen)), default=""),
        last_seen=max(one.last_seen, other.last_seen),
        ports=_once(one.ports, other.ports),
        claimed_user_agents=_once(one.claimed_user_agents, other.claimed_user_agents),
        methods={
            name: one.methods.get(name, 0) + other.methods.get(name, 0)
            for name in {**one.methods, **other.methods}
        },
        # Names may be the same in both: at least so many.
        accounts_tried=max(one.accounts_tried, other.accounts_tried),
        accounts_tried_sample=_once(one.accounts_tried_sample, other.accounts_tried_sample),
        guesses=one.guesses + other.guesses,
        guesses_masked=_once(one.guesses_masked, other.guesses_masked),
        accounts_taken=_once(one.accounts_taken, other.accounts_taken),
        numbers_dialled=_once(one.numbers_dialled, other.numbers_dialled),
        dialled_sample=_once(one.dialled_sample, other.dialled_sample),
        calls_answered=[*one.calls_answered, *other.calls_answered],
        minutes=one.minutes + other.minutes,
        estimated_cost=_sum(one.estimated_cost, other.estimated_cost),
        currency=one.currency or other.currency,
        calls_unlisted=_unlisted(one.calls_unlisted, other.calls_unlisted),
    )


def _unlisted(one: UnlistedCalls, other: UnlistedCalls) -> UnlistedCalls:
    return UnlistedCalls(
        one.calls + other.calls,
        one.minutes + other.minutes,
        _sum(one.cost, other.cost),
        one.unpriced + other.unpriced,
    )


def _campaigns(incidents: Iterable[Incident]) -> list[Campaign]:
    """Those of one name are one hand."""
    found: dict[str, Campaign] = {}
    for campaign in chain.from_iterable(incident.campaigns for incident in incidents):
        known = found.setdefault(campaign.id, campaign)
        found[campaign.id] = replace(
            known,
            sources=_once(known.sources, campaign.sources),
            sure_db=max(known.sure_db, campaign.sure_db),
            traits=_once(known.traits, campaign.traits),
        )
    return sorted(found.values(), key=lambda one: -len(one.sources))


def _moved(clue: Clue, by: int) -> Clue:
    return replace(clue, messages=[replace(m, input=m.input + by) for m in clue.messages])


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None and other is None else (one or 0.0) + (other or 0.0)


def _once(one: Iterable[T], other: Iterable[T]) -> list[T]:
    found: list[T] = []
    for value in chain(one, other):
        if value not in found:
            found.append(value)
    return found


def _each(incidents: Iterable[Incident], of: Callable[[Incident], Iterable[T]]) -> list[T]:
    return _once((), chain.from_iterable(of(incident) for incident in incidents))
