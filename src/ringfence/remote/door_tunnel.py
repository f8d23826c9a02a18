"""Who registered through the tunnel, and at which public address he sits.

How it works: the tunnel knows which key has which address inside, and from where that key's
packets come; the guard knows which addresses users were let in from. A phone that registered
from an address inside proves twice who it is: by its key, and by its password. Then a second
phone of the same user, one that has no tunnel, may come from the same public address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ringfence.model.door import TUNNEL, DoorError, Opened
from ringfence.model.endpoint import plain_address
from ringfence.remote.door_address import admissible

# WireGuard shakes hands every two minutes while something is said: older is somewhere else now.
MAX_HANDSHAKE_S = 180
LASTS_S = 3600
MAX_PEERS = 5_000


@dataclass(frozen=True, slots=True)
class Peer:
    """One peer of the tunnel, as `wg show` has it: no key is kept."""

    inside: tuple[str, ...]  # its addresses in the tunnel, never networks
    endpoint: str
    handshake_at: float


def peers_of(endpoints: str, allowed: str, handshakes: str) -> list[Peer]:
    """Peers of `wg show IF endpoints`, `allowed-ips` and `latest-handshakes`."""
    where, inside, shaken = map(_rows, (endpoints, allowed, handshakes))
    return [
        Peer(_singles(inside.get(key, "")), _address_of(end), _seconds(shaken.get(key, "")))
        for key, end in where.items()
    ]


def doors_of(
    peers: Iterable[Peer], registered: Iterable[str], names: Mapping[str, str], now: float
) -> list[Opened]:
    """Doors for the public addresses of those who registered; others get none.

    `registered` are addresses that users were let in from; `names` tells whose an address
    inside the tunnel is.
    """
    known = {str(one) for text in registered if (one := plain_address(text))}
    doors = {}
    for peer in peers:
        if not 0 <= now - peer.handshake_at <= MAX_HANDSHAKE_S:
            continue
        inside = next((one for one in peer.inside if one in known), "")
        try:
            address = str(admissible(peer.endpoint)) if inside else ""
        except DoorError:  # a phone at home, within our own network: it needs no door
            continue
        if address:
            name = names.get(inside, inside)
            doors[address, name] = Opened(address, name, TUNNEL, now + LASTS_S, inside)
    return list(doors.values())


def _rows(printed: str) -> dict[str, str]:
    rows = (line.partition("\t") for line in printed.splitlines()[:MAX_PEERS])
    return {key: value.strip() for key, _, value in rows if key and value}


def _singles(text: str) -> tuple[str, ...]:
    """Addresses only: what comes out of a network behind a site is not one user."""
    found = []
    for one in text.split():
        address, _, length = one.partition("/")
        plain = plain_address(address)
        if plain is not None and length == str(plain.max_prefixlen):
            found.append(str(plain))
    return tuple(found)


def _address_of(endpoint: str) -> str:
    return endpoint.rpartition(":")[0].strip("[]")


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0.0
