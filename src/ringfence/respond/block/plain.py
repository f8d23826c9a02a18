"""A plain list: one address a line, for everything else."""

from __future__ import annotations

from ringfence.model.measure import BlockFile, BlockPlan
from ringfence.respond.block.sheet import (
    Sheet,
    ended,
    heading,
    sheet_of,
    utc,
    widening,
    without_ports,
)


def plain_files(plan: BlockPlan | Sheet) -> tuple[BlockFile, ...]:
    """The list. Raises PlanError."""
    sheet = sheet_of(plan)
    lines = heading(
        sheet,
        "one address a line",
        apply="paste it into what your firewall, router or provider asks for",
        undo="take the same addresses out again",
        expires=f"NOT by itself: meant until {utc(sheet.last)}",
        notes=[widening(), *without_ports(sheet)],
    )
    text = ended([*lines, "", *(str(target.address) for target in sheet.whole)])
    return (BlockFile("addresses.txt", "the addresses alone, for everything else", text),)
