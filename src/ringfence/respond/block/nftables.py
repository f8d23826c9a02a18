"""nftables: a table of its own for each case, loaded in one transaction.

How it works: the file first makes sure that the table is there, deletes it, and writes
it anew; the kernel does all of that at once or not at all. So loading twice is loading
once, a shorter list takes away what a longer one had, and the undo is the first half.
"""

from __future__ import annotations

import re

from ringfence.model.measure import BlockFile, BlockPlan
from ringfence.respond.block.sheet import (
    Sheet,
    Target,
    comment_of,
    ended,
    heading,
    sheet_of,
    widening,
)

# Interfaces are named by the administrator, and go into quotes: IFNAMSIZ less one.
_DEVICE = re.compile(r"[A-Za-z0-9_.@:-]{1,15}", re.ASCII)


def nftables_files(plan: BlockPlan | Sheet, device: str | None = None) -> tuple[BlockFile, ...]:
    """The list and its undo; at the ingress of `device` if it is given. Raises PlanError."""
    sheet = sheet_of(plan)
    if device is not None and not _DEVICE.fullmatch(device):
        raise ValueError(f"{device!r} is no name of an interface")
    return (
        BlockFile("nftables.nft", "Linux, nftables: sets that expire by themselves",
                  ended(_list(sheet, device))),
        BlockFile("nftables-undo.nft", "takes the nftables list away again",
                  ended(_undo(sheet, device))),
    )  # fmt: skip


def _list(sheet: Sheet, device: str | None) -> list[str]:
    lines = _heading(sheet, device, "nftables (Linux)", "nft -f nftables.nft")
    lines += ["", *_away(sheet, device)]
    if not sheet.targets:
        return lines
    if device is None:
        hook = "type filter hook prerouting priority raw; policy accept;"
    else:
        hook = f'type filter hook ingress device "{device}" priority -500; policy accept;'
    return [
        *lines,
        "",
        f"table {_table(sheet, device)} {{",
        *_set("attackers4", "ipv4_addr", sheet.v4),
        *_set("attackers6", "ipv6_addr", sheet.v6),
        *_set("ports4", "ipv4_addr . inet_service", [t for t in sheet.narrowed if _is4(t)]),
        *_set("ports6", "ipv6_addr . inet_service", [t for t in sheet.narrowed if not _is4(t)]),
        "\t# empty: a place for networks, should one address not be enough",
        "\tset networks6 {",
        "\t\ttype ipv6_addr",
        "\t\tflags interval, timeout",
        "\t}",
        "\tchain drop_attackers {",
        f"\t\t{hook}",
        "\t\tip saddr @attackers4 counter drop",
        "\t\tip6 saddr @attackers6 counter drop",
        "\t\tip6 saddr @networks6 counter drop",
        *(
            f"\t\t{family} saddr . {protocol} sport @ports{family[2:] or '4'} counter drop"
            for family in ("ip", "ip6")
            for protocol in ("udp", "tcp")
        ),
        "\t}",
        "}",
    ]


def _undo(sheet: Sheet, device: str | None) -> list[str]:
    lines = _heading(sheet, device, "nftables (Linux), the undo", "nft -f nftables-undo.nft")
    return [*lines, "", *_away(sheet, device)]


def _heading(sheet: Sheet, device: str | None, title: str, apply: str) -> list[str]:
    longest = max((t.seconds for t in sheet.targets), default=0)
    return heading(
        sheet,
        title,
        apply=f"{apply}   (as root; all of it or nothing)",
        undo="nft -f nftables-undo.nft",
        expires=f"by itself, {longest} seconds after it was loaded; a reboot ends it as well",
        notes=[
            f"look: nft list table {_table(sheet, device)}",
            widening("block it with the next line"),
            (
                f"nft add element {_table(sheet, device)} networks6 "
                "'{ 2001:db8:1:2::/64 timeout 7d }'"
            ),
        ],
    )


def _away(sheet: Sheet, device: str | None) -> list[str]:
    """Adding first makes the deletion succeed where there is nothing."""
    table = _table(sheet, device)
    return [f"add table {table}", f"delete table {table}"]


def _set(name: str, kind: str, targets: tuple[Target, ...] | list[Target]) -> list[str]:
    lines = [f"\tset {name} {{", f"\t\ttype {kind}", "\t\tflags timeout", "\t\tcounter"]
    elements = [
        f'{element} timeout {t.seconds}s comment "{comment_of(t)}"'
        for t in targets
        for element in _elements(t)
    ]
    if elements:
        lines += ["\t\telements = {", *(f"\t\t\t{element}," for element in elements), "\t\t}"]
    return [*lines, "\t}"]


def _elements(target: Target) -> list[str]:
    if not target.ports:
        return [str(target.address)]
    return [f"{target.address} . {port}" for port in target.ports]


def _table(sheet: Sheet, device: str | None) -> str:
    family = "inet" if device is None else "netdev"
    return f"{family} ringfence_{sheet.case_id.replace('-', '_')}"


def _is4(target: Target) -> bool:
    return target.address.version == 4
