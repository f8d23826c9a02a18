"""A case as it stands: everything that its checklist is made from, and questions about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ringfence.model.case import CLOSED, Case
from ringfence.model.decision import BLOCK, NARROW
from ringfence.model.endpoint import within
from ringfence.model.follow_up import TO_DO, Mark, Reply
from ringfence.model.incident import Incident, Suspect
from ringfence.model.letter import SentLetter
from ringfence.model.measure import Measure
from ringfence.model.responsible import Contact, Responsible

# Networks of one case that have steps of their own; a crowd has more than anybody writes to.
MAX_NETWORKS = 500


@dataclass(frozen=True, slots=True)
class Investigated:
    """One investigation: when it was filed, what it found, what of its folder is there."""

    at: str
    incident: Incident
    folder: str | None = None
    sealed: bool = False  # a bag of evidence lies there
    blocks: str = ""  # its list for nftables


@dataclass(frozen=True, slots=True)
class Network:
    """Addresses that one party answers for."""

    key: str  # its first prefix; the address where nobody is known; "" while nobody was asked
    addresses: dict[str, str]  # and when each was filed first
    who: Responsible | None = None

    @property
    def filed_at(self) -> str:
        """When the first of its addresses was filed."""
        return min(self.addresses.values())

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Those that can be used, best first."""
        return tuple(c for c in self.who.contacts if c.usable) if self.who else ()

    @property
    def name(self) -> str:
        """Holder and key: "Example Hosting (198.51.100.0/24)"."""
        holder = self.who.network.holder if self.who and self.who.network else None
        return f"{holder} ({self.key})" if holder else self.key


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that is known of one case and of those that were merged into it."""

    case: Case
    investigated: tuple[Investigated, ...] = ()  # oldest first
    letters: tuple[SentLetter, ...] = ()
    replies: tuple[Reply, ...] = ()
    marks: tuple[Mark, ...] = ()  # oldest first
    found: tuple[Responsible, ...] = ()
    continues: tuple[str, ...] = ()  # earlier cases of the same hand
    closed: str = ""  # when, and why, where it is
    measures: tuple[Measure, ...] = ()  # what the firewall was told, oldest first
    _latest: dict[tuple[str, str], Mark] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A mark that takes back leaves nothing of what was said before."""
        for mark in self.marks:
            self._latest.pop((mark.step, mark.network), None)
            if mark.state != TO_DO:
                self._latest[mark.step, mark.network] = mark

    @property
    def is_closed(self) -> bool:
        """Whether somebody said that it is done."""
        return self.case.state == CLOSED

    def mark(self, step: str, network: str = "") -> Mark | None:
        """What somebody said of a step, and did not take back."""
        return self._latest.get((step, network))

    def suspects(self) -> Iterator[Suspect]:
        """All that is accused, by all investigations."""
        for one in self.investigated:
            yield from one.incident.suspects

    def blamed(self) -> dict[str, str]:
        """Attackers whose address is proven, and when each was filed first."""
        blamed: dict[str, str] = {}
        for one in self.investigated:
            for suspect in one.incident.suspects:
                if suspect.verdict == "attacker" and suspect.proven != "none":
                    blamed.setdefault(suspect.address, one.at)
        return blamed

    def block_of(self, address: str) -> Measure | None:
        """The last that the firewall was told to drop it: it, or its network.

        What ran out counts, what somebody undid does not.
        """
        return next(
            (
                one
                for one in reversed(self.measures)
                if one.action in (BLOCK, NARROW)
                and not one.ended_at
                and within(address, one.address)
            ),
            None,
        )

    def kinds(self) -> set[str]:
        """Kinds of attack."""
        return {kind for suspect in self.suspects() for kind in suspect.kinds}

    def accounts_taken(self) -> list[str]:
        """Accounts whose password somebody knows."""
        return sorted({account for s in self.suspects() for account in s.accounts_taken})

    def calls(self) -> int:
        """Answered calls, as the investigation counts them that saw most."""
        return max((sum(s.calls_total for s in i.incident.suspects) for i in self.investigated),
                   default=0)  # fmt: skip

    def harmed(self) -> bool:
        """Whether somebody got in, or had calls answered."""
        return bool(self.calls() or self.accounts_taken())

    def goes_on(self) -> bool:
        """Whether it came back, or was seen after the first letter went out."""
        sent = min((letter.sent_at for letter in self.letters if letter.sent_at), default="")
        return bool(self.continues) or bool(
            sent and any(s.last_seen[:19] > sent[:19] for s in self.suspects())
        )

    def of_kind(self, kind: str) -> list[SentLetter]:
        """Its letters of a kind, oldest first."""
        return [letter for letter in self.letters if letter.kind == kind]

    def replies_to(self, letters: Iterable[SentLetter]) -> list[Reply]:
        """What came back to these letters."""
        numbers = {letter.number for letter in letters}
        return [reply for reply in self.replies if reply.letter in numbers]

    def networks(self) -> list[Network]:
        """Those that answer for proven attackers, in the order in which they were filed."""
        known = {one.address: one for one in self.found}
        groups: dict[str, Network] = {}
        for address, at in self.blamed().items():
            who = known.get(address)
            key = who.key if who is not None else ""
            group = groups.setdefault(key, Network(key, {}, who))
            group.addresses[address] = at
        return list(groups.values())[:MAX_NETWORKS]


def network_named(networks: Iterable[Network], name: str) -> Network | None:
    """The network of this key, or the one that holds this address or prefix."""
    wanted = name.strip()
    for network in networks:
        if wanted == network.key or wanted in network.addresses:
            return network
    return next((network for network in networks if within(wanted, network.key)), None)
