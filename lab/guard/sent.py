"""How much an attacker sent: counted by the router of the lab, before any firewall of the PBX."""

import json
import subprocess
from typing import Final

from lab.addresses import PBX
from lab.namespaces import LabError, World

# UDP as it is; of TCP only segments that carry a request.
_RULES: Final = """table ip counted {{
  set sent {{ type ipv4_addr; flags dynamic; size 65535; counter; }}
  chain pass {{
    type filter hook forward priority 0; policy accept;
    ip daddr {pbx} udp dport 5060 update @sent {{ ip saddr counter }}
    ip daddr {pbx} tcp dport 5060 meta length > 120 update @sent {{ ip saddr counter }}
  }}
}}
"""


def count_at_router(world: World) -> None:
    """Begin to count what passes the router on its way to the PBX."""
    _nft(world, "-f", "-", text=_RULES.format(pbx=PBX))


def sent_by_source(world: World) -> dict[str, int]:
    """Packets with SIP that passed the router until now, by source."""
    listed = json.loads(_nft(world, "-j", "list", "set", "ip", "counted", "sent"))
    (found,) = (one["set"] for one in listed["nftables"] if "set" in one)
    elements = found.get("elem", [])
    return {one["elem"]["val"]: int(one["elem"]["counter"]["packets"]) for one in elements}


def _nft(world: World, *arguments: str, text: str = "") -> str:
    done = subprocess.run(
        ["ip", "netns", "exec", world.namespace("router"), "nft", *arguments],
        input=text, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise LabError(f"nft: {done.stderr.strip()}")
    return done.stdout
