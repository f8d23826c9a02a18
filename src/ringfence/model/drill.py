"""A drill: what was checked, what came of it, and each packet that was sent for it."""

from __future__ import annotations

from dataclasses import dataclass

OK, WARN, FAIL, UNCHECKED = "ok", "warn", "fail", "not checked"
STATES = (OK, WARN, FAIL, UNCHECKED)
# Steps, in their order.
OWNERSHIP = "proof of ownership"
CLOSED = "closed port"
DOORS = "other doors"
TOOL = "unknown tool"
ENDS = "end of the block"
ALARM = "alarm"
STEPS = (OWNERSHIP, CLOSED, DOORS, TOOL, ENDS, ALARM)


class DrillError(ValueError):
    """There is no drill: says why, and what to do. Nothing was sent to the phone system."""


@dataclass(frozen=True, slots=True)
class Step:
    """One check."""

    name: str  # one of STEPS
    state: str  # one of STATES
    says: str  # what was seen
    means: str = ""
    do: str = ""  # nothing where all is well


@dataclass(frozen=True, slots=True)
class Sent:
    """One thing that was sent, or a connection that was tried."""

    at: str  # ISO 8601 in UTC
    what: str  # "OPTIONS", "REGISTER of an attack tool", "connection"
    address: str
    port: int
    transport: str  # "UDP", "TCP"
    packets: int  # on the wire, of ours
    heard: str  # "answer", "open", "refused", "silence"


@dataclass(frozen=True, slots=True)
class Drilled:
    """All of it."""

    pbx: str
    drill: str  # the mark of its packets
    at: str
    steps: tuple[Step, ...]
    sent: tuple[Sent, ...]
    stopped: bool = False  # before its end, by hand

    @property
    def packets(self) -> int:
        """How many were sent in all."""
        return sum(one.packets for one in self.sent)

    @property
    def failed(self) -> bool:
        """Whether the defence does not work."""
        return any(one.state == FAIL for one in self.steps)
