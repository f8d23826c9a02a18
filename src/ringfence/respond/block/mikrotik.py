"""MikroTik RouterOS: address lists that expire, and one rule in the raw table."""

from __future__ import annotations

from ringfence.model.measure import BlockFile, BlockPlan
from ringfence.respond.block.sheet import Sheet, Target, ended, heading, sheet_of, widening


def mikrotik_files(plan: BlockPlan | Sheet) -> tuple[BlockFile, ...]:
    """A script to import and its undo, for RouterOS 6.36 and later. Raises PlanError."""
    sheet = sheet_of(plan)
    return (
        BlockFile("mikrotik.rsc", "MikroTik RouterOS: address list with timeouts, raw rule",
                  ended(_list(sheet))),
        BlockFile("mikrotik-undo.rsc", "takes the MikroTik list away again", ended(_undo(sheet))),
    )  # fmt: skip


def _list(sheet: Sheet) -> list[str]:
    lines = _heading(sheet, "MikroTik RouterOS", "/import file-name=mikrotik.rsc")
    # What an earlier import left goes first, so that importing twice is importing once.
    lines += ["", *_away(sheet)]
    for family, targets in (("ip", sheet.v4), ("ipv6", sheet.v6)):
        if targets:
            lines += ["", *(_entry(sheet, family, _name(sheet), target) for target in targets)]
            lines.append(_rule(sheet, family, _name(sheet), ""))
    for number, target in enumerate(sheet.narrowed, 1):
        family = "ip" if target.address.version == 4 else "ipv6"
        name = f"{_name(sheet)}-{number}"
        lines += ["", _entry(sheet, family, name, target)]
        ports = ",".join(map(str, target.ports))
        lines += [
            _rule(sheet, family, name, f" protocol={protocol} src-port={ports}")
            for protocol in ("udp", "tcp")
        ]
    return lines


def _undo(sheet: Sheet) -> list[str]:
    lines = _heading(sheet, "MikroTik, the undo", "/import file-name=mikrotik-undo.rsc")
    return [*lines, "", *_away(sheet)]


def _heading(sheet: Sheet, title: str, apply: str) -> list[str]:
    return heading(
        sheet,
        title,
        apply=f"copy it to the router (Files), then {apply}",
        undo="/import file-name=mikrotik-undo.rsc",
        expires="addresses by themselves; a reboot ends them as well; the rules stay, and match "
        "nobody, until the undo",
        notes=[f"look: /ip firewall address-list print where list={_name(sheet)}", widening()],
    )


def _away(sheet: Sheet) -> list[str]:
    return [
        f'/{family} firewall {menu} remove [find where comment="{_name(sheet)}"]'
        for family in _families(sheet)
        for menu in ("raw", "address-list")
    ]


def _families(sheet: Sheet) -> tuple[str, ...]:
    """A router without the package ipv6 does not know its menus, and would stop there."""
    has_v6 = any(t.address.version == 6 for t in sheet.targets)
    return ("ip", "ipv6") if has_v6 else ("ip",)


def _entry(sheet: Sheet, family: str, name: str, target: Target) -> str:
    length = "" if family == "ip" else "/128"
    return (
        f"/{family} firewall address-list add list={name} address={target.address}{length}"
        f' timeout={_time(target.seconds)} comment="{_name(sheet)}"'
    )


def _rule(sheet: Sheet, family: str, name: str, ports: str) -> str:
    return (
        f"/{family} firewall raw add chain=prerouting action=drop src-address-list={name}{ports}"
        f' comment="{_name(sheet)}"'
    )


def _time(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    return f"{days}d{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"


def _name(sheet: Sheet) -> str:
    return f"ringfence-{sheet.case_id}"
