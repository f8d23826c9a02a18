"""What may be done against an address, and what was left alone, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass

# What became of a measure, as far as its counters tell.
EFFECTIVE, NOT_EFFECTIVE, UNKNOWN, MOVED = "effective", "not_effective", "unknown", "moved"
EFFECT_STATES = (EFFECTIVE, NOT_EFFECTIVE, UNKNOWN, MOVED)


class MeasureError(ValueError):
    """A measure that makes no sense or would hurt its owner: says why, and what to do."""


class FirewallError(Exception):
    """The firewall did not do what was asked: says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Block:
    """One address to drop until `until` (ISO 8601, UTC); `ports` narrows it, () is all of them."""

    address: str
    reason: str
    until: str
    ports: tuple[int, ...] = ()  # of the source


@dataclass(frozen=True, slots=True)
class Withheld:
    """An accused address that is not blocked, and why."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sharing:
    """Users who send from an accused address as well, told apart by their source ports."""

    address: str
    users: int  # source ports from which a user was let in
    attack_ports: tuple[int, ...] = ()  # the attacker's own; () where nobody can tell


@dataclass(frozen=True, slots=True)
class BlockFile:
    """One file of the folder `block/`: its name, one sentence on what it is, its text."""

    name: str
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """What is blocked for a case, and what is not."""

    case_id: str
    made_at: str  # ISO 8601, UTC
    blocks: tuple[Block, ...]
    withheld: tuple[Withheld, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """What is done about a source until `until`. Times are ISO 8601 in UTC with Z."""

    id: str  # eight hexadecimal digits, the same in the firewall and in the store
    action: str  # decision.BLOCK, NARROW or LIMIT
    address: str  # or a network: an IPv4 /24, an IPv6 /64
    reason: str
    by: str  # who did it: anna@pbx, or "guard"
    since: str
    until: str
    ports: tuple[int, ...] = ()  # of the source, for NARROW
    case_id: str = ""
    ended_at: str = ""  # before its time
    ended_why: str = ""
    host: str = ""  # whose firewall: several machines may share a store


@dataclass(frozen=True, slots=True)
class Held:
    """A measure as the firewall has it now, with what its counters say since it began."""

    id: str
    action: str
    address: str
    ports: tuple[int, ...]
    left_s: int  # until it ends by itself
    dropped: int  # packets
    late: int = 0  # of those, the ones that came by no interface that was named
    passed: int = 0  # packets that reached the phone system all the same


@dataclass(frozen=True, slots=True)
class Effect:
    """Whether a measure works."""

    state: str  # one of EFFECT_STATES
    why: str  # a sentence
    after_s: float | None = None  # from the measure to the last packet that passed
    dropped: int = 0
    passed: int = 0


@dataclass(frozen=True, slots=True)
class Allowed:
    """A network that is never blocked or slowed down, because somebody said so."""

    network: str
    why: str
    by: str
    since: str


# Why somebody is kept: he sits at this machine; it cannot do without him; he has a connection
# to its SSH port, which he keeps, and nothing else.
OPERATOR, MACHINE, SSH_PORT = "operator", "machine", "ssh_port"


@dataclass(frozen=True, slots=True)
class Kept:
    """An address that is never blocked, because this machine or its operator needs it."""

    address: str
    why: str
    role: str  # one of the three above
