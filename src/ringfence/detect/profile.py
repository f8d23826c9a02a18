"""What one source did, looked at closely: the interpreted half of a profile.

Counts come from the tally; a profile keeps bounded samples of the messages that
the tally picked. Samples answer *which* (accounts, numbers, texts), never *how
many*.
"""

from __future__ import annotations

from bisect import insort
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
    port: int = 0  # of the caller
    media_packets: int = 0
    media_first_ns: int = 0
    media_last_ns: int = 0
    is_asked: bool = True  # False while only its answer was read

    def ask(
        self, number: str, account: str, at: tuple[int, int, int], media: tuple[MediaEnd, ...]
    ) -> None:
        """Its INVITE, read after its answer: what was dialled is the INVITE's word."""
        self.number, self.account, self.asked_ns, self.at = number, account, at[2], at
        self.media += media
        self.is_asked = True

    def merge(self, other: Call) -> None:
        """Add what another saw of the same call."""
        if other.is_asked and (not self.is_asked or other.asked_ns < self.asked_ns):
            self.number, self.account = other.number, other.account
            self.asked_ns, self.at = other.asked_ns, other.at
        self.is_asked |= other.is_asked
        self.port = self.port or other.port
        self.status = self.status or other.status
        self.answered_ns = _lower(self.answered_ns, other.answered_ns)
        self.ended_ns = _lower(self.ended_ns, other.ended_ns)
        self.media += tuple(end for end in other.media if end not in self.media)
        self.media_packets += other.media_packets
        self.media_first_ns = _lower(self.media_first_ns, other.media_first_ns)
        self.media_last_ns = max(self.media_last_ns, other.media_last_ns)

    @property
    def end_ns(self) -> int:
        """When it ended, by BYE or by the last media; 0 when neither was seen."""
        return self.ended_ns or self.media_last_ns

    @property
    def seconds(self) -> float | None:
        """Length after the answer, by BYE or by the last media; None when neither was seen."""
        end = self.end_ns
        if not self.answered_ns or end <= self.answered_ns:
            return None
        return round((end - self.answered_ns) / 1e9, 3)


def _lower(a: int, b: int) -> int:
    """The lower of two times, where 0 is none."""
    return min(a, b) if a and b else a or b


class Profile:
    """Samples of one source's messages: texts by what they show, calls, places."""

    __slots__ = (
        "_texts", "calls", "flows", "hostile_ports", "latest", "ports", "refused_calls", "seen",
    )  # fmt: skip

    def __init__(self) -> None:
        self._texts: dict[str, dict[str, int]] = {}
        self.refused_calls: set[int] = set()  # Call-ID hashes of refusals
        self.ports: set[int] = set()
        self.hostile_ports: set[int] = set()  # of refusals, of users that do not exist, of tools
        self.calls: dict[int, Call] = {}  # by Call-ID hash
        # (refused or entered, account, port of the source): time (ns) of the first
        self.flows: dict[tuple[str, str, int], int] = {}
        # (input, packet, time) of messages that clues rest on, by clue
        self.seen: dict[str, list[tuple[int, int, int]]] = {}
        self.latest: dict[str, int] = {}  # time (ns) of the last message for each clue

    def add(self, what: str, text: str, times: int = 1) -> None:
        """Count a text of this kind (`accounts`, `agents`, ...); new ones up to the bound."""
        texts = self._texts.get(what)
        if texts is None:
            texts = self._texts[what] = {}
        if text in texts:
            texts[text] += times
        elif text and len(texts) < (MAX_NUMBERS if what == "numbers" else MAX_SAMPLES):
            texts[text] = times

    def copy(self) -> Profile:
        """The same once more; calls are shared."""
        twin = Profile()
        twin._texts = {what: dict(texts) for what, texts in self._texts.items()}
        twin.refused_calls, twin.ports = set(self.refused_calls), set(self.ports)
        twin.hostile_ports = set(self.hostile_ports)
        twin.calls, twin.flows = dict(self.calls), dict(self.flows)
        twin.seen = {clue: list(places) for clue, places in self.seen.items()}
        twin.latest = dict(self.latest)
        return twin

    def merge(self, other: Profile) -> None:
        """Add what another looked at of the same source; the bounds stay."""
        for what, texts in other._texts.items():
            for text, times in texts.items():
                self.add(what, text, times)
        _fill(self.refused_calls, other.refused_calls, MAX_CALLS)
        _fill(self.ports, other.ports, MAX_CALLS)
        _fill(self.hostile_ports, other.hostile_ports, MAX_CALLS)
        for (what, account, port), time_ns in other.flows.items():
            self.note_flow(what, account, port, time_ns)
        self._merge_calls(other)
        for clue, places in other.seen.items():
            for place in places:
                self.note(clue, place)
            self.latest[clue] = max(other.latest[clue], self.latest[clue])

    def _merge_calls(self, other: Profile) -> None:
        for call_hash, call in other.calls.items():
            mine = self.calls.get(call_hash)
            if mine is not None:
                mine.merge(call)
            elif len(self.calls) < MAX_CALLS:
                self.calls[call_hash] = call

    @property
    def samples(self) -> int:
        """How many texts, ports, calls and flows are kept, some 100 octets each."""
        sets = len(self.ports) + len(self.hostile_ports) + len(self.refused_calls)
        return sets + len(self.flows) + len(self.calls) + sum(map(len, self._texts.values()))

    def texts(self, what: str) -> tuple[str, ...]:
        """Texts of this kind, in order of first sight."""
        return tuple(self._texts.get(what, ()))

    def counted(self, what: str) -> dict[str, int]:
        """Texts of this kind with how often each was seen among the samples."""
        return self._texts.get(what, {})

    def note_flow(self, what: str, account: str, port: int, time_ns: int) -> None:
        """Remember from which port an account was refused, or let in."""
        flow = (what, account, port)
        if flow in self.flows or len(self.flows) < MAX_CALLS:
            self.flows[flow] = min(time_ns, self.flows.get(flow, time_ns))

    def note_hostile(self, port: int) -> None:
        """Remember a port from which somebody failed, or a tool spoke."""
        if len(self.hostile_ports) < MAX_CALLS:
            self.hostile_ports.add(port)

    def note(self, clue: str, at: tuple[int, int, int]) -> None:
        """Remember a message that the clue rests on; the five first are enough to show."""
        places = self.seen.get(clue)
        if places is None:
            self.seen[clue] = [at]
            self.latest[clue] = at[2]
            return
        if at[2] > self.latest[clue]:  # noqa: PLR1730  max() takes three times as long
            self.latest[clue] = at[2]
        if len(places) < MAX_PLACES or at[2] < places[-1][2]:
            insort(places, at, key=_time)
            del places[MAX_PLACES:]


def _time(place: tuple[int, int, int]) -> int:
    return place[2]


def _fill(mine: set[int], theirs: set[int], bound: int) -> None:
    """Take over what is new, up to the bound; the lowest first, whatever the sets' order."""
    new = sorted(theirs - mine)
    mine.update(new[: max(0, bound - len(mine))])
