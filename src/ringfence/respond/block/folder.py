"""The folder `block/`: all lists at once, each a pure function of the plan."""

from __future__ import annotations

from pathlib import Path

from ringfence.model.dossier import FolderFile
from ringfence.model.measure import BlockFile, BlockPlan
from ringfence.respond.block.alias import alias_files
from ringfence.respond.block.cisco import cisco_files
from ringfence.respond.block.crowdsec import crowdsec_files
from ringfence.respond.block.fail2ban import fail2ban_files
from ringfence.respond.block.fortigate import fortigate_files
from ringfence.respond.block.ipset import ipset_files
from ringfence.respond.block.mikrotik import mikrotik_files
from ringfence.respond.block.nftables import nftables_files
from ringfence.respond.block.plain import plain_files
from ringfence.respond.block.readme import readme_file
from ringfence.respond.block.sheet import sheet_of
from ringfence.respond.block.threecx import threecx_files
from ringfence.respond.block.unifi import unifi_files
from ringfence.respond.block.windows import windows_files


def block_files(plan: BlockPlan, device: str | None = None) -> tuple[BlockFile, ...]:
    """Every file of the folder, the page first. Raises PlanError."""
    sheet = sheet_of(plan)
    lists = (
        *nftables_files(sheet, device),
        *ipset_files(sheet),
        *windows_files(sheet),
        *threecx_files(sheet),
        *mikrotik_files(sheet),
        *alias_files(sheet),
        *cisco_files(sheet),
        *fortigate_files(sheet),
        *unifi_files(sheet),
        *fail2ban_files(sheet),
        *crowdsec_files(sheet),
        *plain_files(sheet),
    )
    return (readme_file(sheet, lists), *lists)


def write_blocks(plan: BlockPlan, folder: Path, device: str | None = None) -> list[FolderFile]:
    """Write them into `folder`, which may be there; what each is. Raises PlanError, OSError."""
    files = block_files(plan, device)  # all or none: a plan that is wrong leaves no file
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        # PowerShell and Windows' editors take LF; a CR would break every other reader.
        (folder / file.name).write_text(file.text, encoding="ascii", newline="\n")
    return [FolderFile(f"{folder.name}/{file.name}", file.what, "you") for file in files]
