"""One clue: what it weighs, what it shows, who else could show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ringfence.detect.deeds import Deeds

Weighed = tuple[float, str] | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One clue: `weigh` gives (decibans, sentence), or None when it does not apply.

    `kind` is the attack that it shows, "" for clues of innocence or of no one kind;
    `places` names the messages that it rests on (a key of `Profile.seen`).
    """

    name: str
    kind: str
    weigh: Callable[[Deeds], Weighed]
    innocent: str
    origin: str
    places: str = ""
