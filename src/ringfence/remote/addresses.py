"""Networks and addresses inside of the tunnel: free here, and seldom used at home."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from ringfence.model.remote import Peer, RemoteError, Tunnel

# An address of somebody revoked is in softphones, logs and allow lists for a while.
RESTS = timedelta(days=30)
# A number below this one, drawn: secrets.randbelow, or a test's own.
Draw = Callable[[int], int]
_TRIES = 500
# Offices and homes are mostly in 10.0 to 10.63, and firms like the round ones above 10.253.
_SECOND = range(64, 254)
# The phones of a site: not what routers at home come with (0, 1, 2, 8, 10, 88, 100, 178, 188).
_SITE_THIRD = (*range(20, 80), *range(110, 170), *range(200, 250))


def choose_network(taken: Iterable[str], draw: Draw) -> str:
    """A /24 of 10.0.0.0/8 that overlaps none of these routes. Raises RemoteError."""
    busy = _networks(taken)
    for _ in range(_TRIES):
        second, third = _SECOND[draw(len(_SECOND))], draw(256)
        found = IPv4Network((f"10.{second}.{third}.0", 24))
        if not any(found.overlaps(one) for one in busy):
            return str(found)
    raise RemoteError("no free network in 10.64.0.0 to 10.253.255.0: name one with --network")


def choose_network6(draw: Draw) -> str:
    """A network of one's own, of 40 bits drawn (RFC 4193 §3.2)."""
    return str(IPv6Network(((0xFD << 120) | (draw(1 << 40) << 80), 64)))


def choose_lan(taken: Iterable[str], draw: Draw) -> str:
    """A /24 for the phones of a site. Raises RemoteError."""
    busy = _networks(taken)
    free = [
        found
        for third in _SITE_THIRD
        for found in [IPv4Network((f"192.168.{third}.0", 24))]
        if not any(found.overlaps(one) for one in busy)
    ]
    if not free:
        raise RemoteError("no free network for the phones: name one with --lan")
    return str(free[draw(len(free))])


def check_free(wanted: str, taken: Iterable[str]) -> None:
    """Raises RemoteError where a network is in use."""
    try:
        network = IPv4Network(wanted)
    except ValueError as error:
        raise RemoteError(f"{wanted}: {error}; say it like 192.168.77.0/24") from None
    for one in _networks(taken):
        if network.overlaps(one):
            raise RemoteError(f"{wanted} is in use already: {one}")


def next_addresses(tunnel: Tunnel, peers: Sequence[Peer], now: datetime) -> tuple[str, str]:
    """The lowest pair that nobody has, or had of late. Raises RemoteError."""
    busy = {peer.address for peer in peers if not is_over(peer, now)}
    network, network6 = IPv4Network(tunnel.network), IPv6Network(tunnel.network6)
    for number in range(2, network.num_addresses - 1):
        address = str(network[number])
        if address not in busy:
            return address, str(network6[number])
    raise RemoteError(
        f"{tunnel.network} is full: revoke whom you do not need; an address is free again "
        f"{RESTS.days} days after"
    )


def is_over(peer: Peer, now: datetime) -> bool:
    """Whether one was revoked so long ago that its address may be another's."""
    return bool(peer.revoked) and now - datetime.fromisoformat(peer.revoked) > RESTS


def is_inside(address: str, network: str) -> bool:
    """Whether an address is of a network of its own family."""
    try:
        found = ip_network(network)
        one = IPv6Address(address) if ":" in address else IPv4Address(address)
    except ValueError:
        return False
    return one.version == found.version and one in found


def _networks(texts: Iterable[str]) -> list[IPv4Network]:
    """Those that are IPv4 and not everything; `ip` says "default", and hosts without a mask."""
    found = []
    for text in texts:
        try:
            network = IPv4Network(text, strict=False)
        except ValueError:
            continue
        if network.prefixlen:
            found.append(network)
    return found
