"""Dynamic-DNS names: which addresses they open, for how long, when they are asked again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ringfence.model.door import NAME, DoorError, HostName, Opened
from ringfence.model.text import shown
from ringfence.remote.door_address import admissible

# Each is a question to the name server every minute at the most.
MAX_NAMES = 64
# A router has an address of either kind, or two while it changes. A name that leads to more is
# a service's, or somebody's who would like to open the port for many.
MAX_ADDRESSES = 4
MIN_TTL_S, MAX_TTL_S = 60, 3600
# The next answer may be a minute late, and the name server away for some more.
_GRACE_S = 300
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a name server said: addresses, and for how many seconds."""

    addresses: tuple[str, ...]
    ttl_s: int


def host_name(text: str) -> str:
    """The name in its one form. Raises DoorError."""
    name = text.strip().rstrip(".").lower()
    labels = name.split(".")
    whole = len(name) <= 253 and len(labels) > 1 and all(map(_LABEL.fullmatch, labels))
    if not whole or labels[-1].isdigit():
        raise DoorError(f"{shown(text[:60])}: no name of a host, like home.dyn.example")
    return name


def is_due(host: HostName, now: float) -> bool:
    """Whether its time to live is over. A clock that was set back makes it due as well."""
    return host.next_at <= now or host.next_at > now + MAX_TTL_S


def next_at(answer: Resolved | None, now: float) -> float:
    """When it is asked again: within 1 to 60 minutes, in a minute after no answer."""
    ttl_s = answer.ttl_s if answer is not None else MIN_TTL_S
    return now + max(MIN_TTL_S, min(MAX_TTL_S, ttl_s))


def doors_of(host: HostName, answer: Resolved, now: float) -> tuple[list[Opened], list[str]]:
    """Doors for what it leads to, each ending by itself; what was refused, in words."""
    until = next_at(answer, now) + _GRACE_S
    doors: dict[str, Opened] = {}
    refused = []
    for text in _ordered(answer.addresses):
        try:
            address = str(admissible(text))
        except DoorError as error:
            refused.append(str(error))
            continue
        if address not in doors and len(doors) == MAX_ADDRESSES:
            refused.append(f"{host.host} leads to more than {MAX_ADDRESSES} addresses")
            break
        doors[address] = Opened(address, host.name, NAME, until, host.host)
    return list(doors.values()), refused


def _ordered(addresses: Iterable[str]) -> list[str]:
    """Always in one order, or a name with many addresses would open them all, one after another."""
    return sorted(addresses)
