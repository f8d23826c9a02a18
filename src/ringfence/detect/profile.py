"""What one source did, looked at closely: the interpreted half of a profile.

Counts come from the tally; a profile keeps bounded samples of the messages that
the tally picked. Samples answer *which* (accounts, numbers, texts), never *how
many*.
"""

from __future__ import annotations

from dataclasses import dataclass

# Samples of one kind kept for one source. A scanner may name a million accounts;
# a person reads a few dozen, and a letter quotes fewer.
MAX_SAMPLES = 64
# Numbers dialled and calls answered are what the victim pays for: kept further.
MAX_NUMBERS = 1024
MAX_CALLS = 1024
# Messages shown for one clue.
MAX_PLACES = 5
# Longest text kept of what a stranger wrote, in octets.
MAX_TEXT = 256


# Where a session description wants media: the sender's address (high, low), the
# port, and the address as the description states it.
MediaEnd = tuple[int, int, int, bytes]


@dataclass(slots=True)
class Call:
    """An INVITE transaction that got a final answer, and the dialog after it."""

    number: str
    account: str
    asked_ns: int
    status: int = 0
    answered_ns: int = 0
    ended_ns: int = 0
    media: tuple[MediaEnd, ...] = ()
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


class Profile:
    """Samples of one source's messages: texts by what they show, calls, places."""

    __slots__ = ("_texts", "calls", "ended", "latest", "ports", "refused_calls", "seen")

    def __init__(self) -> None:
        self._texts: dict[str, dict[str, int]] = {}
        self.refused_calls: set[int] = set()  # Call-ID hashes of refusals
        self.ports: set[int] = set()
        self.calls: dict[int, Call] = {}  # by Call-ID hash
        self.ended: dict[int, int] = {}  # BYEs (ns) that were read before their call, the same
        # (input, packet, time) of messages that clues rest on, by clue
        self.seen: dict[str, list[tuple[int, int, int]]] = {}
        self.latest: dict[str, int] = {}  # time (ns) of the last message for each clue

    def add(self, what: str, text: str) -> None:
        """Count a text of this kind (`accounts`, `agents`, ...); new ones up to the bound."""
        texts = self._texts.setdefault(what, {})
        if text in texts:
            texts[text] += 1
        elif text and len(texts) < (MAX_NUMBERS if what == "numbers" else MAX_SAMPLES):
            texts[text] = 1

    def texts(self, what: str) -> tuple[str, ...]:
        """Texts of this kind, in order of first sight."""
        return tuple(self._texts.get(what, ()))

    def note(self, clue: str, at: tuple[int, int, int]) -> None:
        """Remember a message that the clue rests on; five are enough to show."""
        places = self.seen.setdefault(clue, [])
        if len(places) < MAX_PLACES:
            places.append(at)
        self.latest[clue] = max(at[2], self.latest.get(clue, 0))
