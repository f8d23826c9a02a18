"""Who lives where: documentation addresses only (RFC 5737, RFC 3849; RFC 2544 for forged ones)."""

from dataclasses import dataclass
from typing import Final

PBX: Final = "192.0.2.10"
PBX6: Final = "2001:db8:10::10"
SIP_PORT: Final = 5060

# Head office, 192.0.2.0/25: desk phones from .20 on.
LOAD_TESTER: Final = "192.0.2.15"
DIALLER: Final = "192.0.2.16"
PROVISIONED: Final = "192.0.2.17"
OFFICE_FIRST: Final = 20
OFFICE_PHONES: Final = 40

# Branch office, 192.0.2.128/25: leaves through one NAT address.
NAT_OFFICE: Final = "198.51.100.7"
BRANCH_GATEWAY: Final = "192.0.2.129"
BRANCH_FIRST: Final = 130
BRANCH_PHONES: Final = 41

# Carrier, 198.51.100.0/25: one gateway takes our calls, one brings calls to us.
TRUNK: Final = "198.51.100.30"
TRUNK_INBOUND: Final = "198.51.100.31"

# Home workers, 198.51.100.128/25; an attacker who moves lives here later.
HOME_WORKER: Final = "198.51.100.140"
HOME_WORKERS: Final = tuple(f"198.51.100.{140 + n}" for n in range(6))
ATTACKER_MOVED: Final = "198.51.100.201"

# The rest of the Internet.
ATTACKER: Final = "203.0.113.66"
ATTACKER_SECOND: Final = "203.0.113.91"
ATTACKER6: Final = "2001:db8:66::66"
HOME_WORKER6: Final = "2001:db8:66::140"
# Fifty machines of one attacker, for guessing that is spread thin.
SPREAD: Final = tuple(f"203.0.113.{100 + n}" for n in range(50))
# Benchmark addresses (RFC 2544): sources that a raw socket invents.
FORGED_NETWORK: Final = "198.18.0.0/15"


def office_phone(number: int) -> str:
    """Address of head-office phone `number`, counted from 0."""
    return f"192.0.2.{OFFICE_FIRST + number}"


def branch_phone(number: int) -> str:
    """Address of branch phone `number` behind the NAT, counted from 0."""
    return f"192.0.2.{BRANCH_FIRST + number}"


@dataclass(frozen=True, slots=True)
class Leg:
    """One network behind the router: its gateway addresses and its hosts."""

    name: str
    gateways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Host:
    """One machine: a network namespace with one interface on one leg."""

    name: str
    leg: str
    addresses: tuple[str, ...]


LEGS: Final = (
    Leg("office", ("192.0.2.1/25", "2001:db8:10::1/64")),
    Leg("carrier", ("198.51.100.1/25", "2001:db8:20::1/64")),
    Leg("homes", ("198.51.100.129/25",)),
    Leg("internet", ("203.0.113.1/24", "2001:db8:66::1/64")),
)
HOSTS: Final = (
    Host("pbx", "office", (f"{PBX}/25", f"{PBX6}/64")),
    Host(
        "office",
        "office",
        (
            f"{LOAD_TESTER}/25",
            f"{DIALLER}/25",
            f"{PROVISIONED}/25",
            *(f"{office_phone(n)}/25" for n in range(OFFICE_PHONES)),
            "2001:db8:10::20/64",
        ),
    ),
    Host("carrier", "carrier", (f"{TRUNK}/25", f"{TRUNK_INBOUND}/25", "2001:db8:20::30/64")),
    Host("gateway", "carrier", (f"{NAT_OFFICE}/25",)),
    Host("homes", "homes", tuple(f"{a}/25" for a in HOME_WORKERS)),
    # On its own host: svcrack does not bind to the address it is told to.
    Host("moved", "homes", (f"{ATTACKER_MOVED}/25",)),
    Host(
        "internet",
        "internet",
        (
            f"{ATTACKER}/24",
            f"{ATTACKER_SECOND}/24",
            *(f"{a}/24" for a in SPREAD),
            f"{ATTACKER6}/64",
            f"{HOME_WORKER6}/64",
        ),
    ),
)
