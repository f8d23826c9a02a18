"""Rules for BGP FlowSpec (RFC 8955, RFC 8956), as text for those who apply them.

How it works: a rule always names a source, our own destination, a protocol and ports;
one that did not would drop other people's traffic. Sources are host routes, or prefixes
whose every address attacked. Nothing but parsed addresses and numbers gets into a rule,
so no stranger's text can.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Network,
    IPv6Network,
    collapse_addresses,
)

from ringfence.model.endpoint import Address

Network = IPv4Network | IPv6Network

DISCARD = 0
# Bytes a second of an address that may be forged: some dozen SIP messages. Who is really
# there can still call; a flood cannot get through.
SLOW = 9600

_OVER_TCP = ("tcp", "tls", "ws", "wss")


@dataclass(frozen=True, slots=True)
class FlowRule:
    """Traffic from a source to one port or more of ours, and what becomes of it."""

    source: Network
    destination: Address
    protocol: str  # tcp, udp or sctp
    ports: tuple[int, ...]  # of ours; never empty
    rate: int = DISCARD  # bytes a second; DISCARD drops all

    def __post_init__(self) -> None:
        if self.source.version != self.destination.version:
            raise ValueError(f"{self.source} sends nothing to {self.destination}")
        if not self.ports or not all(0 < port < 65536 for port in self.ports):
            raise ValueError(f"a rule names ports from 1 to 65535, not {self.ports}")

    @property
    def target(self) -> str:
        """Our address as a host route."""
        return f"{self.destination}/{self.destination.max_prefixlen}"


def protocol_of(transport: str) -> str:
    """What a router sees of a transport: TLS and WebSocket are TCP."""
    transport = transport.lower()
    if transport in _OVER_TCP:
        return "tcp"
    return "sctp" if transport == "sctp" else "udp"


def collapsed(rules: Iterable[FlowRule]) -> list[FlowRule]:
    """The same with fewer rules: neighbours become a prefix only where all of it is listed."""
    alike: dict[tuple[Address, str, tuple[int, ...], int], list[Network]] = {}
    for rule in rules:
        key = (rule.destination, rule.protocol, rule.ports, rule.rate)
        alike.setdefault(key, []).append(rule.source)
    return [
        FlowRule(source, *key) for key, sources in alike.items() for source in _collapsed(sources)
    ]


def _collapsed(sources: list[Network]) -> list[Network]:
    v4 = [one for one in sources if isinstance(one, IPv4Network)]
    v6 = [one for one in sources if isinstance(one, IPv6Network)]
    return [*collapse_addresses(v4), *collapse_addresses(v6)]


def neutral_lines(rule: FlowRule) -> list[str]:
    """The components of the rule by their numbers and names in the RFC, a line each."""
    named = (
        ("1", "destination prefix", rule.target),
        ("2", "source prefix", rule.source),
        ("3", *_protocol(rule)),
        ("5", "destination port", ", ".join(f"= {port}" for port in rule.ports)),
        ("-", "traffic-rate-bytes", _rate(rule)),
    )
    return [f"{kind} {name:20} {value}" for kind, name, value in named]


def exabgp_lines(rule: FlowRule) -> list[str]:
    """One rule as ExaBGP's configuration has it: it stands in `flow { … }`."""
    return [
        "route {",
        *(f"  {line}" for line in ("match {", *(f"  {m};" for m in _exabgp_match(rule)), "}")),
        f"  then {{ {_exabgp_then(rule)}; }}",
        "}",
    ]


def exabgp_line(rule: FlowRule, verb: str = "announce") -> str:
    """One rule for ExaBGP's API; `withdraw` takes it back."""
    match = " ".join(f"{component};" for component in _exabgp_match(rule))
    return f"{verb} flow route {{ match {{ {match} }} then {{ {_exabgp_then(rule)}; }} }}"


def gobgp_line(rule: FlowRule, verb: str = "add") -> str:
    """One rule for GoBGP's command line; `del` takes it back."""
    family = f"ipv{rule.source.version}-flowspec"
    ports = " ".join(f"=={port}" for port in rule.ports)
    then = "discard" if rule.rate == DISCARD else f"rate-limit {rule.rate}"
    return (
        f"gobgp global rib {verb} -a {family} match destination {rule.target} source {rule.source} "
        f"protocol {rule.protocol} destination-port '{ports}' then {then}"
    )


def junos_lines(rule: FlowRule, name: str) -> list[str]:
    """One rule as Junos takes it; its rate counts bits."""
    ports = " ".join(map(str, rule.ports))
    route = f"set routing-options {_junos_rib(rule)}flow route {name}"
    then = "discard" if rule.rate == DISCARD else f"rate-limit {rule.rate * 8}"
    return [
        f"{route} match destination {rule.target}",
        f"{route} match source {rule.source}",
        f"{route} match protocol {rule.protocol}",
        f"{route} match destination-port [ {ports} ]",
        f"{route} then {then}",
    ]


def junos_delete(rule: FlowRule, name: str) -> str:
    """What takes a rule of Junos back."""
    return f"delete routing-options {_junos_rib(rule)}flow route {name}"


_NUMBERS = {"tcp": 6, "udp": 17, "sctp": 132}


def _junos_rib(rule: FlowRule) -> str:
    return "" if rule.source.version == 4 else "rib inet6.0 "


def _protocol(rule: FlowRule) -> tuple[str, str]:
    name = "IP protocol" if rule.source.version == 4 else "upper-layer protocol"
    return name, f"= {_NUMBERS[rule.protocol]} ({rule.protocol.upper()})"


def _rate(rule: FlowRule) -> str:
    return "0 (discard)" if rule.rate == DISCARD else f"{rule.rate} (bytes a second)"


def _exabgp_match(rule: FlowRule) -> list[str]:
    offset = "" if rule.source.version == 4 else "/0"
    header = "protocol" if rule.source.version == 4 else "next-header"
    return [
        f"source {rule.source}{offset}",
        f"destination {rule.target}{offset}",
        f"{header} {rule.protocol}",
        f"destination-port [ {' '.join(f'={port}' for port in rule.ports)} ]",
    ]


def _exabgp_then(rule: FlowRule) -> str:
    return "discard" if rule.rate == DISCARD else f"rate-limit {rule.rate}"
