"""Who is who in the slice: names of roles for addresses, as Wireshark shows them."""

from __future__ import annotations

from ipaddress import ip_address

from ringfence.model.incident import Incident

# Names in one file. A crowd has more members than anybody tells apart by name.
MAX_NAMES = 5_000
# No name that the DNS gives: nobody should take a role for a host.
SUFFIX = ".ringfence"


def name_roles(incident: Incident) -> dict[str, str]:
    """Name by address: ours first, then attackers and suspects in the order of the incident."""
    roles: dict[str, str] = {}
    counts: dict[str, int] = {}
    asked = [(address, "server") for address in incident.defended]
    accused = [(suspect.address, suspect.verdict) for suspect in incident.suspects]
    for address, role in [*asked, *accused][:MAX_NAMES]:
        if address not in roles:
            counts[role] = counts.get(role, 0) + 1
            roles[address] = f"{role}-{counts[role]}{SUFFIX}"
    return roles


def role_of(roles: dict[str, str], address: str) -> str:
    """How a comment calls this address: attacker-1."""
    return roles.get(address, address).removesuffix(SUFFIX)


def packed_names(roles: dict[str, str]) -> dict[bytes, str]:
    """The same by packed address."""
    return {ip_address(address).packed: name for address, name in roles.items()}
