"""Which addresses to block, and which to leave alone, and why.

How it works: every accused address goes through the same questions, the ones that
protect somebody first. The first that objects withholds it, with its reason; only
who passes all of them is blocked. So whatever an incident says, an address that the
owner knows, or that is ours, is never blocked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import (
    IPv4Network,
    IPv6Network,
    ip_address,
    ip_network,
)

from ringfence.model.endpoint import Address, plain_address
from ringfence.model.incident import KINDS, Incident, Suspect
from ringfence.model.measure import Block, BlockPlan, Sharing, Withheld
from ringfence.model.text import shown

Network = IPv4Network | IPv6Network

# A block is a stopgap: addresses change hands. A week outlasts most attackers' patience; a
# year is no stopgap any more.
LASTS = timedelta(days=7)
MAX_LASTS = timedelta(days=365)
# So many source ports fit one rule of iptables or RouterOS; who uses more changes them
# faster than a block list follows.
MAX_PORTS = 15

# Nothing out there sends from these, or it is no stranger. Documentation addresses
# (RFC 5737, RFC 3849) and the benchmark range are not among them: nobody lives there,
# so blocking them hurts nobody, and examples can be tried on a real firewall.
_NEVER: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), why)
    for network, why in (
        ("0.0.0.0/8", "it is no address of a host"),
        ("10.0.0.0/8", "private: the device is in your own network; find it and unplug it"),
        ("100.64.0.0/10", "shared by all customers of a carrier (RFC 6598)"),
        ("127.0.0.0/8", "loopback: it is the machine itself"),
        ("169.254.0.0/16", "link-local: the device is on your own wire; find it and unplug it"),
        ("172.16.0.0/12", "private: the device is in your own network; find it and unplug it"),
        ("192.0.0.0/24", "reserved for protocols (RFC 6890)"),
        ("192.168.0.0/16", "private: the device is in your own network; find it and unplug it"),
        ("224.0.0.0/4", "multicast: no host sends from it"),
        ("240.0.0.0/4", "reserved: no host sends from it"),
        ("::/128", "it is no address of a host"),
        ("::1/128", "loopback: it is the machine itself"),
        ("64:ff9b::/96", "a translator speaks for many IPv4 hosts (RFC 6052)"),
        ("64:ff9b:1::/48", "a translator speaks for many IPv4 hosts (RFC 8215)"),
        ("fc00::/7", "private: the device is in your own network; find it and unplug it"),
        ("fe80::/10", "link-local: the device is on your own wire; find it and unplug it"),
        ("fec0::/10", "private: the device is in your own network; find it and unplug it"),
        ("ff00::/8", "multicast: no host sends from it"),
    )
)

_HOW_PROVEN = {
    "tcp": "its address is proven: it completed a TCP connection",
    "dialog": "its address is proven: it used a tag that we had sent to it",
    "nonce": "its address is proven: it answered a challenge that we had sent to it",
}


def plan_blocks(
    incident: Incident,
    known: Iterable[Address | Network],
    own: Iterable[Address | Network],
    case_id: str,
    now: datetime,
    lasts: timedelta,
    sharing: Sequence[Sharing] = (),
) -> BlockPlan:
    """The plan for one case. `known` are trunks, users and offices, `own` our servers.

    Raises ValueError for a clock without a zone, or a time that is none or too long.
    """
    if now.tzinfo is None:
        raise ValueError("the time of a plan needs its zone")
    if not timedelta(0) < lasts <= MAX_LASTS:
        raise ValueError(f"a block lasts more than nothing and {MAX_LASTS.days} days at most")
    until = _utc(now + lasts)
    guard = _Guard(incident, known, own, sharing)
    blocks: dict[str, Block] = {}
    withheld: dict[str, Withheld] = {}
    for suspect in incident.suspects:
        decided = guard.decide(suspect, until)
        found = blocks if isinstance(decided, Block) else withheld
        found.setdefault(decided.address, decided)  # type: ignore[arg-type]
    # Somebody listed twice is blocked only where no question objects to either.
    certain = tuple(block for address, block in blocks.items() if address not in withheld)
    return BlockPlan(case_id, _utc(now), certain, tuple(withheld.values()))


def why_never(address: str) -> str | None:
    """Why no stranger sends from this address or network; None where one may."""
    network = _network(ip_network(address))
    for never, why in _NEVER:
        if never.version == network.version and never.overlaps(network):
            return why
    return None


class _Guard:
    """All that may speak against blocking an address."""

    def __init__(
        self,
        incident: Incident,
        known: Iterable[Address | Network],
        own: Iterable[Address | Network],
        sharing: Sequence[Sharing],
    ) -> None:
        defended = (ip_address(text) for text in incident.defended if plain_address(text))
        self._own = [_network(one) for one in (*own, *defended)]
        self._known = [_network(one) for one in known]
        self._in_trouble = {plain_address(entry.address) for entry in incident.in_trouble}
        self._sharing = {plain_address(one.address): one for one in sharing}

    def decide(self, suspect: Suspect, until: str) -> Block | Withheld:
        """A block, or why there is none."""
        address = plain_address(suspect.address)
        if address is None:
            return Withheld(shown(suspect.address), "this is no address that can be blocked")
        text = str(address)
        objection = self._objection(address, suspect)
        if objection is not None:
            return Withheld(text, objection)
        shared = self._sharing.get(address)
        if shared is not None and shared.users:
            return _narrowed(text, suspect, until, shared)
        sign = _sign_of_users(suspect) if shared is None else ""
        return Withheld(text, sign) if sign else Block(text, _reason(suspect), until)

    def _objection(self, address: Address, suspect: Suspect) -> str | None:
        """Whom it would hurt comes first, what is not certain of him afterwards."""
        if any(address in network for network in self._own):
            return "it is one of our own servers, which passes on what others send"
        if any(address in network for network in self._known):
            return (
                "you named it as a trunk, user or office: change the password of the account "
                "in question and look for the device"
            )
        if address in self._in_trouble:
            return "a real user in trouble is at this address: help him first"
        never = next((why for network, why in _NEVER if address in network), None)
        return never or _doubt(suspect)


def _doubt(suspect: Suspect) -> str | None:
    if suspect.verdict != "attacker":
        return "suspect, but not certain: watch it, or limit its rate"
    if suspect.proven not in _HOW_PROVEN:
        return (
            "its address may be forged, and a forger would have you block whom he likes: "
            "limit its rate instead"
        )
    return None


def _narrowed(address: str, suspect: Suspect, until: str, shared: Sharing) -> Block | Withheld:
    """Only the source ports of the attacker, where they are few and his alone."""
    ports = tuple(sorted({port for port in shared.attack_ports if 0 < port < 65536}))
    if not ports or len(ports) > MAX_PORTS:
        return Withheld(address, _SHARED.format(users=shared.users))
    reason = f"{_reason(suspect)}, only these source ports: users share the address"
    return Block(address, reason, until, ports)


_SHARED = (
    "users send from this address as well ({users} of its ports were let in), and the ports of "
    "the attacker cannot be told apart: limit its rate, and have the device found over there"
)


def _sign_of_users(suspect: Suspect) -> str:
    """What the document says about users at this address, when nobody looked closer.

    Somebody who was let in may be a thief: answered calls decide for that, unless
    there are several phones of several makes.
    """
    rules = {clue.rule for clue in suspect.clues}
    taken = len(suspect.accounts_taken)
    office = "many_phones" in rules and taken >= 3
    trusted = "trusted" in rules and not suspect.accounts_taken
    mostly_let_in = taken >= 2 and taken * 2 >= suspect.accounts_tried
    if office or trusted or (mostly_let_in and not suspect.calls_total):
        return (
            "users were let in from this address, and may sit behind it as well: name your users "
            "with --known, or limit its rate"
        )
    return ""


def _reason(suspect: Suspect) -> str:
    """Our words only: kinds of the closed list, counts, and how the address is proven."""
    kinds = [kind.replace("_", " ") for kind in KINDS if kind in suspect.kinds]
    facts = [", ".join(kinds) or "attack", f"{suspect.weight_db:+.0f} dB"]
    if suspect.accounts_taken:
        facts.append(f"accounts taken: {len(suspect.accounts_taken)}")
    if suspect.calls_total:
        facts.append(f"calls answered: {suspect.calls_total}")
    return ", ".join([*facts, _HOW_PROVEN[suspect.proven]])


def _network(one: Address | Network) -> Network:
    """An address or network as a network, IPv4 in IPv6 unwrapped."""
    network = ip_network(str(one).split("%")[0])
    if isinstance(network, IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return IPv4Network((mapped, network.prefixlen - 96))
    return network


def _utc(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
