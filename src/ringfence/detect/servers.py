"""Which servers are ours: those whom several ask, and who ask less than they are asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ringfence.detect.deeds import Address

# A server that is asked this many times less than the busiest is none of ours.
SERVER_SHARE = 20


@dataclass(frozen=True, slots=True)
class Served:
    """How often an address was asked, by how many others, and how often it asked."""

    requests: int
    clients: int
    asked: int


def find_ours(servers: Mapping[Address, Served]) -> tuple[Address, ...]:
    """Our side, busiest first.

    The busiest is ours. Another is when at least two ask it, when it is asked more
    than it asks, and not next to never: that leaves out carriers and phones, which
    only our own server asks.
    """
    busiest = max((s.requests for s in servers.values()), default=0)
    ours = [
        address
        for address, s in servers.items()
        if s.requests == busiest
        or (s.clients > 1 and s.requests * 2 >= s.asked and s.requests * SERVER_SHARE >= busiest)
    ]
    return tuple(sorted(ours, key=lambda a: (-servers[a].requests, int(a))))
