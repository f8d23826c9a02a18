"""Who is admitted and who would be cut off: the rules, each with its sentence.

Admitted are carriers, whom the owner named, administrators that are logged in, whom our
phone system calls, and phones that were let in lately from an address that stays. Cut off,
and shown with what to do about it, are all others that were let in. Two lists that are
wrong in different ways: the first one lets a stranger ask, the second one loses a phone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_network

from ringfence.model.endpoint import plain_address
from ringfence.model.lockdown import (
    INSIDE,
    MEDIA,
    PEER,
    TRUNK,
    USER,
    Admitted,
    CutOff,
    Seen,
    Trunk,
)
from ringfence.model.text import count
from ringfence.remote.ruleset import Network, is_home, spelled
from ringfence.remote.trunks import networks_of

# An account that was let in from more addresses than these has no address that stays.
MOST_ADDRESSES = 3
# Who was let in so lately may still be there.
FRESH = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known."""

    seen: Sequence[Seen] = ()
    trunks: Sequence[Trunk] = ()
    named: Sequence[Admitted] = ()  # by the owner: KNOWN, ALLOWED, OPERATOR
    media: Sequence[tuple[str, str]] = ()  # who said that his media come from where
    hostile: Mapping[str, str] = field(default_factory=dict)  # address: what it is
    suspects: Mapping[str, str] = field(default_factory=dict)  # the same, less surely
    taken: frozenset[str] = frozenset()  # accounts that attackers have
    names: Mapping[str, str] = field(default_factory=dict)  # of people, by account
    ours: frozenset[str] = frozenset()  # our own servers
    days: int = 30
    trunks_only: bool = False  # phones come in by the tunnel, or from inside


@dataclass(frozen=True, slots=True)
class Sorted:
    """What became of them."""

    admitted: tuple[Admitted, ...]
    cut_off: tuple[CutOff, ...]
    seen: int
    too_old: int
    hostile: int


