"""Windows Firewall by PowerShell: where 3CX often runs."""

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
)

# Addresses in one rule: long lists make the firewall's own window stall.
_IN_A_RULE = 500


def windows_files(plan: BlockPlan | Sheet) -> tuple[BlockFile, ...]:
    """A script and its undo. Raises PlanError."""
    sheet = sheet_of(plan)
    return (
        BlockFile("windows-firewall.ps1", "Windows Firewall, for example under 3CX",
                  ended(_list(sheet))),
        BlockFile("windows-firewall-undo.ps1", "takes the Windows rules away again",
                  ended(_undo(sheet))),
    )  # fmt: skip


def _list(sheet: Sheet) -> list[str]:
    lines = [
        *_heading(sheet, "Windows Firewall", "windows-firewall.ps1"),
        "#Requires -RunAsAdministrator",
        "param([switch]$Expire)",
        "$ErrorActionPreference = 'Stop'",
        "",
        "# what an earlier run left, so that running twice is running once",
        f"Remove-NetFirewallRule -Group '{_group(sheet)}' -ErrorAction SilentlyContinue",
    ]
    number = 0
    for part in in_parts(sheet.whole, _IN_A_RULE):
        number += 1
        addresses = ", ".join(f"'{target.address}'" for target in part)
        lines += ["", _rule(sheet, number, f"-RemoteAddress @({addresses})")]
    for target in sheet.narrowed:
        for protocol in ("UDP", "TCP"):
            number += 1
            lines += ["", _rule(sheet, number, _narrow(target, protocol))]
    if number:
        lines += ["", *_expiry(sheet)]
    return lines


def _undo(sheet: Sheet) -> list[str]:
    return [
        *_heading(sheet, "Windows Firewall, the undo", "windows-firewall-undo.ps1"),
        "#Requires -RunAsAdministrator",
        f"Remove-NetFirewallRule -Group '{_group(sheet)}' -ErrorAction SilentlyContinue",
        (
            f"Unregister-ScheduledTask -TaskName '{_group(sheet)}' -Confirm:$false"
            " -ErrorAction SilentlyContinue"
        ),
    ]


def _heading(sheet: Sheet, title: str, script: str) -> list[str]:
    return heading(
        sheet,
        title,
        apply=f"powershell -ExecutionPolicy Bypass -File {script}   (as administrator)",
        undo="powershell -ExecutionPolicy Bypass -File windows-firewall-undo.ps1",
        expires=f"NOT by itself: meant until {utc(sheet.last)}. With -Expire behind the command "
        "a scheduled task takes the rules away then",
        notes=[
            "rules that block come before rules that allow, so 3CX's own rules need no change",
            f"look: Get-NetFirewallRule -Group '{_group(sheet)}'",
            widening(),
        ],
    )


def _rule(sheet: Sheet, number: int, whom: str) -> str:
    return (
        f"New-NetFirewallRule -Name 'Ringfence-{sheet.case_id}-{number}'"
        f" -DisplayName '{_group(sheet)} ({number})' -Group '{_group(sheet)}'"
        f" -Description 'Attackers on SIP, meant until {utc(sheet.last)}'"
        f" -Direction Inbound -Action Block -Profile Any {whom} | Out-Null"
    )


def _narrow(target: Target, protocol: str) -> str:
    ports = ", ".join(f"'{port}'" for port in target.ports)
    return f"-RemoteAddress @('{target.address}') -Protocol {protocol} -RemotePort @({ports})"


def _expiry(sheet: Sheet) -> list[str]:
    task = _group(sheet)
    remove = f"-NoProfile -Command Remove-NetFirewallRule -Group ''{task}''"
    return [
        "if ($Expire) {",
        f"    $action = New-ScheduledTaskAction -Execute 'powershell.exe' -Argument '{remove}'",
        (
            "    $trigger = New-ScheduledTaskTrigger -Once"
            f" -At ([datetime]::Parse('{utc(sheet.last)}'))"
        ),
        (
            f"    Register-ScheduledTask -TaskName '{task}' -Action $action -Trigger $trigger"
            " -User 'SYSTEM' -RunLevel Highest -Force | Out-Null"
        ),
        "}",
    ]


def _group(sheet: Sheet) -> str:
    return f"Ringfence {sheet.case_id}"
