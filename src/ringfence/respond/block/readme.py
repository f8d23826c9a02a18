"""The page in the folder `block/`: who is blocked, who is not and why, which file for whom."""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.model.endpoint import plain_address
from ringfence.model.measure import BlockFile, BlockPlan
from ringfence.respond.block.sheet import Sheet, ended, our_words, sheet_of, utc

# Rows of each table; addresses.txt and the incident document have all.
_LISTED = 200


def readme_file(plan: BlockPlan | Sheet, files: Sequence[BlockFile]) -> BlockFile:
    """README.md of the folder. Raises PlanError."""
    sheet = sheet_of(plan)
    lines = [
        f"# Block lists of case {sheet.case_id}",
        "",
        (
            f"Made {utc(sheet.made_at)}. These files change nothing until you use one of them: "
            "choose the line of your firewall, read the head of the file, apply it, and keep its "
            "undo at hand. One place is enough, the one nearest to the Internet."
        ),
        "",
        "## Blocked",
        "",
    ]
    if sheet.targets:
        lines += ["| address | source ports | until | why |", "|---|---|---|---|"]
        lines += [
            f"| {t.address} | {', '.join(map(str, t.ports)) or 'all'} | {t.until} | {t.reason} |"
            for t in sheet.targets[:_LISTED]
        ]
        if len(sheet.targets) > _LISTED:
            lines += ["", f"and {len(sheet.targets) - _LISTED} more: see addresses.txt."]
        lines += [
            "",
            (
                "IPv6 addresses are blocked one by one (/128). An attacker often owns a whole /64: "
                "each file says how to widen it, once you know that no user of yours is in it."
            ),
        ]
    else:
        lines.append("Nothing to block. The files are there, and empty.")
    lines += ["", "## Left out, and why", ""]
    if sheet.withheld:
        lines += ["| address | why not |", "|---|---|"]
        lines += [
            f"| {_named(one.address)} | {our_words(one.reason)} |"
            for one in sheet.withheld[:_LISTED]
        ]
        if len(sheet.withheld) > _LISTED:
            lines += ["", f"and {len(sheet.withheld) - _LISTED} more of the same kind."]
    else:
        lines.append("Nobody who is accused was left out.")
    lines += ["", "## Files", "", "| file | for |", "|---|---|"]
    lines += [f"| `{file.name}` | {file.what} |" for file in files]
    return BlockFile("README.md", "who is blocked, who is not and why, which file for whom",
                     ended(lines))  # fmt: skip


def _named(text: str) -> str:
    address = plain_address(text)
    return "(no address)" if address is None else str(address)
