"""OPNsense and pfSense: an alias, and the two rules that use it."""

from __future__ import annotations

from ringfence.model.lockdown import Plan
from ringfence.remote.forms.form import FormFile, admitted, heading, tcp_ports, text_of, udp_ports

ALIAS = "ringfence_lockdown"


def alias_files(plan: Plan) -> tuple[FormFile, ...]:
    """The alias' content, with what to do."""
    udp, tcp = ", ".join(udp_ports(plan)), ", ".join(tcp_ports(plan))
    lines = heading(plan, "OPNsense and pfSense", [
        f"1. Firewall, Aliases: add {ALIAS}, type Host(s) or Network(s), paste the lines below",
        "   (or put this file on a web server of yours: URL Table (IPs)).",
        "2. Firewall, NAT, Port Forward: in each forward of the ports below write Source:",
        f"   {ALIAS} in place of any. Where the phone system has a public address: Firewall,",
        f"   Rules, WAN: pass from {ALIAS} to it, and below that block the same from any.",
        f"   UDP {udp or 'none'}; TCP {tcp or 'none'}",
        "States that exist go on. Undo: write any again as the source, and delete the alias.",
        "The administration's own port is in none of this: nobody is locked out.",
    ])  # fmt: skip
    text = text_of([*lines, "", *map(str, admitted(plan, home=False))])
    return (FormFile("opnsense-pfsense.txt", "OPNsense, pfSense: an alias and its rules", text),)
