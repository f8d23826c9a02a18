"""Which addresses are of the inside: this machine, a private network, the same wire."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# RFC 1918, RFC 4193, loopback and link-local. Not CGNAT (RFC 6598): its other users are
# strangers. Not what Python calls private besides: that holds networks of documentation.
_INSIDE = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16",
        "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip


def is_inside(address: Address, own: Sequence[Network] = ()) -> bool:
    """Whether it is of this machine, of a private network, or of one that the owner names."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in (*_INSIDE, *own))
