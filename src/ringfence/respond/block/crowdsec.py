"""CrowdSec: decisions to import, which end by themselves."""

from __future__ import annotations

import json

from ringfence.model.measure import BlockFile, BlockPlan
from ringfence.respond.block.sheet import Sheet, ended, heading, sheet_of, widening, without_ports


def crowdsec_files(plan: BlockPlan | Sheet) -> tuple[BlockFile, ...]:
    """Decisions as JSON, scripts that import and delete them. Raises PlanError."""
    sheet = sheet_of(plan)
    decisions = [
        {
            "duration": f"{target.seconds}s",
            "reason": f"ringfence/{sheet.case_id}",
            "scope": "ip",
            "type": "ban",
            "value": str(target.address),
        }
        for target in sheet.whole
    ]
    return (
        BlockFile("crowdsec.json", "CrowdSec: decisions for crowdsec.sh",
                  json.dumps(decisions, indent=1) + "\n"),
        BlockFile("crowdsec.sh", "CrowdSec: imports crowdsec.json", ended(_import(sheet))),
        BlockFile("crowdsec-undo.sh", "deletes these decisions again", ended(_undo(sheet))),
    )  # fmt: skip


def _import(sheet: Sheet) -> list[str]:
    lines = [*_heading(sheet, "CrowdSec", "sh crowdsec.sh   (as root)"), "set -eu"]
    if sheet.whole:
        lines += [
            'cd "$(dirname "$0")"',
            "cscli decisions import -i crowdsec.json",
        ]
    return lines


def _undo(sheet: Sheet) -> list[str]:
    lines = _heading(sheet, "CrowdSec, the undo", "sh crowdsec-undo.sh   (as root)")
    lines += ["set -eu"]
    if sheet.whole:
        lines += [
            f"cscli decisions delete --scenario ringfence/{sheet.case_id} && exit 0",
            "# older versions only by address: that deletes other decisions on it as well",
            *(f"cscli decisions delete --ip {target.address}" for target in sheet.whole),
        ]
    return lines


def _heading(sheet: Sheet, title: str, apply: str) -> list[str]:
    longest = max((t.seconds for t in sheet.targets), default=0)
    return [
        "#!/bin/sh",
        *heading(
            sheet,
            title,
            apply=apply,
            undo="sh crowdsec-undo.sh",
            expires=f"by itself, {longest} seconds after it was imported",
            notes=[
                "a bouncer has to be there: 'cscli bouncers list'; decisions alone drop nothing",
                "look: cscli decisions list --origin cscli-import",
                widening("write ADDRESS/64 and scope range"),
                *without_ports(sheet),
            ],
        ),
    ]
