"""Doors in a closed port 5060 for users on changing addresses: who, where from, how long."""

from __future__ import annotations

from dataclasses import dataclass

PAGE, TUNNEL, NAME = "page", "tunnel", "name"
# A door is for somebody who travels, not for an office: that one has an address of its own.
MAX_LASTS_S = 7 * 86_400
MIN_LASTS_S = 60


class DoorError(ValueError):
    """What cannot be done at a door, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Invite:
    """A link that was given to somebody. The link itself is kept nowhere, only its hash."""

    hash: str  # SHA-256 of the token, hexadecimal
    name: str
    extension: str
    lasts_s: int  # how long each use opens
    uses_left: int
    valid_until: float  # seconds since the epoch
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """An address that may reach the phone system, until when and why."""

    address: str
    name: str
    how: str  # PAGE, TUNNEL, NAME
    until: float
    by: str = ""  # the hash of the token; the name of a host; an address in the tunnel


@dataclass(frozen=True, slots=True)
class HostName:
    """A dynamic-DNS name of somebody's, and what it led to last."""

    host: str
    name: str
    next_at: float = 0.0


@dataclass(frozen=True, slots=True)
class State:
    """All doors of a machine."""

    invites: tuple[Invite, ...] = ()
    opened: tuple[Opened, ...] = ()
    names: tuple[HostName, ...] = ()
    url: str = ""  # where the page is, as users reach it


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page is told: `until` is 0.0 where nothing may be opened."""

    name: str = ""
    address: str = ""
    until: float = 0.0
    why: str = ""  # nothing that tells a guesser more than that it was wrong
