"""What may pass inside of the tunnel: SIP and media to the phone system, and nothing else.

How it works: one table of its own, made in one transaction before the interface is, and left
alone by everything else here. A rule of nftables that drops is final whatever other tables say,
one that accepts is not: this table opens nothing that another one closes.
"""

from __future__ import annotations

import json

from ringfence.model.remote import RemoteError, Tunnel
from ringfence.remote.command import CommandError, Commands

TABLE = "ringfence_remote"
# Before those of the administrator (0): what is none of the tunnel's business costs them nothing.
_PRIORITY = -5


def rules(tunnel: Tunnel) -> str:
    """The table, in nft's own language; loading it again changes nothing."""
    device = f'"{tunnel.interface}"'
    sip = f"{{ {', '.join(map(str, tunnel.sip_ports))} }}"
    media = f"{tunnel.rtp_first}-{tunnel.rtp_last}"
    return f"""\
add table inet {TABLE}
delete table inet {TABLE}
table inet {TABLE} {{
	chain arrives {{
		type filter hook input priority {_PRIORITY}; policy accept;
		iifname {device} jump inside
		iifname "lo" accept
		# Whoever is near this machine, on its own wire, is not inside of the tunnel.
		ip daddr {tunnel.pbx} counter drop
		ip6 daddr {tunnel.pbx6} counter drop
		ip saddr {tunnel.network} counter drop
		ip6 saddr {tunnel.network6} counter drop
	}}
	chain inside {{
		ip daddr {tunnel.pbx} jump telephony
		ip6 daddr {tunnel.pbx6} jump telephony
		counter drop
	}}
	chain telephony {{
		meta l4proto {{ tcp, udp }} th dport {sip} counter accept
		udp dport {media} counter accept
		# What the phone system began itself: a call over TCP to a phone.
		ct state established ct direction reply accept
		meta l4proto {{ icmp, ipv6-icmp }} ct state related accept
	}}
	chain passes {{
		type filter hook forward priority {_PRIORITY}; policy accept;
		# Neither from one peer to another, nor out to the office's network, nor in from it.
		iifname {device} counter drop
		oifname {device} counter drop
	}}
}}
"""


class TunnelRules:
    """Our table in this machine's firewall. Every method raises RemoteError."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    def stand(self, tunnel: Tunnel) -> None:
        """All of them, or none."""
        try:
            self._commands.run("nft", "-f", "-", given=rules(tunnel))
        except CommandError as error:
            raise RemoteError(f"the rules of the tunnel cannot be loaded: {error}") from None

    def are_standing(self) -> bool:
        """Whether the table is there with all that drops."""
        try:
            printed = self._commands.run("nft", "-j", "list", "table", "inet", TABLE)
        except CommandError:
            return False
        found = [one["rule"] for one in json.loads(printed)["nftables"] if "rule" in one]
        drops = [rule["chain"] for rule in found if {"drop": None} in rule["expr"]]
        return sorted(drops) == ["arrives"] * 4 + ["inside"] + ["passes"] * 2

    def remove(self) -> None:
        """Nothing of ours is left, whether it was there or not."""
        self._commands.run(
            "nft", "-f", "-", given=f"add table inet {TABLE}\ndelete table inet {TABLE}\n"
        )
