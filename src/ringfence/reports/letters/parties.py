"""Which sources share a letter: those that one desk answers for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_address, ip_network

from ringfence.model.incident import Incident, Suspect
from ringfence.model.letter import Party
from ringfence.model.responsible import NOT_LOOKED_UP, Responsible

# A flood names as many networks as it likes. The worst come first, and nobody reads,
# signs and follows up more letters than this.
MAX_PARTIES = 500

_ATTACKER = "attacker"
_INSIDE = tuple(
    ip_network(prefix)
    for prefix in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
        "::/8", "100::/64", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip


def parties_of(incident: Incident, found: Iterable[Responsible]) -> tuple[Party, ...]:
    """The networks to write to, worst first, and their sources, worst first.

    Sources share a party where registries name the same network and the same mailbox for
    them. A source whose network nobody knows is a party of its own: two that only look
    like neighbours may belong to two holders, and neither may read of the other. Who is
    only suspected is named where an attacker is of the same network, and nowhere else;
    addresses that no network outside has (10.0.0.7) are nobody's to complain to.
    """
    answers = {answer.address: answer for answer in found}
    groups: dict[tuple[str, ...], list[Suspect]] = {}
    for source in incident.suspects:
        if is_outside(source.address):
            answer = answers.setdefault(source.address, _nobody_asked(source.address))
            groups.setdefault(_group(answer), []).append(source)
    accused = [
        sorted(sources, key=_damage, reverse=True)
        for sources in groups.values()
        if any(source.verdict == _ATTACKER for source in sources)
    ]
    accused.sort(key=_all_damage, reverse=True)
    return _named([(sources, answers[sources[0].address]) for sources in accused[:MAX_PARTIES]])


def is_outside(address: str) -> bool:
    """Whether somebody outside can have the address, and so can look for it.

    No: private and shared ones, loopback, link-local, multicast, and 0/8, 240/4 and 100::/64, of
    which the redacted twin takes its pseudonyms. Yes: documentation's, of exercises.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return not any(ip in network for network in _INSIDE if network.version == ip.version)


def end_of(destination: str) -> str:
    """Where a message went (address:port); a private end says nothing to a stranger."""
    address, _, port = destination.rpartition(":")
    return destination if is_outside(address.strip("[]")) else f"our port {port}"


def _nobody_asked(address: str) -> Responsible:
    return Responsible(address, NOT_LOOKED_UP, "nobody was asked who answers for it")


def _group(answer: Responsible) -> tuple[str, ...]:
    """What two answers share that name one desk."""
    network, best = answer.network, answer.best
    if network is None:
        return (answer.address,)
    return network.first, network.last, (best.email or "").lower() if best else ""


def _named(groups: list[tuple[list[Suspect], Responsible]]) -> tuple[Party, ...]:
    """Each with a key that no other has: a network of two desks is told apart by an address."""
    parties: dict[str, Party] = {}
    for sources, answer in groups:
        party = Party(answer.key, answer, tuple(sources))
        if party.key in parties:
            party = replace(party, key=answer.address)
        parties[party.key] = party
    return tuple(parties.values())


def _damage(source: Suspect) -> tuple[bool, float, int, int, bool, float]:
    """How much it did: what it cost, then what it got, then how sure we are."""
    return (
        source.verdict == _ATTACKER,
        source.estimated_cost or 0.0,
        source.calls_total,
        len(source.accounts_taken),
        source.proven != "none",
        source.weight_db,
    )


def _all_damage(sources: list[Suspect]) -> tuple[float, int, int, bool, float]:
    """Of a whole network, the same; sources that tie stay in the order of the document."""
    return (
        sum(source.estimated_cost or 0.0 for source in sources),
        sum(source.calls_total for source in sources),
        sum(len(source.accounts_taken) for source in sources),
        any(source.proven != "none" for source in sources),
        max(source.weight_db for source in sources),
    )
