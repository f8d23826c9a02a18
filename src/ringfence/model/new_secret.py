"""New secrets for an extension, and the files that bring them into a phone system."""

from __future__ import annotations

from dataclasses import dataclass, field

from ringfence.model.pbx import System
from ringfence.model.secret import Kind


@dataclass(frozen=True, slots=True)
class NewSecret:
    """One secret that takes the place of a weak one. It never shows itself."""

    extension: str
    name: str  # of the user
    kind: Kind
    column: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangeFile:
    """One file to write. It holds secrets."""

    name: str
    content: bytes = field(repr=False)
    load: str  # how it gets into the phone system, in sentences


@dataclass(frozen=True, slots=True)
class Change:
    """All that changes in one phone system."""

    system: System
    files: tuple[ChangeFile, ...] = ()
    secrets: tuple[NewSecret, ...] = ()
    left: tuple[str, ...] = ()  # what is not changed, and why


class FixError(ValueError):
    """No change file can be written: names the place, why, and what to do; no secrets."""
