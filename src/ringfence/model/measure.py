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
class BlockPlan:
    """What is blocked for a case, and what is not."""

    case_id: str
    made_at: str  # ISO 8601, UTC
    blocks: tuple[Block, ...]
    withheld: tuple[Withheld, ...] = ()
