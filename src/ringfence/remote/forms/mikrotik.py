"""MikroTik RouterOS: an address list, and two rules that drop new flows of all others."""

from __future__ import annotations

from ringfence.model.lockdown import Plan
from ringfence.remote.forms.form import (
    NAME,
    FormFile,
    admitted,
    heading,
    tcp_ports,
    text_of,
    udp_ports,
)
from ringfence.remote.ruleset import spelled


def mikrotik_files(plan: Plan) -> tuple[FormFile, ...]:
    """A script to import, and its undo, for RouterOS 6.36 and later."""
    return (
        FormFile("mikrotik.rsc", "MikroTik RouterOS: allow list and rules", text_of(_list(plan))),
        FormFile("mikrotik-undo.rsc", "takes them away again", text_of([
            *heading(plan, "MikroTik, the undo", ["apply: /import file-name=mikrotik-undo.rsc"]),
            *_away(plan),
        ])),
    )  # fmt: skip


def _list(plan: Plan) -> list[str]:
    lines = heading(plan, "MikroTik RouterOS", [
        "apply: in a terminal press Ctrl+X (safe mode), /import file-name=mikrotik.rsc, call",
        "yourself from outside, press Ctrl+X again. If the connection breaks before, the router",
        "takes all of it back by itself.",
        "undo: /import file-name=mikrotik-undo.rsc",
        "Flows that exist go on: only new ones are dropped.",
    ])  # fmt: skip
    lines += _away(plan)
    for network in admitted(plan):
        family = "ip" if network.version == 4 else "ipv6"
        if family not in _families(plan):
            continue
        address = spelled(network) if network.version == 4 else str(network)
        lines.append(
            f'/{family} firewall address-list add list={NAME} address={address} comment="{NAME}"'
        )
    for family in _families(plan):
        for protocol, ports in (("udp", udp_ports(plan)), ("tcp", tcp_ports(plan))):
            if ports:
                lines.append(
                    f"/{family} firewall filter add chain=forward action=drop "
                    f"connection-state=new protocol={protocol} dst-port={','.join(ports)} "
                    f'src-address-list=!{NAME} comment="{NAME}" place-before=0'
                )
    return lines


def _away(plan: Plan) -> list[str]:
    return [
        f'/{family} firewall {menu} remove [find where comment="{NAME}"]'
        for family in _families(plan)
        for menu in ("filter", "address-list")
    ]


def _families(plan: Plan) -> tuple[str, ...]:
    versions = {network.version for network in admitted(plan, home=False)}
    # A router without the package ipv6 does not know its menus, and would stop there.
    return ("ip", "ipv6") if 6 in versions else ("ip",)
