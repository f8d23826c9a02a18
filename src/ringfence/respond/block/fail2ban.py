"""fail2ban: bans in a jail that is there already."""

from __future__ import annotations

from ringfence.model.measure import BlockFile, BlockPlan
from ringfence.respond.block.sheet import (
    Sheet,
    ended,
    heading,
    in_parts,
    sheet_of,
    utc,
    widening,
    without_ports,
)

# Addresses in one call: command lines have an end.
_IN_A_CALL = 100


def fail2ban_files(plan: BlockPlan | Sheet) -> tuple[BlockFile, ...]:
    """A script and its undo, for a POSIX shell. Raises PlanError."""
    sheet = sheet_of(plan)
    return (
        BlockFile("fail2ban.sh", "fail2ban: bans in a jail of yours",
                  ended(_script(sheet, "fail2ban", "fail2ban.sh", "banip"))),
        BlockFile("fail2ban-undo.sh", "lifts these bans again",
                  ended(_script(sheet, "fail2ban, the undo", "fail2ban-undo.sh", "unbanip"))),
    )  # fmt: skip


def _script(sheet: Sheet, title: str, name: str, verb: str) -> list[str]:
    lines = [
        "#!/bin/sh",
        *heading(
            sheet,
            title,
            apply=f"sh {name} JAIL   (as root; JAIL is asterisk if nothing is given)",
            undo="sh fail2ban-undo.sh JAIL",
            expires="after the bantime of the jail, which rules alone: "
            f"'fail2ban-client get JAIL bantime'. Meant until {utc(sheet.last)}",
            notes=[
                "a jail bans from its own ports only: choose one whose action is for all ports",
                widening(),
                *without_ports(sheet),
            ],
        ),
        "set -eu",
        'jail="${1:-asterisk}"',
        'fail2ban-client status "$jail" >/dev/null || {',
        '    echo "no jail named $jail: fail2ban-client status lists them" >&2',
        "    exit 2",
        "}",
    ]
    for part in in_parts(sheet.whole, _IN_A_CALL):
        addresses = " ".join(str(target.address) for target in part)
        lines.append(f'fail2ban-client set "$jail" {verb} {addresses}')
    return lines
