"""One file of a form, and what all of them say at their top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from ringfence.model.lockdown import Plan
from ringfence.remote.plan import networks_in
from ringfence.remote.ruleset import HOME4, HOME6, Network

NAME = "ringfence-lockdown"


@dataclass(frozen=True, slots=True)
class FormFile:
    """Its name, one sentence on what it is, its text."""

    name: str
    what: str
    text: str


def heading(plan: Plan, title: str, words: Sequence[str], mark: str = "#") -> list[str]:
    """Comments: what this is, how it is applied and undone. Nothing of a stranger's goes here."""
    said = [f"Ringfence lockdown for {title}, planned {plan.made_at}", *words]
    return [f"{mark} {line}" for line in said]


def admitted(plan: Plan, *, home: bool = True) -> list[Network]:
    """Networks that may ask, our own servers with them, IPv4 first."""
    texts = [*plan.servers, *((*HOME4, *HOME6) if home else ())]
    found = [*networks_in(plan), *(ip_network(text) for text in texts)]
    unique = dict.fromkeys(one for one in found if not one.is_loopback)
    return sorted(unique, key=lambda n: (n.version, int(n.network_address), n.prefixlen))


def udp_ports(plan: Plan) -> list[str]:
    """SIP, tunnel and media."""
    ports = [*map(str, sorted({*plan.ports.udp, *plan.ports.tunnel}))]
    first, last = plan.ports.media
    return [*ports, f"{first}-{last}"] if last else ports


def tcp_ports(plan: Plan) -> list[str]:
    """SIP, with and without TLS, and tunnel."""
    return [*map(str, sorted({*plan.ports.tcp, *plan.ports.tunnel}))]


def text_of(lines: Sequence[str]) -> str:
    """Lines with the end of the last one."""
    return "\n".join(lines) + "\n"
