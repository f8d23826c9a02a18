"""What may be done against an address, and what was left alone, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


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
