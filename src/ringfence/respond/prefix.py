"""Blocks of whole prefixes: only ever proposed, with those whom they would hit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

# So many proven attackers of one prefix make a proposal; a /64 is one host's.
MIN_ATTACKERS = 4
_WIDTH = {4: 24, 6: 48}


@dataclass(frozen=True, slots=True)
class PrefixProposal:
    """A prefix that several attackers use, and the users who would be hit."""

    prefix: str
    attackers: tuple[str, ...]
    collateral: tuple[str, ...]  # addresses of users, peers, regulars inside
    share: float  # of the prefix's addresses (IPv6: /64s) that were seen to attack


def propose_prefixes(attackers: Iterable[str], users: Iterable[str]) -> list[PrefixProposal]:
    """Prefixes worth a thought, those that hit nobody first; nothing is ever done about them."""
    hostile: dict[IPv4Network | IPv6Network, list[str]] = defaultdict(list)
    for text in sorted(set(attackers), key=lambda a: int(ip_address(a))):
        hostile[_prefix(text)].append(text)
    hit: dict[IPv4Network | IPv6Network, list[str]] = defaultdict(list)
    for text in sorted(set(users), key=lambda a: int(ip_address(a))):
        hit[_prefix(text)].append(text)
    found = [
        PrefixProposal(str(prefix), tuple(its), tuple(hit.get(prefix, ())), _share(prefix, its))
        for prefix, its in hostile.items()
        if len(_hosts(prefix, its)) >= MIN_ATTACKERS
    ]
    return sorted(found, key=lambda p: (len(p.collateral), -len(p.attackers), p.prefix))


def _prefix(text: str) -> IPv4Network | IPv6Network:
    return ip_network(f"{text}/{_WIDTH[ip_address(text).version]}", strict=False)


def _hosts(prefix: IPv4Network | IPv6Network, its: list[str]) -> set[int]:
    """Distinct hosts: an IPv6 host has a whole /64."""
    shift = 0 if prefix.version == 4 else 64
    return {int(ip_address(text)) >> shift for text in its}


def _share(prefix: IPv4Network | IPv6Network, its: list[str]) -> float:
    return round(len(_hosts(prefix, its)) / (256 if prefix.version == 4 else 65536), 4)
