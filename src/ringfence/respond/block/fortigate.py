"""FortiGate: addresses and groups for the command line, or a feed to fetch."""

from __future__ import annotations

from ringfence.model.measure import BlockFile, BlockPlan
from ringfence.respond.block.sheet import (
    Sheet,
    Target,
    ended,
    heading,
    in_parts,
    sheet_of,
    utc,
    widening,
    without_ports,
)

# Members of one group: small models take no more (maximum values table: 600 and up).
_IN_A_GROUP = 500


def fortigate_files(plan: BlockPlan | Sheet) -> tuple[BlockFile, ...]:
    """Command lines, their undo, and the same as a threat feed. Raises PlanError."""
    sheet = sheet_of(plan)
    feed = "".join(f"{target.address}\n" for target in sheet.whole)
    return (
        BlockFile("fortigate.txt", "FortiGate: addresses, groups and policies to paste",
                  ended(_list(sheet))),
        BlockFile("fortigate-undo.txt", "takes the FortiGate objects away again",
                  ended(_undo(sheet))),
        BlockFile("fortigate-feed.txt", "FortiGate: the same as a threat feed, addresses only",
                  feed),
    )  # fmt: skip


def _list(sheet: Sheet) -> list[str]:
    lines = _heading(sheet, "FortiGate", "paste it on the command line (one VDOM)")
    if not sheet.whole:
        return lines
    lines += ["", *_schedule(sheet)]
    for version, targets in ((4, sheet.v4), (6, sheet.v6)):
        if not targets:
            continue
        six = "6" if version == 6 else ""
        lines += [f"config firewall address{six}"]
        for target in targets:
            lines += [f'    edit "{_object(sheet, target)}"', f"        {_value(target)}"]
            lines += [f'        set comment "Ringfence {sheet.case_id}"', "    next"]
        lines += ["end", f"config firewall addrgrp{six}"]
        for number, part in enumerate(in_parts(targets, _IN_A_GROUP), 1):
            members = " ".join(f'"{_object(sheet, target)}"' for target in part)
            lines += [f'    edit "{_group(sheet, version, number)}"']
            lines += [f"        set member {members}", "    next"]
        lines += ["end"]
    return [*lines, *_policies(sheet)]


def _schedule(sheet: Sheet) -> list[str]:
    return [
        "config firewall schedule onetime",
        f'    edit "{_name(sheet)}"',
        f"        set start {sheet.made_at:%H:%M %Y/%m/%d}",
        f"        set end {sheet.last:%H:%M %Y/%m/%d}",
        "    next",
        "end",
    ]


def _policies(sheet: Sheet) -> list[str]:
    """`match-vip`: a policy that denies does not look behind virtual addresses by itself."""
    lines = []
    for version, targets in ((4, sheet.v4), (6, sheet.v6)):
        if not targets:
            continue
        six = "6" if version == 6 else ""
        groups = " ".join(
            f'"{_group(sheet, version, number)}"'
            for number, _ in enumerate(in_parts(targets, _IN_A_GROUP), 1)
        )
        lines += [
            "# edit the interface, paste, then move this policy above all others",
            "config firewall policy",
            "    edit 0",
            f'        set name "{_name(sheet)}-V{version}"',
            '        set srcintf "wan1"',
            '        set dstintf "any"',
            f"        set srcaddr{six} {groups}",
            f'        set dstaddr{six} "all"',
            "        set action deny",
            f'        set schedule "{_name(sheet)}"',
            '        set service "ALL"',
            *([] if six else ["        set match-vip enable"]),
            "        set logtraffic all",
            "    next",
            "end",
        ]
    return lines


def _undo(sheet: Sheet) -> list[str]:
    lines = _heading(sheet, "FortiGate, the undo", "paste it on the command line")
    lines += [
        f"# First delete the policies {_name(sheet)}-V4 and -V6 (Policy & Objects): their",
        "# numbers were given by the FortiGate, and what a policy uses cannot be deleted.",
        "",
    ]
    for version, targets in ((4, sheet.v4), (6, sheet.v6)):
        if not targets:
            continue
        six = "6" if version == 6 else ""
        parts = enumerate(in_parts(targets, _IN_A_GROUP), 1)
        lines += [f"config firewall addrgrp{six}"]
        lines += [f'    delete "{_group(sheet, version, number)}"' for number, _ in parts]
        lines += ["end", f"config firewall address{six}"]
        lines += [f'    delete "{_object(sheet, target)}"' for target in targets]
        lines += ["end"]
    if sheet.whole:
        lines += ["config firewall schedule onetime", f'    delete "{_name(sheet)}"', "end"]
    return lines


def _heading(sheet: Sheet, title: str, apply: str) -> list[str]:
    return heading(
        sheet,
        title,
        apply=apply,
        undo="fortigate-undo.txt",
        expires=f"the policy by itself, {utc(sheet.last)} written as the FortiGate's own time "
        "(times here are UTC: check 'get system status'); the objects stay until the undo",
        notes=[
            'srcintf "wan1" is a guess: write your interface towards the Internet',
            (
                "instead: put fortigate-feed.txt on a web server of yours, then Security Fabric, "
                "External Connectors, IP Address; the feed carries no comments and does not expire"
            ),
            "what goes to the FortiGate itself needs a local-in policy with the same groups",
            widening("write 'set ip6 ADDRESS/64'"),
            *without_ports(sheet),
        ],
    )


def _value(target: Target) -> str:
    if target.address.version == 4:
        return f"set subnet {target.address} 255.255.255.255"
    return f"set ip6 {target.address}/128"


def _object(sheet: Sheet, target: Target) -> str:
    return f"{_name(sheet)}-{target.address}"


def _group(sheet: Sheet, version: int, number: int) -> str:
    return f"{_name(sheet)}-V{version}-{number}"


def _name(sheet: Sheet) -> str:
    """At most 31 characters: names of schedules have no more."""
    return sheet.case_id if sheet.case_id.startswith("RF-") else f"RF-{sheet.case_id}"
