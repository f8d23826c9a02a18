"""What somebody upstream is asked to drop: proven attackers; who may be forged only slowed.

How it works: the streams of a source say to which of our addresses and ports it sent.
Nobody is named who is our own server, a user in trouble, or spared by the block lists:
a provider who drops a trunk on our word does what the attacker could not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

from ringfence.model.endpoint import Address, plain_address
from ringfence.model.incident import Suspect
from ringfence.model.letter import Brief, Stream
from ringfence.model.text import count
from ringfence.reports.letters.flowspec import (
    DISCARD,
    SLOW,
    FlowRule,
    Network,
    protocol_of,
)
from ringfence.reports.words import listed, told

# As long as a block list lasts when nothing is said.
LASTS = timedelta(days=7)
# Where the capture does not say to which port: SIP's own (RFC 3261).
SIP_PORT = 5060
# Ports of ours in one rule, the busiest first. Who knocks at more of them scans, and
# routers hold rules as short as these.
MAX_PORTS = 8
# Names in a remark; the incident has all.
_MAX_NAMED = 5

# RFC 5737, RFC 3849, RFC 2544: nobody lives there, so that examples can be tried.
_EXAMPLES: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15",
            "2001:db8::/32", "2001:2::/48",
        ),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drop:
    """One source, and where of ours it sent to by one protocol."""

    suspect: Suspect
    source: Address
    destination: Address | None  # None: the capture shows a private one, behind a NAT
    protocol: str
    ports: tuple[int, ...]  # of ours, the busiest first
    source_ports: tuple[int, ...]
    messages: int
    first_seen: str
    last_seen: str

    @property
    def certain(self) -> bool:
        """Whether the address is proven: only then it is dropped."""
        return self.suspect.proven != "none"

    @property
    def action(self) -> str:
        """One or two words for a table."""
        return "drop" if self.certain else "rate-limit"

    @property
    def to(self) -> str:
        """UDP 5060, 5061."""
        return f"{self.protocol.upper()} {', '.join(map(str, self.ports))}"


@dataclass(frozen=True, slots=True)
class DropList:
    """Everything to ask for, and what is left out."""

    drops: tuple[Drop, ...]  # the proven first, then by messages
    own: tuple[Address, ...]  # our addresses, as the Internet sees them
    until: datetime
    remarks: tuple[str, ...]

    @property
    def sources(self) -> tuple[Address, ...]:
        """Each source once."""
        return tuple(dict.fromkeys(drop.source for drop in self.drops))

    @property
    def rules(self) -> list[FlowRule]:
        """A rule for each, where our own address is known."""
        return [
            FlowRule(
                ip_network(drop.source),
                drop.destination,
                drop.protocol,
                tuple(sorted(drop.ports)),
                DISCARD if drop.certain else SLOW,
            )
            for drop in self.drops
            if drop.destination is not None
        ]


def list_drops(brief: Brief) -> DropList:
    """What can be asked for with a good conscience."""
    incident = brief.incident
    own = _own(brief)
    spared = _spared(brief, own)
    streams = _by_source(brief.streams)
    drops: list[Drop] = []
    left_out: list[str] = []
    doubtful: list[str] = []
    for suspect in incident.suspects:
        source = plain_address(suspect.address)
        if source is None or not public(source) or source in spared:
            left_out.append(told(suspect.address, 45))
        elif suspect.verdict != "attacker":
            doubtful.append(told(suspect.address, 45))
        else:
            drops += _drops_of(suspect, source, streams.get(source, []), own)
    drops.sort(key=lambda drop: (not drop.certain, -drop.messages))
    return DropList(
        drops=tuple(drops),
        own=own,
        until=_until(brief.made_at),
        remarks=_remarks(left_out, doubtful, own),
    )


def public(address: Address) -> bool:
    """Whether it can be seen on the Internet, or is one of documentation."""
    if address.is_multicast:
        return False
    return address.is_global or any(address in network for network in _EXAMPLES)


def networks_of(drops: Iterable[Drop]) -> list[tuple[Network, list[Drop]]]:
    """The drops by the /24 or /64 they come from, most sources first: to tell, not to drop."""
    networks: dict[Network, list[Drop]] = {}
    for drop in drops:
        length = 24 if drop.source.version == 4 else 64
        network = ip_network((drop.source, length), strict=False)
        networks.setdefault(network, []).append(drop)
    return sorted(networks.items(), key=lambda one: (-len(one[1]), -_messages(one[1])))


def utc(when: datetime) -> str:
    """2026-01-08 00:12 UTC."""
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _drops_of(
    suspect: Suspect, source: Address, streams: list[Stream], own: tuple[Address, ...]
) -> list[Drop]:
    by_place: dict[tuple[Address | None, str], list[Stream]] = {}
    for stream in streams:
        destination = plain_address(stream.destination)
        if destination not in own:
            # A rule for an address that is not ours would drop other people's traffic.
            if own and destination is not None and public(destination):
                continue
            destination = _alone(own, source)
        by_place.setdefault((destination, protocol_of(stream.transport)), []).append(stream)
    if not by_place:
        return [_unseen(suspect, source, own)]
    return [
        Drop(
            suspect,
            source,
            destination,
            protocol,
            ports=_busiest(there),
            source_ports=tuple(dict.fromkeys(port for one in there for port in one.ports)),
            messages=sum(one.messages for one in there),
            first_seen=min(one.first_seen for one in there),
            last_seen=max(one.last_seen for one in there),
        )
        for (destination, protocol), there in by_place.items()
    ]


def _unseen(suspect: Suspect, source: Address, own: tuple[Address, ...]) -> Drop:
    """Where the streams do not tell: SIP over UDP, to the one address that we have."""
    return Drop(
        suspect, source, _alone(own, source), "udp", (SIP_PORT,), tuple(suspect.ports),
        suspect.messages, suspect.first_seen, suspect.last_seen,
    )  # fmt: skip


def _alone(own: tuple[Address, ...], source: Address) -> Address | None:
    """Our address of the source's family, where there is exactly one."""
    fitting = [address for address in own if address.version == source.version]
    return fitting[0] if len(fitting) == 1 else None


