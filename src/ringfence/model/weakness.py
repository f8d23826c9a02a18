"""A weakness of a phone system: the rule that is broken, where, and what to do about it.

It never holds the secret that broke the rule, nor a part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from ringfence.model.pbx import Place
from ringfence.model.secret import Kind


class Severity(IntEnum):
    """How soon it has to be seen to."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4  # it opens the phone system to whoever tries


@dataclass(frozen=True, slots=True)
class Weakness:
    """One finding of `ringfence audit`."""

    rule: str  # "same-across", "holds-number", "guests-may-call"
    severity: Severity
    says: str  # one sentence
    do: str  # one sentence
    place: Place
    extension: str = ""  # empty: the whole system
    kind: Kind | None = None  # the secret, where it is about one
    column: str = ""  # the secret's name in the source
    others: tuple[str, ...] = ()  # other extensions that are met by the same
    tried: bool = False  # the attacker of the case asked for this account
    guessed: bool = False  # his guesses hold this secret: he has it, or may have it any time


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found out, worst first."""

    weaknesses: tuple[Weakness, ...]
    sources: tuple[str, ...]
    extensions: int  # looked at
    secrets: int  # weighed as texts
    hashes: int  # tried with candidates
    answers: int = 0  # digest answers from the wire that were tried
    not_checked: tuple[str, ...] = ()  # what could not be, with the reason
