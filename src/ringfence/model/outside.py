"""Blocks that stand on machines other than this one: the router before it, the PBX's own list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

# How it stands with a measure at one of these machines.
STANDS, WAITS, FAILS, LEFT_OUT = "stands", "waits", "fails", "left_out"
OUTSIDE_STATES = (STANDS, WAITS, FAILS, LEFT_OUT)


class OutsideError(Exception):
    """The other machine did not do what was asked: says why, and what to do; no secrets."""

    def __init__(self, says: str, status: int = 0) -> None:
        super().__init__(says)
        self.status = status  # of the answer; 0 where there was none


class Web(Protocol):
    """A machine of the owner that is asked over HTTPS and answers in JSON."""

    @property
    def host(self) -> str:
        """Its name or address."""

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
    ) -> object:
        """The answer; None where it is empty. Raises OutsideError."""

    def close(self) -> None:
        """No more questions."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One address on the list of such a machine."""

    address: str  # canonical; a network with its length
    id: str = ""  # of our measure; "" where the list has no room for it
    until: str = ""  # ISO 8601, UTC; "" where the list does not say
    ours: bool = False
    key: str = ""  # what the machine itself calls it
    by: str = ""  # who put it there, where the machine says so


@dataclass(frozen=True, slots=True)
class Carried:
    """One measure at one of these machines, as it stands now."""

    where: str
    measure_id: str
    address: str
    state: str  # one of OUTSIDE_STATES
    says: str = ""  # a sentence


@dataclass(frozen=True, slots=True)
class OutsideState:
    """One of these machines, as it was seen last."""

    name: str
    seen_at: str = ""  # when its list was read; "": never yet
    trouble: str = ""  # why it could not be read or written
    doubt: str = ""  # why what stands there may do nothing
    carried: tuple[Carried, ...] = ()
    others: tuple[Entry, ...] = ()  # on its list, and not ours
