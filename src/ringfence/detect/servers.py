"""Which servers are ours: those whom several ask, and who ask less than they are asked.

And how each server treats those who come: whether it asks anybody for a password.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from ringfence.detect import _fields as f

Address = IPv4Address | IPv6Address

# A server that is asked this many times less than the busiest is none of ours.
SERVER_SHARE = 20

# Answers that a request gets, with 100, 180 and what is sent twice.
ANSWERS_A_REQUEST = 4


@dataclass(frozen=True, slots=True)
class Served:
    """How often an address was asked, by how many others, how often it asked and answered.

    `strangers` are those of the others whom nobody asks: phones, and attackers.
    """

    requests: int
    clients: int
    asked: int
    answers: int = 0
    strangers: int = 0

    @property
    def load(self) -> int:
        """Requests that it served: where a capture shows its answers alone, by those."""
        return max(self.requests, self.answers // ANSWERS_A_REQUEST)


@dataclass(frozen=True, slots=True)
class Door:
    """How a server treats those who ask it, all together."""

    challenges: int = 0  # requests for a password
    refusals: int = 0  # passwords refused, users unknown, requests forbidden
    strangers: int = 0  # sources that are never asked, and never answer
    users: int = 0  # sources that had a password accepted, or a call answered with one


NO_DOOR = Door(challenges=1)


def find_ours(servers: Mapping[Address, Served]) -> tuple[Address, ...]:
    """Our side, busiest first.

    The busiest is ours. Another is when at least two ask it, or one whom nobody asks,
    when it is asked more than it asks, and not next to never: that leaves out carriers
    and phones, which only our own servers ask, and lets in a proxy before the busiest.
    """
    busiest = max((s.load for s in servers.values()), default=0)
    ours: list[Address] = []
    for address in sorted(servers, key=lambda a: (-servers[a].load, int(a))):
        s = servers[address]
        is_asked = s.clients > max(1, len(ours)) or s.strangers > 0
        is_busy = s.load * 2 >= s.asked and s.load * SERVER_SHARE >= busiest
        if s.load == busiest or (is_asked and is_busy):
            ours.append(address)
    return tuple(ours)


def find_doors(rows: Sequence[int], n: int) -> dict[int, Door]:
    """How each server (index of its row) treats those whose last request went to it."""
    sums: dict[int, list[int]] = {}
    for o in range(0, n * f.ROW_WIDTH, f.ROW_WIDTH):
        if rows[o + f.SERVER]:
            door = sums.setdefault(rows[o + f.SERVER] - 1, [0, 0, 0, 0])
            door[0] += rows[o + f.CHALLENGED]
            door[1] += rows[o + f.REFUSED] + rows[o + f.NOT_FOUND] + rows[o + f.FORBIDDEN]
            has_password = rows[o + f.CREDENTIALS] and rows[o + f.ANSWERED]
            door[2] += not rows[o + f.SERVED] and not rows[o + f.ANSWERS]
            door[3] += bool(rows[o + f.ACCEPTED] or has_password)
    return {server: Door(*door) for server, door in sums.items()}
