"""Addresses that nobody answers for: private, reserved, documentation. Never looked up."""

from __future__ import annotations

import re
from ipaddress import (
    IPv4Address,
    IPv6Address,
    ip_address,
    ip_network,
)

from ringfence.attribute.errors import AttributionError
from ringfence.model.text import shown

IP = IPv4Address | IPv6Address

_DOCUMENTATION = "an address of documentation: it stands in books, nobody holds it"
_PRIVATE = "a private address: it is used inside of every second house, look in your own network"
_NAT64 = "NAT64: a gateway wrote an IPv4 address into it"

# IANA's registries of special-purpose addresses, in words for who reads the result.
_SPECIAL = tuple(
    (ip_network(prefix), says)
    for prefix, says in (
        ("192.0.2.0/24", _DOCUMENTATION),
        ("198.51.100.0/24", _DOCUMENTATION),
        ("203.0.113.0/24", _DOCUMENTATION),
        ("233.252.0.0/24", _DOCUMENTATION),
        ("2001:db8::/32", _DOCUMENTATION),
        ("3fff::/20", _DOCUMENTATION),
        ("10.0.0.0/8", _PRIVATE),
        ("172.16.0.0/12", _PRIVATE),
        ("192.168.0.0/16", _PRIVATE),
        ("fc00::/7", _PRIVATE),
        ("100.64.0.0/10", "shared by the customers of a carrier (CGNAT): your provider knows it"),
        ("127.0.0.0/8", "loopback: this machine itself"),
        ("::1/128", "loopback: this machine itself"),
        ("169.254.0.0/16", "link-local: a machine on the same wire"),
        ("fe80::/10", "link-local: a machine on the same wire"),
        ("fec0::/10", "site-local: a machine of the same house"),
        ("0.0.0.0/8", "no address of a machine (0.0.0.0/8)"),
        ("::/128", "no address: the unspecified one"),
        ("192.0.0.0/24", "reserved for protocols of the IETF"),
        ("192.31.196.0/24", "reserved for AS112, which answers for private addresses"),
        ("192.52.193.0/24", "reserved for multicast relays (AMT)"),
        ("192.88.99.0/24", "a relay of 6to4, which is no longer in use"),
        ("192.175.48.0/24", "reserved for AS112, which answers for private addresses"),
        ("198.18.0.0/15", "reserved for measuring networks"),
        ("224.0.0.0/4", "multicast: no sender has it"),
        ("ff00::/8", "multicast: no sender has it"),
        ("255.255.255.255/32", "broadcast: no sender has it"),
        ("240.0.0.0/4", "reserved: nobody was given it"),
        ("64:ff9b::/96", _NAT64),
        ("64:ff9b:1::/48", _NAT64),
        ("100::/64", "reserved for traffic that is thrown away"),
        ("2001::/32", "Teredo, a tunnel over IPv4"),
        ("2001:2::/48", "reserved for measuring networks"),
        ("2001:10::/28", "ORCHID, which is no address of a machine"),
        ("2001:20::/28", "ORCHID, which is no address of a machine"),
        ("2001::/23", "reserved for protocols of the IETF"),
        ("2002::/16", "6to4, a tunnel over IPv4"),
        ("5f00::/16", "reserved for segment routing"),
    )
)  # fmt: skip
_GLOBAL_V6 = ip_network("2000::/3")
_PORT = re.compile(r"\[([^\[\]]*)\](?::\d{1,5})?|(\d+(?:\.\d+){3}):\d{1,5}")
# No written address is longer; `who` gets lines of logs as well.
_MAX_TEXT = 80


def read_address(text: str) -> IP:
    """The address that was meant, without port, zone or leading zeros. Raises AttributionError."""
    plain = text.strip()[: _MAX_TEXT + 1]
    if match := _PORT.fullmatch(plain):
        plain = match[1] or match[2]
    found = maybe_address(plain)
    if found is None or len(plain) > _MAX_TEXT:
        raise AttributionError(
            f"{shown(text[:_MAX_TEXT])}: no address like 203.0.113.5 or 2001:db8::5"
        )
    return found


def maybe_address(text: str) -> IP | None:
    """An address as registries write it: zero-padded, with a length, with a zone; else None."""
    plain = text.strip().partition("/")[0].partition("%")[0].strip()
    if plain.count(".") == 3 and ":" not in plain:
        # Old answers pad octets with zeros (074.125.000.000), and mean decimal.
        octets = plain.split(".")
        if not all(o.isascii() and o.isdigit() and len(o) <= 3 for o in octets):
            return None
        plain = ".".join(str(int(o)) for o in octets)
    try:
        found = ip_address(plain)
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def why_special(address: IP, *, exercise: bool = False) -> str | None:
    """Why nobody answers for it, in words; None for an address that somebody holds.

    In an `exercise` addresses of documentation count as held: a server that plays
    registry is asked, and nobody else.
    """
    for network, says in _SPECIAL:
        if address in network:
            if exercise and says is _DOCUMENTATION:
                return None
            inner = _carried(address)
            return f"{says}; ask for {inner}" if inner else says
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return "outside of what is given to anybody (2000::/3)"
    return None


def may_connect(address: IP) -> bool:
    """Whether a connection there leaves the house: nothing private, reserved or tunnelled."""
    return why_special(address) is None and address.is_global and not address.is_multicast


def _carried(address: IP) -> IPv4Address | None:
    """The IPv4 address that a tunnel's address carries."""
    if isinstance(address, IPv4Address):
        return None
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in ip_network("64:ff9b::/96"):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None
