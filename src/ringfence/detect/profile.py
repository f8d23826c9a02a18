"""What one source did, looked at closely: the interpreted half of a profile.

Counts come from the tally; a profile keeps bounded samples of the messages that
the tally picked. Samples answer *which* (accounts, numbers, texts), never *how
many*.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# Samples of one kind kept for one source. A scanner may name a million accounts;
# a person reads a few dozen, and a letter quotes fewer.
MAX_SAMPLES = 64
# Numbers dialled and calls answered are what the victim pays for: kept further.
MAX_NUMBERS = 1024
MAX_CALLS = 1024
# Longest text kept of what a stranger wrote, in octets.
MAX_TEXT = 256


@dataclass(slots=True)
class Call:
    """An INVITE transaction that got a final answer, and the dialog after it."""

    number: str
    account: str
    asked_ns: int
    status: int = 0
    answered_ns: int = 0
    ended_ns: int = 0
    media: tuple[tuple[int, int, int], ...] = ()  # (address high, low, port) that media went to
    at: tuple[int, int, int] = (0, 0, 0)
    media_packets: int = 0
    media_first_ns: int = 0
    media_last_ns: int = 0

    @property
    def seconds(self) -> float | None:
        """Length after the answer, by BYE or by the last media; None when neither was seen."""
        end = self.ended_ns or self.media_last_ns
        if not self.answered_ns or end <= self.answered_ns:
            return None
        return round((end - self.answered_ns) / 1e9, 3)


@dataclass(slots=True)
class Samples:
    """Texts in order of first sight, with how often each was picked."""

    limit: int = MAX_SAMPLES
    texts: dict[str, int] = field(default_factory=dict)

    def add(self, text: str) -> None:
        """Count the text; a new one beyond the limit is dropped."""
        if text in self.texts:
            self.texts[text] += 1
        elif text and len(self.texts) < self.limit:
            self.texts[text] = 1

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(slots=True)
class Profile:
    """Samples of one source's messages, by what they show."""

    accounts: Samples = field(default_factory=Samples)
    refused_accounts: Samples = field(default_factory=Samples)
    missing_accounts: Samples = field(default_factory=Samples)
    accepted_accounts: Samples = field(default_factory=Samples)
    agents: Samples = field(default_factory=Samples)
    numbers: Samples = field(default_factory=lambda: Samples(MAX_NUMBERS))
    guesses: Samples = field(default_factory=Samples)
    targets: Samples = field(default_factory=Samples)
    hostile_texts: Samples = field(default_factory=Samples)
    refused_calls: set[int] = field(default_factory=set)  # Call-ID hashes of refusals
    ports: set[int] = field(default_factory=set)
    calls: dict[int, Call] = field(default_factory=dict)
    # (input, packet, time) of messages that clues rest on, by clue
    seen: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)

    def note(self, clue: str, at: tuple[int, int, int]) -> None:
        """Remember a message that the clue rests on; five are enough to show."""
        places = self.seen.setdefault(clue, [])
        if len(places) < 5:
            places.append(at)