def _busiest(streams: list[Stream]) -> tuple[int, ...]:
    messages: dict[int, int] = {}
    for one in streams:
        if 0 < one.destination_port < 65536:
            messages[one.destination_port] = messages.get(one.destination_port, 0) + one.messages
    ports = sorted(messages, key=lambda port: (-messages[port], port))
    return tuple(ports[:MAX_PORTS]) or (SIP_PORT,)


def _own(brief: Brief) -> tuple[Address, ...]:
    """Our addresses that a provider can know; private ones mean nothing to him."""
    addresses = (plain_address(text) for text in brief.incident.defended)
    return tuple(dict.fromkeys(one for one in addresses if one is not None and public(one)))


def _spared(brief: Brief, own: tuple[Address, ...]) -> set[Address | None]:
    in_trouble = (entry.address for entry in brief.incident.in_trouble)
    named = (address for address, _ in brief.spared)
    return {*own, *map(plain_address, in_trouble), *map(plain_address, named)}


def _by_source(streams: Iterable[Stream]) -> dict[Address | None, list[Stream]]:
    found: dict[Address | None, list[Stream]] = {}
    for stream in streams:
        found.setdefault(plain_address(stream.address), []).append(stream)
    return found


def _until(made_at: str) -> datetime:
    made = datetime.fromisoformat(made_at)
    return (made if made.tzinfo else made.replace(tzinfo=UTC)).astimezone(UTC) + LASTS


def _messages(drops: Iterable[Drop]) -> int:
    return sum(drop.messages for drop in drops)


def _remarks(left_out: list[str], doubtful: list[str], own: tuple[Address, ...]) -> tuple[str, ...]:
    remarks = []
    if left_out:
        noun = count(len(left_out), "address is", "addresses are")
        remarks.append(
            f"{noun} not asked to be dropped: private, our own, a user's or a trunk's: "
            f"{listed(left_out, _MAX_NAMED)}"
        )
    if doubtful:
        noun = count(len(doubtful), "suspect is", "suspects are")
        remarks.append(
            f"{noun} not asked to be dropped, for they are not certain: "
            f"{listed(doubtful, _MAX_NAMED)}"
        )
    if not own:
        remarks.append(
            "the capture shows our server's private address only: write the public one, which "
            "your router's status page shows, where the letter has brackets"
        )
    return tuple(remarks)
