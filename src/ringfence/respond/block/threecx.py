"""3CX: its own blocklist, by its interface for programs (XAPI) or by hand."""

from __future__ import annotations

import json

from ringfence.model.measure import BlockFile, BlockPlan
from ringfence.respond.block.sheet import (
    Sheet,
    Target,
    ended,
    heading,
    sheet_of,
    without_ports,
)

_WHERE = "/xapi/v1/Blocklist"


def threecx_files(plan: BlockPlan | Sheet) -> tuple[BlockFile, ...]:
    """The entries as bodies of requests, and a page on both ways. Raises PlanError."""
    sheet = sheet_of(plan)
    return (
        BlockFile("3cx-blocklist.json", f"3CX: one request body each for POST {_WHERE}",
                  json.dumps([_entry(sheet, target) for target in sheet.whole], indent=1) + "\n"),
        BlockFile("3cx-blocklist.txt", "3CX: how to enter the list by hand or by program",
                  ended(_page(sheet))),
    )  # fmt: skip


def _entry(sheet: Sheet, target: Target) -> dict[str, object]:
    """A body of `Pbx.Blocklist`; what is left out (Id, AddedBy) 3CX gives itself."""
    return {
        "IPAddrMask": _with_mask(target),
        "BlockType": "Block",
        "Description": f"Ringfence {sheet.case_id}",
        "ExpiresAt": target.until,
    }


def _with_mask(target: Target) -> str:
    return f"{target.address}/{target.address.max_prefixlen}"


def _page(sheet: Sheet) -> list[str]:
    return [
        *heading(
            sheet,
            "3CX",
            apply="by hand or by program, as below",
            undo="by hand: delete the entries whose description names the case; by program: below",
            expires="each entry by itself, at the time that stands behind it (ExpiresAt)",
            notes=[
                (
                    "3CX answers the attacker no more, but his packets still arrive: if they are "
                    "many, use the firewall before it, or windows-firewall.ps1"
                ),
                *without_ports(sheet),
            ],
        ),
        "",
        "# By hand: Admin Console, Security (in older versions Dashboard), IP Blacklist, Add;",
        "# enter the address, the mask of a single host, Deny or Block, and the description.",
        "#",
        "# By program (3CX V20; which licence has it, 3CX says): get a token for an API client",
        "# with POST https://YOUR-3CX/connect/token (grant_type=client_credentials), then POST",
        f"# each object of 3cx-blocklist.json to https://YOUR-3CX{_WHERE}",
        "# with 'Authorization: Bearer TOKEN' and 'Content-Type: application/json'.",
        "# How your version wants the mask written, one entry made by hand shows:",
        f"# GET https://YOUR-3CX{_WHERE}",
        f"# Undo by program: GET {_WHERE} with",
        f"# $filter=Description eq 'Ringfence {sheet.case_id}', then POST the Ids found to",
        f'# {_WHERE}/Pbx.BulkIpsDelete as {{"ids": [1, 2, 3]}}.',
        "",
        *(
            f"{_with_mask(target)}  Block  until {target.until}  Ringfence {sheet.case_id}"
            for target in sheet.whole
        ),
    ]
