"""pfSense and OPNsense: the content of an alias, one address a line."""

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


def alias_files(plan: BlockPlan | Sheet) -> tuple[BlockFile, ...]:
    """The table, with how to use it. Raises PlanError."""
    sheet = sheet_of(plan)
    lines = heading(
        sheet,
        "pfSense and OPNsense",
        apply="put this file on a web server of yours, then Firewall, Aliases, add one of type "
        "URL Table (IPs) with its address, refreshed each day",
        undo="delete the rule, then the alias",
        expires=f"NOT by itself: meant until {utc(sheet.last)}. Empty the file then, or delete "
        "the rule",
        notes=[
            (
                "then Firewall, Rules, WAN: add a rule at the top, action Block, protocol any, "
                "source the alias"
            ),
            (
                "without a web server: an alias of type Host(s) takes the addresses pasted "
                "(pfSense: Import); up to some thousands"
            ),
            "states that exist go on: Diagnostics, States, filter by address, kill them",
            widening(),
            *without_ports(sheet),
        ],
    )
    text = ended([*lines, "", *(str(target.address) for target in sheet.whole)])
    return (BlockFile("pfsense-opnsense.txt", "pfSense, OPNsense: table for an alias", text),)