def sort_out(facts: Facts, now: datetime) -> Sorted:
    """Everybody that was let in within the days, on one side or the other."""
    since = (now - timedelta(days=facts.days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    people = _people(facts)
    recent = {a: who for a, who in people.items() if who.last >= since}
    latest = max((who.last for who in people.values()), default="")
    trunks = [(network, trunk.host) for trunk in facts.trunks for network in networks_of(trunk)]
    admitted = [*_of_trunks(facts.trunks), *facts.named]
    by_name: list[tuple[Network, str]] = [
        *trunks, *((ip_network(one.network), one.name) for one in facts.named),
    ]  # fmt: skip
    admitted += _of_media(facts, by_name)
    cut_off: list[CutOff] = []
    hostile = 0
    for address, who in sorted(recent.items()):
        if _named(address, by_name) or address in facts.ours:
            continue
        if address in facts.hostile:
            hostile += 1
            continue
        reason = _why_not(who, people, facts, latest)
        if reason is None:
            admitted.append(_admitted(who, facts))
        else:
            cut_off.append(
                CutOff(address, who.accounts, _name(who, facts), who.last, who.times, *reason)
            )
    cut_off.sort(key=lambda one: (one.last_seen, one.times), reverse=True)
    return Sorted(
        tuple(_once(admitted)), tuple(cut_off), len(recent) - hostile,
        len(people) - len(recent), hostile,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Who:
    """One address, with all that was seen of it."""

    address: str
    roles: frozenset[str]
    accounts: tuple[str, ...]
    last: str
    times: int


def _people(facts: Facts) -> dict[str, _Who]:
    groups: dict[str, list[Seen]] = {}
    for one in facts.seen:
        address = plain_address(one.address)
        if address is not None and not address.is_loopback:
            groups.setdefault(str(address), []).append(one)
    return {
        address: _Who(
            address,
            frozenset(one.role for one in group),
            tuple(dict.fromkeys(a for one in _best_first(group) for a in one.accounts)),
            max(one.last for one in group),
            sum(one.times for one in group),
        )
        for address, group in groups.items()
    }


def _best_first(group: Iterable[Seen]) -> list[Seen]:
    """An account that was let in says more than a number that was called."""
    return sorted(group, key=lambda one: (one.role != USER, one.role))


def _why_not(
    who: _Who, people: Mapping[str, _Who], facts: Facts, latest: str
) -> tuple[str, str] | None:
    """Why somebody is not admitted, and what to do about it; None where he is."""
    admit = f"--admit {who.address}"
    if is_home(ip_network(who.address)):
        return None
    if stolen := sorted(facts.taken & set(who.accounts)):
        return (
            f"an attacker has the account {stolen[0]}: whoever comes with it may be him",
            f"change its password, then {admit} if it is his own phone",
        )
    if who.address in facts.suspects:
        return f"it is suspected: {facts.suspects[who.address]}", f"{admit}, if you know it"
    if USER in who.roles and TRUNK not in who.roles:
        return _why_no_phone(who, people, facts, latest, admit)
    if who.roles & {TRUNK, PEER}:
        return None
    return (
        f"{count(who.times, 'call')} of it put through, and no phone was let in from there",
        f"if it is your carrier: --trunk {who.address}",
    )


def _why_no_phone(
    who: _Who, people: Mapping[str, _Who], facts: Facts, latest: str, admit: str
) -> tuple[str, str] | None:
    tunnel = "give it the tunnel: ringfence remote add"
    if facts.trunks_only:
        return "phones are to come in by the tunnel (--trunks-only)", f"{tunnel}, or {admit}"
    places = {
        account: sum(
            account in one.accounts and USER in one.roles and not is_home(ip_network(address))
            for address, one in people.items()
        )
        for account in who.accounts
    }
    # An office with many phones is no wanderer because one of them is.
    if who.accounts and min(places.values()) > MOST_ADDRESSES:
        moves = min(places.values())
        return f"its address changes: it was let in from {moves} of them", f"{tunnel}, or {admit}"
    age = _between(who.last, latest)
    if age > FRESH:
        return f"not seen in the last {age.days} days", f"{admit}, if it is still there"
    return None


def _admitted(who: _Who, facts: Facts) -> Admitted:
    name = _name(who, facts)
    accounts = ", ".join(who.accounts[:5]) + (" …" if len(who.accounts) > 5 else "")
    if USER not in who.roles and len(who.accounts) > 1:
        accounts = f"{len(who.accounts)} numbers"  # those that were dialled, not its own
    label = " ".join(part for part in (accounts, f"({name})" if name else "") if part)
    if is_home(ip_network(who.address)):
        kind, why = INSIDE, "a private network, which always passes"
    elif TRUNK in who.roles:
        kind, why = TRUNK, "our phone system registers there"
    elif USER in who.roles:
        kind, why = USER, f"let in {count(who.times, 'time')}"
    else:
        kind, why = PEER, "our phone system calls it, and it answers"
    return Admitted(who.address, kind, label, why, who.last)


def _of_trunks(trunks: Iterable[Trunk]) -> list[Admitted]:
    return [
        Admitted(
            spelled(network), TRUNK, trunk.host, f"named by {trunk.why}", _found(trunk, network)
        )
        for trunk in trunks
        for network in networks_of(trunk)
    ]


def _found(trunk: Trunk, network: Network) -> str:
    text = spelled(network)
    return next((one.at for one in trunk.resolved if one.address == text), "")


def _of_media(facts: Facts, by_name: Sequence[tuple[Network, str]]) -> list[Admitted]:
    """Of carriers that are named, and those that we register at: of nobody else's word."""
    registered = {one.address for one in facts.seen if one.role == TRUNK}
    found = []
    for source, text in facts.media:
        address = plain_address(text)
        carrier = _named(source, by_name) or (source if source in registered else "")
        if address is None or not carrier or source in facts.hostile:
            continue
        if address.is_multicast or address.is_unspecified or str(address) in facts.ours:
            continue
        found.append(
            Admitted(str(address), MEDIA, carrier, f"{source} says that its media come from there")
        )
    return found


def _named(address: str, by_name: Sequence[tuple[Network, str]]) -> str:
    one = plain_address(address)
    return next((name for net, name in by_name if one is not None and one in net), "")


def _name(who: _Who, facts: Facts) -> str:
    return next((facts.names[a] for a in who.accounts if facts.names.get(a)), "")


def _between(last: str, latest: str) -> timedelta:
    """Until somebody was seen last: a capture of last week must not make everybody old."""
    try:
        return datetime.fromisoformat(latest) - datetime.fromisoformat(last)
    except (ValueError, TypeError):
        return timedelta(days=36_500)


def _once(admitted: Iterable[Admitted]) -> list[Admitted]:
    """Each network once, with the first reason."""
    found: dict[str, Admitted] = {}
    for one in admitted:
        found.setdefault(one.network, one)
    return list(found.values())
