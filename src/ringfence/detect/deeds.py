"""What one source did, in the terms that clues weigh: counts, samples and rates joined."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from ringfence.detect.numbers import hunted_suffixes
from ringfence.detect.profile import Profile
from ringfence.detect.watch import Counts


@dataclass(frozen=True, slots=True)
class Deeds:
    """One source's behaviour. Counts are of transactions, retransmissions left out."""

    address: IPv4Address | IPv6Address
    counts: Counts
    profile: Profile
    agents: tuple[str, ...]
    prefixes_of: dict[str, tuple[str, ...]]  # dialled suffix -> strings that end in it

    @property
    def span_s(self) -> float:
        """Seconds from its first message to its last."""
        return max(0.0, (self.counts.last - self.counts.first) / 1e9)

    @property
    def requests(self) -> int:
        """Requests without retransmissions and ACKs."""
        return self.counts.messages - self.counts.repeated - self.counts.acks

    @property
    def rate(self) -> float:
        """Requests a second over the whole span, which counts as one second at least."""
        return self.requests / max(1.0, self.span_s)

    @property
    def failures(self) -> int:
        """Credentials refused, and accounts or numbers that do not exist."""
        return self.counts.refused + self.counts.not_found

    @property
    def is_single_account(self) -> bool:
        """Every refusal that was looked at is of one account."""
        return len(self.profile.texts("refused_accounts")) <= 1 and self.counts.accounts <= 2

    @property
    def proven(self) -> str:
        """How the address is proven: it answered something that was sent to it."""
        if self.counts.tcp:
            return "tcp"
        if self.counts.dialogs:
            return "dialog"
        if self.counts.echoed:
            return "nonce"
        return "none"


def deeds_of(
    address: IPv4Address | IPv6Address, counts: Counts, profile: Profile, agent: str
) -> Deeds:
    """Join what the tally counted with what the profile saw."""
    agents = Counter(profile.texts("agents"))
    if agent:
        agents[agent] += 1
    return Deeds(
        address,
        counts,
        profile,
        tuple(agents),
        hunted_suffixes((profile.texts("numbers"))),
    )
