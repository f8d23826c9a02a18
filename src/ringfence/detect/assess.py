"""All sources at one moment: weighed for themselves, then by what the others say of them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from ringfence.detect.deeds import Address, Deeds
from ringfence.detect.links import Survey, survey
from ringfence.detect.plan import Plan, learn_plan
from ringfence.detect.servers import find_ours
from ringfence.detect.verdict import Verdict, weigh
from ringfence.detect.watch import Sources


@dataclass(frozen=True, slots=True)
class Assessment:
    """The verdicts, and what they were reached with."""

    verdicts: tuple[Verdict, ...]
    ours: tuple[Address, ...]
    plan: Plan
    seen: Survey


def assess(
    sources: Sources,
    servers: tuple[Address, ...] = (),
    known: Collection[Address] = (),
    weigh: Callable[[Deeds], Verdict] = weigh,
    look_again: Callable[[Survey, Verdict], Verdict] = Survey.look_again,
) -> Assessment:
    """Verdicts on all remarkable sources. `servers` and `known` are what the owner named."""
    ours = servers or find_ours(sources.servers)
    plan = learn_plan(sources.remarkable, ours)
    weighed = [weigh(replace(deeds, plan=plan)) for deeds in sources.remarkable]
    seen = survey(weighed, ours, known)
    return Assessment(tuple(look_again(seen, v) for v in weighed), ours, plan, seen)
