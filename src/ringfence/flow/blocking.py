"""A verdict to a plan of blocks, and to the lists of every firewall."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ringfence.flow.investigation import Investigation, Owner
from ringfence.flow.messages import find_messages
from ringfence.model.incident import Incident

if TYPE_CHECKING:
    from ringfence.model.dossier import FolderFile
    from ringfence.model.measure import BlockPlan, Sharing


def look_at_sharing(paths: list[str], incident: Incident) -> tuple[Sharing, ...]:
    """Who shares the addresses of attackers that were let in; reads the captures once more.

    Nothing for standard input, which is gone. Raises CaptureError.
    """
    accused = {
        s.address: {call.account for call in s.calls_answered}
        for s in incident.suspects
        if s.verdict == "attacker" and s.proven != "none" and s.accounts_taken
    }
    if not accused or "-" in paths:
        return ()
    from ringfence.model.question import Question
    from ringfence.search import sharing

    selection = find_messages(paths, Question(addresses=tuple(accused)))
    return sharing.look_at_sharing(selection, accused)


def plan_blocks(
    found: Investigation,
    owner: Owner,
    case_id: str,
    now: datetime,
    lasts: timedelta | None = None,
    sharing: Sequence[Sharing] = (),
) -> BlockPlan:
    """Whom to block until when (a week), whom not and why. Raises ValueError."""
    from ringfence.respond import plan

    return plan.plan_blocks(
        found.incident, owner.known, owner.servers, case_id, now, lasts or plan.LASTS, sharing
    )


def write_blocks(plan: BlockPlan, folder: str, device: str | None = None) -> list[FolderFile]:
    """A block list for each kind of firewall, in `folder`. Raises ValueError, OSError."""
    from ringfence.respond.block import folder as block

    return block.write_blocks(plan, Path(folder), device)
