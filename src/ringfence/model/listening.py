"""Listening on an interface: what is wanted, and what was heard."""

from __future__ import annotations

from dataclasses import dataclass

LISTENING = "listening"
DOWN = "down"
GONE = "gone"


class ListeningError(Exception):
    """Nothing is heard: one line that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen, and to what."""

    interface: str  # "any": all of them, each packet as each of them sees it
    ports: tuple[int, ...] = ()  # beside those of SIP
    everything: bool = False  # media and tunnels, too: no filter in the kernel
    replies: bool = True  # what this machine sends; a mirror port has none
    promiscuous: bool = False  # frames to others, too: a mirror port
    ring_octets: int = 64 * 1024 * 1024
    deliver_ms: int = 4  # a block that is not full is handed over after twice as long at most
    group: int | None = None  # processes of one number share the interface's packets


@dataclass(frozen=True, slots=True)
class Heard:
    """Totals since listening began. Nothing is lost without `lost` saying so."""

    packets: int  # that were looked at
    lost: int  # that the kernel had no room for
    twice: int  # a loopback's packets as they left
    blocks: int
    damaged: int  # blocks that made no sense
    outages: int  # the interface went down, or away
    state: str  # LISTENING, DOWN, GONE
