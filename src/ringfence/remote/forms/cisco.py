"""Cisco IOS: named access lists that permit those who are admitted, and close the rest."""

from __future__ import annotations

from ipaddress import IPv4Network

from ringfence.model.lockdown import Plan
from ringfence.remote.forms.form import FormFile, admitted, heading, tcp_ports, text_of
from ringfence.remote.ruleset import Network

NAME = "RINGFENCE-LOCKDOWN"
_STEP = 10


def cisco_files(plan: Plan) -> tuple[FormFile, ...]:
    """The lists and their undo."""
    first = [
        "first, on the interface towards the Internet:",
        f" no ip access-group {NAME}-V4 in",
        f" no ipv6 traffic-filter {NAME}-V6 in",
    ]
    undo = [
        *heading(plan, "Cisco IOS, the undo", first, "!"),
        "configure terminal", f"no ip access-list extended {NAME}-V4",
        f"no ipv6 access-list {NAME}-V6", "end",
    ]  # fmt: skip
    return (
        FormFile("cisco-ios.txt", "Cisco IOS: named access lists", text_of(_list(plan))),
        FormFile("cisco-ios-undo.txt", "takes the Cisco lists away again", text_of(undo)),
    )


def _list(plan: Plan) -> list[str]:
    lines = heading(plan, "Cisco IOS", [
        "apply: say 'reload in 5' first: if you lock yourself out, the router comes back without",
        "it. Paste this in enable mode, do what the last lines say, call yourself from outside,",
        "then 'reload cancel' and 'write memory'. Undo: paste cisco-ios-undo.txt",
        "AN INTERFACE HAS ONE LIST FOR EACH DIRECTION. If yours has one, put these lines at the",
        "top of that one in place of the last line here.",
        "Media ports are not in it: a list without state cannot tell them from answers to others.",
    ], "!")  # fmt: skip
    lines.append("configure terminal")
    for version, kind in ((4, "ip access-list extended"), (6, "ipv6 access-list")):
        entries = _entries(plan, version)
        word = "" if version == 4 else "sequence "
        lines += [f"{kind} {NAME}-V{version}"]
        lines += [f" {word}{n * _STEP} {entry}" for n, entry in enumerate(entries, 1)]
        lines.append(" exit")
    return [
        *lines, "end", "! now, on the interface towards the Internet:",
        f"!  ip access-group {NAME}-V4 in", f"!  ipv6 traffic-filter {NAME}-V6 in",
    ]  # fmt: skip


def _entries(plan: Plan, version: int) -> list[str]:
    protocol = "ip" if version == 4 else "ipv6"
    networks = [one for one in admitted(plan, home=False) if one.version == version]
    udp = sorted({*plan.ports.udp, *plan.ports.tunnel})
    return [
        *(f"permit {protocol} {_spelled(network)} any" for network in networks),
        "permit tcp any any established",
        *(f"deny udp any any eq {port}" for port in udp),
        *(f"deny tcp any any eq {port}" for port in tcp_ports(plan)),
        f"permit {protocol} any any",
    ]


def _spelled(network: Network) -> str:
    if network.prefixlen == network.max_prefixlen:
        return f"host {network.network_address}"
    if isinstance(network, IPv4Network):
        return f"{network.network_address} {network.hostmask}"
    return str(network)
