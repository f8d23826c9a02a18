"""Addresses, and address and port in one word."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address


def endpoint(address: str, port: int) -> str:
    """192.0.2.1:5060, [2001:db8::1]:5060 (RFC 3986 3.2.2)."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def plain_address(text: str) -> Address | None:
    """The address, IPv4 in IPv6 unwrapped; None where it is none, or carries a zone."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    if address.scope_id is not None:
        return None  # a zone is free text: "fe80::1%$(reboot)" is an address to Python
    return address.ipv4_mapped or address


def within(address: str, network: str) -> bool:
    """Whether an address is of a network, a prefix or one address; no for what is none."""
    try:
        return ip_address(address) in ip_network(network, strict=False)
    except ValueError:
        return False
