"""How much a source of events said, and how much of it was understood."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.event import Event


@dataclass(frozen=True, slots=True)
class Heard:
    """Counts of one log or interface. A line is ours when the PBX wrote it about a request."""

    origin: str  # "asterisk.log", "freeswitch.events" …
    lines: int = 0  # lines of a log, messages of an interface
    ours: int = 0
    understood: int = 0
    not_understood: tuple[tuple[str, int], ...] = ()  # reason, how often; the most frequent first


@dataclass(frozen=True, slots=True)
class LogSummary:
    """What one log says, added up."""

    path: str
    heard: Heard
    kinds: tuple[tuple[str, int], ...]  # kind of event, how many
    sources: tuple[SourceSummary, ...]  # most events first
    events_left: int = 0  # of sources that are counted only


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """One address in a log."""

    source: str
    kinds: tuple[tuple[str, int], ...]
    events: int
    accounts: int
    accounts_sample: tuple[str, ...]
    first_ns: int
    last_ns: int


# What a parser makes of one line: an event, why it is ours but not understood, or not ours.
Reading = Event | str | None
