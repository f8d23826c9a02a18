"""Clues that come from looking at several sources: shared accounts, one hand, forged friends.

How it works: after every source was weighed for itself, those that the others
throw light on are weighed again. One round is enough: a source that becomes an
attacker here lends its guilt to nobody else.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from ringfence.detect.deeds import HUNT_STRINGS, Address, Deeds
from ringfence.detect.numbers import SUFFIX_DIGITS, digits_of
from ringfence.detect.verdict import ATTACKER, PRIOR_DB, SUSPECT, Verdict, WeighedClue, add_clues

Hand = tuple[int, int, str]

# Refusals of one account from this many addresses are no user with several phones, nor
# one who is on the road with a wrong password.
SPREAD_ADDRESSES = 10
# So many guesses, each in a call of its own, from so many addresses are none either.
BUDGET_GUESSES = 40
BUDGET_ADDRESSES = 5
# So many sources that call abroad without an account find a server that lets anybody.
GUEST_CALLERS = 3
# Attackers whose presence tells of the others at a server that has no users.
STRANGER_ATTACKERS = 3
# Accounts that were opened to attackers at once, from which a server's yes means nothing.
YES_ACCOUNTS = 5
_KNOWN = WeighedClue("known", "", -25.0, "the owner names this address as a trunk or a user")


@dataclass(slots=True)
class _Accounts:
    """What happened to each account over all sources."""

    refused_from: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    guesses: Counter[str] = field(default_factory=Counter)
    # Sources of one hand that were refused, and hands of which one was let in or insists.
    refused_by: Counter[Hand | None] = field(default_factory=Counter)
    honest: set[Hand | None] = field(default_factory=set)
    refused_hands: dict[str, Counter[Hand | None]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    # The same by order of headers alone, and orders of those who never were refused.
    refused_orders: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    honest_orders: set[int] = field(default_factory=set)
    used_from: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    taken_at: dict[str, tuple[int, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Survey:
    """What the sources say about each other, as it was at one moment."""

    ours: Collection[Address]
    known: Collection[Address]
    accounts: _Accounts
    hands: dict[Hand, list[str]]
    visits: dict[Address | None, _Visits]

    def look_again(self, v: Verdict) -> Verdict:
        """The verdict on a source with what the others say of it."""
        if v.deeds.address in self.known:
            v = add_clues(v, [_KNOWN])
        if v.deeds.address in self.ours:
            return add_clues(v, [_ours(v)])
        visits = self.visits.get(v.deeds.server) or _Visits()
        return _look_again(v, self.accounts, self.hands, visits)


def link(
    verdicts: Sequence[Verdict], ours: Collection[Address], known: Collection[Address] = ()
) -> list[Verdict]:
    """The verdicts with what the sources say about each other.

    `ours` are our servers, `known` the trunks and users that the owner named.
    """
    seen = survey(verdicts, ours, known)
    return [seen.look_again(v) for v in verdicts]


def survey(
    verdicts: Sequence[Verdict], ours: Collection[Address], known: Collection[Address] = ()
) -> Survey:
    """Look at all sources at once; what is seen holds for each of them."""
    verdicts = [add_clues(v, [_KNOWN]) if v.deeds.address in known else v for v in verdicts]
    others = [v for v in verdicts if v.deeds.address not in ours]
    accounts = _accounts(others)
    spread = {v.deeds.address: _spread_guessing(v, accounts) for v in others}
    # An account that one of a crowd found is taken from then on.
    accounts.taken_at = _taken_at(
        [add_clues(v, spread[v.deeds.address]) if spread[v.deeds.address] else v for v in others]
    )
    return Survey(ours, known, accounts, _hands(others), _visits(others))


def _ours(v: Verdict) -> WeighedClue:
    """Our own server passes on what others send, marks and all: it is never accused."""
    says = "it is the server that the others ask: our own side, which passes on what it gets"
    return WeighedClue("ours", "", min(-30.0, PRIOR_DB - v.weight_db), says)


@dataclass(slots=True)
class _Visits:
    """Who came to one server."""

    attackers: int = 0
    users: int = 0  # who had a password accepted and are not accused
    carriers: set[Hand] = field(default_factory=set)  # hands of those let in by address
    guests: int = 0  # who call abroad without an account
    dialled: Counter[str] = field(default_factory=Counter)  # ends of numbers, by how many guests
    given: int = 0  # accounts that attackers were let into
    refusals: int = 0


def _is_guest(v: Verdict) -> bool:
    """It calls abroad by access codes, and nobody knows it."""
    return any(clue.rule == "calls_without_account" for clue in v.clues) and bool(v.deeds.outward)


def _ends(v: Verdict) -> set[str]:
    return {digits_of(number)[-SUFFIX_DIGITS:] for number in v.deeds.outward}


def _visits(verdicts: Sequence[Verdict]) -> dict[Address | None, _Visits]:
    visits: dict[Address | None, _Visits] = defaultdict(_Visits)
    let_in_accused: Counter[Address | None] = Counter()
    for v in verdicts:
        d, its = v.deeds, visits[v.deeds.server]
        its.users, its.refusals = d.door.users, d.door.refusals
        if v.verdict in (ATTACKER, SUSPECT):
            has_password = bool(d.counts.credentials and d.counts.answered)
            let_in_accused[d.server] += bool(d.counts.accepted or has_password)
        if _is_guest(v):
            its.guests += 1
            its.dialled.update(_ends(v))
        if v.verdict == ATTACKER:
            its.attackers += 1
            its.given += d.counts.accepted
        elif d.hand is not None and (d.is_trusted or d.is_peer):
            its.carriers.add(d.hand)
    for server, accused in let_in_accused.items():
        visits[server].users = max(0, visits[server].users - accused)
    return visits


def _accounts(verdicts: Sequence[Verdict]) -> _Accounts:
    seen = _Accounts()
    for v in verdicts:
        profile = v.deeds.profile
        _note_hand(v, seen)
        refused = () if v.deeds.insists else profile.texts("refused_accounts")
        for account in refused:
            seen.refused_hands[account][v.deeds.hand] += 1
            seen.refused_orders[account][v.deeds.counts.order] += 1
        for account in profile.texts("accepted_accounts"):
            seen.used_from[account].add(str(v.deeds.address))
        if v.deeds.counts.accepted == 0 or v.verdict in (ATTACKER, SUSPECT):
            for account in refused:
                seen.refused_from[account].add(str(v.deeds.address))
                seen.guesses[account] += v.deeds.counts.refused // len(refused)
    return seen


def _taken_at(verdicts: Sequence[Verdict]) -> dict[str, tuple[int, str]]:
    """When an attacker was first let into each account, and which."""
    taken: dict[str, tuple[int, str]] = {}
    for v in verdicts:
        if v.verdict != ATTACKER:
            continue
        entered = v.deeds.profile.seen.get("entered", [(0, 0, v.deeds.counts.last)])[0][2]
        for account in v.deeds.profile.texts("accepted_accounts"):
            earlier = taken.get(account)
            if earlier is None or entered < earlier[0]:
                taken[account] = (entered, str(v.deeds.address))
    return taken


def _note_hand(v: Verdict, seen: _Accounts) -> None:
    c = v.deeds.counts
    if c.accepted and (not c.refused or v.deeds.insists) and v.verdict != ATTACKER:
        seen.honest_orders.add(c.order)
    if c.refused and not c.accepted and not v.deeds.insists:
        seen.refused_by[v.deeds.hand] += 1
    elif v.verdict != ATTACKER and (c.accepted or c.refused):
        seen.honest.add(v.deeds.hand)


def _hands(verdicts: Sequence[Verdict]) -> dict[Hand, list[str]]:
    """Hands (User-Agent, order of headers) of attackers that no innocent shows."""
    innocent = {
        v.deeds.hand
        for v in verdicts
        if v.verdict not in (ATTACKER, SUSPECT)
        and (v.deeds.counts.accepted or v.deeds.counts.answered or v.deeds.is_peer)
    }
    hands: dict[Hand, list[str]] = defaultdict(list)
    for v in verdicts:
        hand = v.deeds.hand
        if v.verdict == ATTACKER and hand is not None and hand not in innocent:
            hands[hand].append(str(v.deeds.address))
    return hands


def _look_again(
    v: Verdict, accounts: _Accounts, hands: dict[Hand, list[str]], visits: _Visits
) -> Verdict:
    clues = [
        *_uses_taken_account(v, accounts),
        *_spread_guessing(v, accounts),
        *_others_accounts(v, accounts),
        *_shared_account(v, accounts),
        *_same_hand(v, hands),
        *_guests_call(v, visits),
        *_yes_to_all(v, visits),
        *_sibling(v, visits),
        *_strangers_only(v, visits),
        *_may_be_forged(v),
    ]
    return add_clues(v, clues) if clues else v


def _uses_taken_account(v: Verdict, accounts: _Accounts) -> list[WeighedClue]:
    """The true owner used the account before it was taken; a thief turns up afterwards."""
    address, first = str(v.deeds.address), v.deeds.counts.first
    for account in v.deeds.profile.texts("accounts"):
        taken = accounts.taken_at.get(account)
        if taken is None or taken[1] == address or first < taken[0]:
            continue
        weight = 14.0
        if v.deeds.foreign:  # that the password is right clears nobody who has it from a thief
            weight = 30.0 - _registered_db(v)
        says = f"it uses account {account}, which {taken[1]} had taken before it first appeared"
        return [WeighedClue("taken_account", "toll_fraud" if v.deeds.foreign else "", weight, says)]
    return []


def _spread_guessing(v: Verdict, accounts: _Accounts) -> list[WeighedClue]:
    """One account refused from many addresses; where they look alike, even a success is theirs."""
    c = v.deeds.counts
    if v.deeds.insists or c.accepted > 1:
        return []  # phones that share an account whose password was changed
    spread = _alike_guessers(v, accounts)
    if spread is None and not c.accepted:
        spread = _many_guessers(v, accounts)
    if spread is None:
        spread = _refused_hand(v, accounts)
    if spread is None:
        return []
    weight, says = spread
    return [WeighedClue("spread_guessing", "password_guessing", round(weight, 1), says)]


def _alike_guessers(v: Verdict, accounts: _Accounts) -> tuple[float, str] | None:
    """One of a crowd at one account: the one that finds the password is of the crowd, too."""
    d, refused = v.deeds, v.deeds.profile.texts("refused_accounts")
    alike = max((accounts.refused_hands[a][d.hand] for a in refused), default=0)
    if d.hand is not None and alike >= SPREAD_ADDRESSES:
        return min(90.0, 20.0 + 8.0 * alike), (
            f"{alike} addresses that look alike were refused for the same account as it"
        )
    alike = max((accounts.refused_orders[a][d.counts.order] for a in refused), default=0)
    if alike >= SPREAD_ADDRESSES and d.counts.order not in accounts.honest_orders:
        return min(60.0, 14.0 + 5.0 * alike), (
            f"{alike} addresses whose headers stand in the same order, as no user's here do, "
            "were refused for the same account as it"
        )
    return None


def _many_guessers(v: Verdict, accounts: _Accounts) -> tuple[float, str] | None:
    """One account refused from too many addresses, or too often, for one user."""
    refused = v.deeds.profile.texts("refused_accounts")
    everywhere = max((len(accounts.refused_from[a]) for a in refused), default=0)
    if everywhere >= SPREAD_ADDRESSES:
        return min(60.0, 14.0 + 5.0 * everywhere), (
            f"the account that it was refused for was tried in vain from {everywhere} addresses"
        )
    spread = [a for a in refused if len(accounts.refused_from[a]) >= BUDGET_ADDRESSES]
    guesses = max((accounts.guesses[a] for a in spread), default=0)
    if guesses < BUDGET_GUESSES:
        return None
    return min(60.0, 22.0 * math.log10(guesses)), (
        f"{guesses} passwords, each in a call of its own, were refused for the account that "
        f"it tried, from {everywhere} addresses"
    )


def _refused_hand(v: Verdict, accounts: _Accounts) -> tuple[float, str] | None:
    """One of many that look alike, whatever the accounts: all refused, none insists."""
    hand, sources = v.deeds.hand, accounts.refused_by[v.deeds.hand]
    is_crowd = sources >= 2 * SPREAD_ADDRESSES and hand not in {None, *accounts.honest}
    if not is_crowd or not v.deeds.counts.refused:
        return None
    return min(50.0, 10.0 + 6.0 * math.log2(sources)), (
        f"{sources} addresses that look alike were refused passwords, and none was let in"
    )


def _others_accounts(v: Verdict, accounts: _Accounts) -> list[WeighedClue]:
    """Refused for one account after the other, each of which is in use at another address."""
    d = v.deeds
    if d.counts.accepted or d.stations or d.is_near:
        return []
    address = str(d.address)
    used = [a for a in d.profile.texts("refused_accounts") if accounts.used_from[a] - {address}]
    if len(used) < 2:
        return []
    says = f"it is refused for accounts that are in use elsewhere: {', '.join(used[:3])}"
    weight = min(24.0, 6.0 * len(used))
    return [WeighedClue("others_accounts", "password_guessing", weight, says)]


def _shared_account(v: Verdict, accounts: _Accounts) -> list[WeighedClue]:
    """An account that another phone uses as well, and only this one calls abroad with it."""
    hunts = v.deeds.hunt >= HUNT_STRINGS
    if not (v.deeds.foreign_answered or hunts) or (v.deeds.is_peer and not hunts):
        return []
    for account in v.deeds.profile.texts("accounts"):
        others = accounts.used_from[account] - {str(v.deeds.address)}
        if others:
            does = "looks for a way out" if hunts else "calls abroad"
            says = f"account {account} is in use at {min(others)} as well; from here it {does}"
            return [WeighedClue("shared_account", "toll_fraud", 14.0, says)]
    return []


def _same_hand(v: Verdict, hands: dict[Hand, list[str]]) -> list[WeighedClue]:
    if v.deeds.counts.accepted > 1 or v.deeds.hand is None:
        return []
    address = str(v.deeds.address)
    other = next((a for a in hands.get(v.deeds.hand, [])[:2] if a != address), None)
    if other is None:
        return []
    says = f"User-Agent and order of headers are those of the attacker {other}, and nobody else's"
    return [WeighedClue("same_hand", "", 16.0, says)]


def _registered_db(v: Verdict) -> float:
    """What speaks for it because passwords were accepted, at most 0."""
    return sum(clue.weight_db for clue in v.clues if clue.rule == "registered")


def _guests_call(v: Verdict, visits: _Visits) -> list[WeighedClue]:
    """Others without an account call abroad here, too, and maybe the very same number."""
    if not _is_guest(v) or v.deeds.is_near:
        return []
    same = max(visits.dialled[end] for end in _ends(v))
    weight = 6.0 * math.log2(visits.guests) if visits.guests >= GUEST_CALLERS else 0.0
    weight += 10.0 if same > 1 else 0.0
    if weight <= 0:
        return []
    says = f"{visits.guests} sources call abroad here without an account"
    if same > 1:
        says += f", {same} of them the same number"
    return [WeighedClue("guests_call", "toll_fraud", round(min(30.0, weight), 1), says)]


def _yes_to_all(v: Verdict, visits: _Visits) -> list[WeighedClue]:
    """A server that opens every account to attackers at once: to be let in clears nobody."""
    c = v.deeds.counts
    if visits.given < YES_ACCOUNTS or visits.refusals or not c.accepted or v.deeds.is_peer:
        return []
    weight = -_registered_db(v)
    names = c.accounts - 2 * v.deeds.stations
    if names >= 2 * YES_ACCOUNTS:
        weight += min(30.0, 6.0 * math.log2(names))
    if weight <= 0:
        return []
    says = (
        f"this server let attackers into {visits.given} accounts and refused nobody anything: "
        f"that it accepted {c.accounts} accounts from here says nothing for it"
    )
    return [WeighedClue("yes_to_all", "enumeration", round(weight, 1), says)]


def _sibling(v: Verdict, visits: _Visits) -> list[WeighedClue]:
    """One of the gateways of a carrier: alike in hand, brings calls of callers with numbers."""
    d = v.deeds
    if d.hand not in visits.carriers or d.is_trusted or d.is_peer or d.outward:
        return []
    if not d.counts.callers or d.counts.credentials or d.bears_mark:
        return []
    says = "it looks like carriers whose calls are let in, and like them brings callers' calls"
    return [WeighedClue("sibling", "", -16.0, says)]


def _strangers_only(v: Verdict, visits: _Visits) -> list[WeighedClue]:
    """Who else knocks at a server with attackers and without a user (rule of succession)."""
    d = v.deeds
    if visits.users or visits.attackers < STRANGER_ATTACKERS or v.verdict == ATTACKER:
        return []
    if d.is_peer or d.is_trusted or d.is_near or d.counts.callers:
        return []
    if d.insists or (d.counts.registers > 2 and d.is_single_account):
        return []  # a phone that points to the wrong server insists
    weight = min(24.0, 10.0 * math.log10(visits.attackers + 1) - PRIOR_DB)
    says = (
        f"of those who ask this server {visits.attackers} attack it, and not one is a user: "
        "only strangers come here"
    )
    return [WeighedClue("strangers_only", "", round(weight, 1), says)]


def _may_be_forged(v: Verdict) -> list[WeighedClue]:
    """Nobody is an attacker because of messages that anybody could have sent in his name."""
    d = v.deeds
    if v.verdict not in (ATTACKER, SUSPECT) or d.counts.tcp:
        return []
    if _is_forged_peer(d):
        who = "a peer that answers us"
    elif _is_forged_user(d):
        who = "a user whose own passwords answer our challenges"
    else:
        return []
    says = (
        f"this address belongs to {who}, and none of its bad messages "
        "answers anything of ours: they may be forged in its name"
    )
    return [WeighedClue("may_be_forged", "", min(0.0, 5.0 - v.weight_db), says)]


def _is_forged_peer(d: Deeds) -> bool:
    """Answers to challenges that nobody gave prove nothing."""
    return d.is_peer and not (d.counts.echoed or d.counts.accepted)


def _is_forged_user(d: Deeds) -> bool:
    """All that was refused bore nonces of nobody, which can never succeed; the rest did."""
    c = d.counts
    is_user = 0 < c.accepted <= c.echoed and not (d.foreign_answered or d.hunted)
    return is_user and 0 < c.refused <= c.invented
