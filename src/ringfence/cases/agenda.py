"""What is due today over all cases, in the order in which to do it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ringfence.model.case import Case
from ringfence.model.follow_up import STEPS, TO_DO, FollowUp

# What bleeds comes first, however new it is; then what is late longest.
_URGENT = ("carrier_told", "credentials_fixed", "blocked", "isp_asked")
_ORDER = {step: place for place, step in enumerate(STEPS)}


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to do: the step, and all networks of the case that ask for the same."""

    case: Case
    step: FollowUp
    networks: tuple[str, ...] = ()


def agenda(cases: Iterable[tuple[Case, Sequence[FollowUp]]], today: str) -> list[Due]:
    """What is due, most urgent first; the same command is asked for once."""
    day = today[:10]
    wanted = [Due(case, step) for case, steps in cases for step in _due(steps, day)]
    # What an earlier case repeats of a later one stands with the later one.
    wanted.sort(key=lambda one: (one.case.id not in one.step.command, *_urgency(one.step)))
    together: dict[tuple[str, str], Due] = {}
    for one in wanted:
        key = (one.step.step, one.step.command)
        before = together.get(key)
        if before is None:
            networks = (one.step.network,) if one.step.network else ()
            together[key] = replace(one, networks=networks)
        elif one.step.network and one.step.network not in before.networks:
            together[key] = replace(before, networks=(*before.networks, one.step.network))
    return sorted(together.values(), key=lambda one: (*_urgency(one.step), one.case.id))


def is_due(step: FollowUp, today: str) -> bool:
    """Whether a step is to be done by the end of this day."""
    return step.state == TO_DO and step.due is not None and step.due <= today[:10]


def _due(steps: Sequence[FollowUp], day: str) -> list[FollowUp]:
    """Due steps without those that another one of the same network stands for."""
    due = [step for step in steps if is_due(step, day)]
    unknown = {step.network for step in due if step.step == "contact_found"}
    phones = {step.network for step in due if step.step == "abuse_phoned"}
    return [
        step
        for step in due
        if not (step.step in ("abuse_mailed", "abuse_phoned") and step.network in unknown)
        # A desk that was silent is telephoned before it is written to again.
        and not (step.step == "abuse_mailed" and step.at and step.network in phones)
    ]


def _urgency(step: FollowUp) -> tuple[int, str, int]:
    urgent = _URGENT.index(step.step) if step.step in _URGENT else len(_URGENT)
    return urgent, step.due or "", _ORDER[step.step]
