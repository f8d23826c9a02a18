"""The checklist of a case: what was done, what waits for somebody, what is still to do."""

from __future__ import annotations

from ringfence.model.follow_up import DONE, NOT_NEEDED, TO_DO, WAITING
from ringfence.model.incident import FollowUpStep
from ringfence.model.text import count
from ringfence.reports.report import Checklist, ChecklistLine
from ringfence.reports.words import MAX_SENTENCE, told

# Lines of the list: some for the case, and three for each network.
MAX_STEPS = 200
# States in words, with the tone that repeats them; never the colour alone.
_STATES = {
    DONE: ("done", "calm"),
    WAITING: ("waiting", "plain"),
    TO_DO: ("to do", "warn"),
    NOT_NEEDED: ("not needed", "past"),
}
_OVERDUE = ("overdue", "alarm")


def check_off(steps: list[FollowUpStep], made_at: str) -> Checklist | None:
    """The list as it stands on the day of the report; None where nothing is known of it."""
    if not steps:
        return None
    today = made_at[:10]
    return Checklist(
        summary=_summary(steps, today),
        lines=tuple(_line(step, today) for step in steps[:MAX_STEPS]),
        more=max(0, len(steps) - MAX_STEPS),
    )


def _line(step: FollowUpStep, today: str) -> ChecklistLine:
    state, tone = _STATES.get(step.state, (told(step.state, 20), "plain"))
    if _is_overdue(step, today):
        state, tone = _OVERDUE
    return ChecklistLine(
        state=state,
        tone=tone,
        title=told(step.title),
        network=told(step.network or "", 60),
        when=_when(step),
        says=told(step.says, MAX_SENTENCE),
    )


def _when(step: FollowUpStep) -> str:
    if step.state == DONE and step.at:
        return told(step.at[:10], 10)
    if step.due and step.state == WAITING:
        return f"until {told(step.due, 10)}"
    return f"due {told(step.due, 10)}" if step.due and step.state == TO_DO else ""


def _is_overdue(step: FollowUpStep, today: str) -> bool:
    return step.state in (TO_DO, WAITING) and step.due is not None and step.due < today


def _summary(steps: list[FollowUpStep], today: str) -> str:
    needed = [step for step in steps if step.state != NOT_NEEDED]
    done = sum(step.state == DONE for step in needed)
    late = sum(_is_overdue(step, today) for step in needed)
    waiting = sum(step.state == WAITING for step in needed)
    parts = [f"{done:,} of {count(len(needed), 'step')} done"]
    if waiting:
        parts.append(f"{waiting:,} {'waits' if waiting == 1 else 'wait'} for somebody else")
    if late:
        parts.append(f"{late:,} overdue")
    return "; ".join(parts) + "." + _next(needed)


def _next(needed: list[FollowUpStep]) -> str:
    """The step to take now: the one that is due first, else the first of the path."""
    open_ = [step for step in needed if step.state == TO_DO]
    if not open_:
        return ""
    step = min(open_, key=lambda one: one.due or "9999")
    of = f" ({told(step.network, 60)})" if step.network else ""
    due = f", due {told(step.due, 10)}" if step.due else ""
    return f" Next: {told(step.title)}{of}{due}."
