"""Cisco IOS: named access lists whose entries end by the router's clock."""

from __future__ import annotations

from ringfence.model.measure import BlockFile, BlockPlan
from ringfence.respond.block.sheet import Sheet, Target, ended, heading, sheet_of, widening

_STEP = 10
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


def cisco_files(plan: BlockPlan | Sheet) -> tuple[BlockFile, ...]:
    """The lists and their undo. Raises PlanError."""
    sheet = sheet_of(plan)
    return (
        BlockFile("cisco-ios.txt", "Cisco IOS: named access lists", ended(_list(sheet))),
        BlockFile("cisco-ios-undo.txt", "takes the Cisco lists away again", ended(_undo(sheet))),
    )


def _list(sheet: Sheet) -> list[str]:
    lines = _heading(sheet, "Cisco IOS")
    if not sheet.targets:
        return lines
    ends = sheet.last
    lines += [
        "configure terminal",
        f"time-range {_name(sheet)}",
        f" absolute end {ends:%H:%M} {ends.day} {_MONTHS[ends.month - 1]} {ends.year}",
        " exit",
    ]
    for version, kind in ((4, "ip access-list extended"), (6, "ipv6 access-list")):
        targets = [t for t in sheet.targets if t.address.version == version]
        if targets:
            lines += [f"{kind} {_name(sheet)}-V{version}", *_entries(sheet, version, targets)]
    return [
        *lines,
        "end",
        "! now, on the interface towards the Internet:",
        f"!  ip access-group {_name(sheet)}-V4 in",
        f"!  ipv6 traffic-filter {_name(sheet)}-V6 in",
    ]


def _entries(sheet: Sheet, version: int, targets: list[Target]) -> list[str]:
    protocol = "ip" if version == 4 else "ipv6"
    entries = []
    for target in targets:
        if not target.ports:
            entries.append(f"deny {protocol} host {target.address} any")
        entries += [
            f"deny {transport} host {target.address} eq {port} any"
            for port in target.ports
            for transport in ("udp", "tcp")
        ]
    entries = [e + f" time-range {_name(sheet)}" if e.startswith("deny") else e for e in entries]
    entries.append(f"permit {protocol} any any")
    # IOS numbers entries of ip lists in front, those of ipv6 lists with a word.
    word = "" if version == 4 else "sequence "
    numbered = [f" {word}{n * _STEP} {entry}" for n, entry in enumerate(entries, 1)]
    # Older IOS knows no number before a remark.
    return [f" remark Ringfence case {sheet.case_id}", *numbered, " exit"]


def _undo(sheet: Sheet) -> list[str]:
    return [
        *_heading(sheet, "Cisco IOS, the undo"),
        "! first, on the interface towards the Internet:",
        f"!  no ip access-group {_name(sheet)}-V4 in",
        f"!  no ipv6 traffic-filter {_name(sheet)}-V6 in",
        "configure terminal",
        f"no ip access-list extended {_name(sheet)}-V4",
        f"no ipv6 access-list {_name(sheet)}-V6",
        f"no time-range {_name(sheet)}",
        "end",
    ]


def _heading(sheet: Sheet, title: str) -> list[str]:
    return heading(
        sheet,
        title,
        apply="paste it in enable mode, then do what the last lines say",
        undo="paste cisco-ios-undo.txt",
        expires="entries by themselves, by the router's own clock and zone (times here are UTC: "
        "check 'show clock'); the lists stay, and permit all, until the undo",
        notes=[
            (
                "AN INTERFACE HAS ONE LIST FOR EACH DIRECTION. If yours has one, do not replace "
                "it: put the deny lines at the top of that one"
            ),
            (
                "each list ends with a permit for everybody else: without it IOS drops all the "
                "rest, your calls among it. Keep it the last line"
            ),
            "pasting twice is pasting once: lines keep their numbers. For another list, undo first",
            widening("write 'deny ipv6 ADDRESS/64 any'"),
        ],
        mark="!",
    )


def _name(sheet: Sheet) -> str:
    return f"RINGFENCE-{sheet.case_id}"
