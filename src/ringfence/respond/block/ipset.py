"""iptables with ipset: for Linux without nftables' own command."""

from __future__ import annotations

from ringfence.model.measure import BlockFile, BlockPlan
from ringfence.respond.block.sheet import Sheet, Target, ended, heading, sheet_of, widening

# The kernel keeps timeouts in milliseconds in 32 bits: more is refused.
MAX_TIMEOUT_S = 2_147_483
# What a set may hold when nothing is said.
_DEFAULT_ELEMENTS = 65_536

# By kind: name of the set, its type and family, the command, how its rule looks.
_SETS = (
    ("rf4", "hash:ip", "inet", "iptables", "src"),
    ("rf6", "hash:ip", "inet6", "ip6tables", "src"),
    ("rp4", "hash:ip,port", "inet", "iptables", "src,src"),
    ("rp6", "hash:ip,port", "inet6", "ip6tables", "src,src"),
)


def ipset_files(plan: BlockPlan | Sheet) -> tuple[BlockFile, ...]:
    """A script and its undo, for a POSIX shell. Raises PlanError."""
    sheet = sheet_of(plan)
    return (
        BlockFile("ipset.sh", "Linux, iptables and ipset: sets that expire by themselves",
                  ended(_list(sheet))),
        BlockFile("ipset-undo.sh", "takes the ipset list away again", ended(_undo(sheet))),
    )  # fmt: skip


def _list(sheet: Sheet) -> list[str]:
    lines = [
        "#!/bin/sh",
        *_heading(sheet, "iptables and ipset (Linux)", "sh ipset.sh   (as root)"),
        "set -eu",
    ]
    for (kind, type_, family, command, way), targets in zip(_SETS, _by_set(sheet), strict=True):
        elements = [element for target in targets for element in _elements(target)]
        if not elements:
            continue
        name = f"{kind}-{sheet.case_id}"
        lines += ["", "# filled beside the old one, then exchanged in one step"]
        lines += ["ipset restore -exist <<'END'"]
        make = f"{type_} family {family} timeout {_limited(max(t.seconds for t in targets))}"
        make += f" maxelem {max(_DEFAULT_ELEMENTS, 2 * len(elements))} counters"
        lines += [f"create {name} {make}", f"create {name}-n {make}", f"flush {name}-n"]
        lines += [f"add {name}-n {element}" for element in elements]
        lines += [f"swap {name} {name}-n", f"destroy {name}-n", "END"]
        rule = _rule(name, way)
        lines += [
            f"{command} -w -t raw -C PREROUTING {rule} 2>/dev/null ||",
            f"    {command} -w -t raw -I PREROUTING {rule}",
        ]
    return lines


def _undo(sheet: Sheet) -> list[str]:
    lines = [
        "#!/bin/sh",
        *_heading(sheet, "iptables and ipset (Linux), the undo", "sh ipset-undo.sh   (as root)"),
        "set -u",
        "left=0",
    ]
    for kind, _, _, command, way in _SETS:
        name = f"{kind}-{sheet.case_id}"
        lines += [
            "",
            f"while {command} -w -t raw -D PREROUTING {_rule(name, way)} 2>/dev/null; do :; done",
            f"if ipset list -name {name} >/dev/null 2>&1; then",
            f"    ipset destroy {name} || left=1",
            "fi",
        ]
    return [*lines, "", "exit $left"]


def _heading(sheet: Sheet, title: str, apply: str) -> list[str]:
    longest = _limited(max((t.seconds for t in sheet.targets), default=0))
    notes = ["look: ipset list", widening("make a set of type hash:net for it")]
    if any(t.seconds > MAX_TIMEOUT_S for t in sheet.targets):
        notes.append("a set holds an address for 24 days at most: run this script again then")
    return heading(
        sheet,
        title,
        apply=apply,
        undo="sh ipset-undo.sh",
        expires=f"addresses by themselves, {longest} seconds after it was run; a reboot ends "
        "all; the empty sets and their rules stay until the undo",
        notes=notes,
    )


def _by_set(sheet: Sheet) -> tuple[tuple[Target, ...], ...]:
    narrowed4 = tuple(t for t in sheet.narrowed if t.address.version == 4)
    narrowed6 = tuple(t for t in sheet.narrowed if t.address.version == 6)
    return sheet.v4, sheet.v6, narrowed4, narrowed6


def _elements(target: Target) -> list[str]:
    timeout = f"timeout {_limited(target.seconds)}"
    if not target.ports:
        return [f"{target.address} {timeout}"]
    return [
        f"{target.address},{protocol}:{port} {timeout}"
        for port in target.ports
        for protocol in ("udp", "tcp")
    ]


def _rule(name: str, way: str) -> str:
    return f"-m set --match-set {name} {way} -j DROP"


def _limited(seconds: int) -> int:
    return min(seconds, MAX_TIMEOUT_S)
