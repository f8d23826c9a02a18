"""What the guard wants done about a source, before anything is done."""

from __future__ import annotations

from dataclasses import dataclass

BLOCK = "block"  # drop everything of the address
NARROW = "narrow"  # drop one port of an address that users share
LIMIT = "limit"  # few packets a second: the address is not proven
RELEASE = "release"  # what was done is to be undone: it was a user
ALARM = "alarm"  # nothing for the firewall: an account was taken, or its guesses are used up
ACTIONS = (BLOCK, NARROW, LIMIT, RELEASE, ALARM)


@dataclass(frozen=True, slots=True)
class Decision:
    """One action about one source, with all that a person or a court asks of it."""

    action: str  # one of ACTIONS
    address: str
    reason: str  # a sentence
    time_ns: int  # of the message that decided
    kinds: tuple[str, ...] = ()  # of attack
    weight_db: float = 0.0
    proven: str = "none"
    ports: tuple[int, ...] = ()  # of the source, for NARROW
    lasts_s: int = 0  # 0: as the plan says
    account: str = ""  # for ALARM
    campaign: str = ""  # the hand that it belongs to, where known
    messages: int = 0  # of the source that were seen until then
    refused: int = 0  # passwords of the source that were refused until then
