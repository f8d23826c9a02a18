"""What one source did, in the terms that clues weigh: counts, samples and rates joined."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_network

from ringfence.detect import _fields as f
from ringfence.detect.counts import Counts
from ringfence.detect.dialled import read_dialled
from ringfence.detect.numbers import digits_of, hunted_suffixes, is_international
from ringfence.detect.profile import Call, Profile

Address = IPv4Address | IPv6Address
# Numbers that agree in all but this many last digits are of one range: revenue
# share is paid by ranges, and thieves dial through theirs.
_RANGE_DIGITS = 3


@dataclass(frozen=True)
class Deeds:
    """One source's behaviour. Counts are of transactions, retransmissions left out."""

    address: Address
    counts: Counts
    profile: Profile
    agents: tuple[str, ...]
    server: Address | None = None
    crowd: int = 1  # sources that look the same and were never let in, this one included
    crowd_rate: float = 0.0  # their requests a second, all together
    # What survives a change of address: hash of the order of headers, User-Agent
    # (hash and text) of its first request; None where it sends no User-Agent.
    hand: tuple[int, int, str] | None = None

    @cached_property
    def span_s(self) -> float:
        """Seconds from its first message to its last."""
        return max(0.0, (self.counts.last - self.counts.first) / 1e9)

    @cached_property
    def requests(self) -> int:
        """Requests without retransmissions and ACKs."""
        return max(0, self.counts.messages - self.counts.repeated - self.counts.acks)

    @cached_property
    def rate(self) -> float:
        """Requests a second over the whole span, which counts as one second at least."""
        return self.requests / max(1.0, self.span_s)

    @cached_property
    def ignored_challenges(self) -> int:
        """Challenges that it did not answer with credentials."""
        return max(0, self.counts.challenged - self.counts.credentials)

    @cached_property
    def failures(self) -> int:
        """Credentials refused, users that do not exist, challenges left unanswered."""
        return self.counts.refused + self.counts.not_found + self.ignored_challenges

    @cached_property
    def bears_mark(self) -> bool:
        """A tool's own mark, which no phone writes."""
        marks = f.K_SIPVICIOUS_TAG | f.K_SVCRACK_TAG | f.K_TOOL_AGENT
        return bool(self.counts.marks & marks)

    @cached_property
    def is_single_account(self) -> bool:
        """Every refusal that was looked at is of one account."""
        return len(self.profile.texts("refused_accounts")) <= 1 and self.counts.accounts <= 2

    @cached_property
    def hunted(self) -> dict[str, tuple[str, ...]]:
        """Dialled suffixes with the strings that end in them, where there are several."""
        return hunted_suffixes(self.profile.texts("numbers"))

    @cached_property
    def foreign(self) -> tuple[str, ...]:
        """Dialled strings that ask for another country."""
        return tuple(n for n in self.profile.texts("numbers") if is_international(n))

    @cached_property
    def numbers_abroad(self) -> int:
        """How many of the dialled strings are abroad, or variants of one hunted number."""
        hunted = {text for texts in self.hunted.values() for text in texts}
        return len(hunted | set(self.foreign))

    @cached_property
    def foreign_answered(self) -> tuple[Call, ...]:
        """Answered calls to another country."""
        calls = self.profile.calls.values()
        return tuple(call for call in calls if call.answered_ns and is_international(call.number))

    @cached_property
    def dear_numbers(self) -> tuple[str, ...]:
        """Distinct numbers of answered calls abroad that pay whoever owns the number."""
        read = (read_dialled(call.number) for call in self.foreign_answered)
        return tuple(dict.fromkeys(n.e164 for n in read if n is not None and n.risk == "high"))

    @cached_property
    def range_dialled(self) -> int:
        """How many distinct foreign numbers of one range it dialled, at most."""
        ranges: dict[str, set[str]] = {}
        for text in self.foreign:
            digits = digits_of(text)
            ranges.setdefault(digits[-11:-_RANGE_DIGITS], set()).add(digits[-_RANGE_DIGITS:])
        return max(map(len, ranges.values()), default=0)

    @cached_property
    def concurrent_foreign(self) -> int:
        """Most foreign calls that were up at one moment."""
        moments = []
        for call in self.foreign_answered:
            end = call.ended_ns or call.media_last_ns or self.counts.last
            moments += [(call.answered_ns, 1), (max(end, call.answered_ns + 1), -1)]
        most = up = 0
        for _, step in sorted(moments):
            up += step
            most = max(most, up)
        return most

    @cached_property
    def is_neighbour(self) -> bool:
        """In the same network (/24, /64) as the server it asks."""
        if self.server is None or self.server.version != self.address.version:
            return False
        if self.server == self.address:
            return True
        width = 24 if self.address.version == 4 else 64
        return self.address in ip_network(f"{self.server}/{width}", strict=False)

    @cached_property
    def is_peer(self) -> bool:
        """It is called, and it answers: a server, a trunk, a phone of ours."""
        return self.counts.answers > 0 and self.counts.called > 0

    @cached_property
    def is_trusted(self) -> bool:
        """Calls are answered without a password or a challenge: known by its address.

        A carrier brings calls to our own numbers; who calls dear ones only found a
        server that asks nobody for a password.
        """
        c = self.counts
        let_in = c.answered > 0 and not c.credentials and not c.challenged
        return let_in and len(self.dear_numbers) < 2

    @cached_property
    def proven(self) -> str:
        """How the address is proven: it answered something that was sent to it."""
        if self.counts.tcp:
            return "tcp"
        if self.counts.dialogs:
            return "dialog"
        return "nonce" if self.counts.echoed else "none"
