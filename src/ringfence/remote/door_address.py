"""Which addresses a door may be opened for: one machine of the internet's, nothing wider."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_network

from ringfence.model.door import DoorError
from ringfence.model.endpoint import Address, plain_address
from ringfence.model.text import shown

# Nobody out there sends from these, or they stand for any number of machines. Addresses of
# documentation are not among them: nobody has them, and an opened one lets nobody in.
_NOBODY = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16", "192.88.99.0/24", "198.18.0.0/15",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_GLOBAL6 = ip_network("2000::/3")
# Teredo, ORCHID, 6to4: an IPv4 address or a key in the clothes of an address.
_ODD6 = tuple(ip_network(text) for text in ("2001::/32", "2001:10::/28", "2001:20::/28",
                                            "2002::/16"))  # fmt: skip


def admissible(text: str) -> Address:
    """The address, as one that may be let in. Raises DoorError."""
    address = plain_address(text) if len(text) <= 45 else None
    if address is None:
        raise DoorError(f"{shown(text[:60])}: no single address of the internet")
    if not _is_somebodys(address):
        raise DoorError(f"{address}: private, reserved or everybody's, never let in by a door")
    return address


def _is_somebodys(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        return address in _GLOBAL6 and not any(address in odd for odd in _ODD6)
    # x.x.x.255 may be somebody's; 255.255.255.255 is in 240.0.0.0/4.
    return not any(address in one for one in _NOBODY)
