"""UniFi: groups of addresses. It has no file to import, so: by hand, or by its controller."""

from __future__ import annotations

import json

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

_WHERE = "/proxy/network/api/s/default/rest/firewallgroup"


def unifi_files(plan: BlockPlan | Sheet) -> tuple[BlockFile, ...]:
    """The groups as bodies of requests, and a page on both ways. Raises PlanError."""
    sheet = sheet_of(plan)
    return (
        BlockFile("unifi-groups.json", f"UniFi: request bodies for POST {_WHERE}",
                  json.dumps(_groups(sheet), indent=1) + "\n"),
        BlockFile("unifi.txt", "UniFi: how to enter the list", ended(_page(sheet))),
    )  # fmt: skip


def _groups(sheet: Sheet) -> list[dict[str, object]]:
    kinds = (("address-group", "V4", sheet.v4), ("ipv6-address-group", "V6", sheet.v6))
    return [
        {
            "name": f"Ringfence {sheet.case_id} {suffix}",
            "group_type": kind,
            "group_members": [str(target.address) for target in targets],
        }
        for kind, suffix, targets in kinds
        if targets
    ]


def _page(sheet: Sheet) -> list[str]:
    return [
        *heading(
            sheet,
            "UniFi gateways",
            apply="by hand or by program, as below",
            undo="delete the rule first, then the group",
            expires=f"NOT by itself: UniFi's groups have no end. Meant until {utc(sheet.last)}: "
            "write it into your calendar",
            notes=[
                (
                    "UniFi imports no file; a group is pasted, or made by its controller's own, "
                    "undocumented interface, which changes between versions"
                ),
                widening(),
                *without_ports(sheet),
            ],
        ),
        "",
        "# By hand: Settings, Profiles, Network Objects (older: IP Groups), create one of type",
        "# IPv4 Address (and one of IPv6) and paste the addresses below. Then Settings,",
        "# Security, Traffic & Firewall Rules (newer: Policy Engine, Zone External to Internal",
        "# and to Gateway): action Block, source the group, above all rules that allow.",
        "#",
        "# By program: sign in to the console, then POST each object of unifi-groups.json to",
        f"# https://YOUR-CONSOLE{_WHERE}",
        "",
        *(str(target.address) for target in sheet.whole),
    ]
