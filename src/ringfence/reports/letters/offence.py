"""What was done, for those who investigate it: told in plain words, summed up, bounded.

Written from the whole incident: real accounts are named. An investigator knows nothing
of SIP, so each word of the trade is explained where it stands first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ringfence.model.incident import AnsweredCall, Suspect
from ringfence.model.letter import Brief, EvidenceNote, Party
from ringfence.model.text import count
from ringfence.reports.letters.facts import all_calls, attempts
from ringfence.reports.letters.grid import grid
from ringfence.reports.words import (
    PROOFS,
    country,
    lasting,
    line,
    listed,
    minutes,
    moment,
    money,
    span,
    told,
)  # fmt: skip

# An attacker decides how many addresses, accounts and calls there are: the letter names the
# first of each, which fill two pages, and counts the others; the evidence has all.
MAX_SOURCES = 24
MAX_CALLS = 40
MAX_ACCOUNTS = 24
MAX_DAYS = 14
MAX_DESTINATIONS = 12
_MAX_PORTS = 6


@dataclass(frozen=True, slots=True)
class Loss:
    """What the calls of one day cost in one currency; an estimate from rates."""

    day: str  # YYYY-MM-DD; "" for calls that are summed only
    currency: str  # "" where nobody said
    amount: float
    calls: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Network:
    """Who answers for a source's address: a host, not a suspect."""

    holder: str
    asn: str
    country: str  # code, ""
    desk: str  # mailbox of its abuse desk
    prefix: str


def ranked(brief: Brief) -> list[Suspect]:
    """The sources, those that took something first."""
    return sorted(
        brief.incident.suspects,
        key=lambda s: (s.verdict != "attacker", -s.calls_total, -len(s.accounts_taken),
                       -s.weight_db, s.address),
    )  # fmt: skip


def network_of(brief: Brief, address: str) -> Network:
    """The network that answers for an address; its texts are "" where nobody is known."""
    for party in brief.parties:
        if any(source.address == address for source in party.sources):
            return _network(party)
    return Network("", "", "", "", "")


def _network(party: Party) -> Network:
    of, best = party.responsible.network, party.responsible.best
    desk = told(best.email or "") if best else ""
    if of is None:
        return Network("", "", "", desk, "")
    asn = f"AS{of.asn}" if of.asn else ""
    prefix = told(of.prefixes[0]) if of.prefixes else ""
    return Network(told(of.holder or of.name or "", 60), asn, of.country or "", desk, prefix)


def losses(sources: Iterable[Suspect]) -> list[Loss]:
    """What the answered calls cost, a day and currency each; those not listed come last."""
    days: dict[tuple[str, str], list[AnsweredCall]] = defaultdict(list)
    summed: list[Loss] = []
    for source in sources:
        currency = told(source.currency or "", 8)
        for call in source.calls_answered:
            days[call.answered_at[:10], currency].append(call)
        more = source.calls_unlisted
        if more.calls:
            summed.append(Loss("", currency, more.cost or 0.0, more.calls, more.minutes))
    return [*(_of_day(*key, days[key]) for key in sorted(days)), *_joined(summed)]


def _of_day(day: str, currency: str, calls: list[AnsweredCall]) -> Loss:
    return Loss(
        day, currency, sum(c.cost or 0.0 for c in calls), len(calls),
        sum(c.seconds or 0.0 for c in calls) / 60,
    )  # fmt: skip


def _joined(found: Sequence[Loss]) -> list[Loss]:
    currencies = sorted({loss.currency for loss in found})
    return [
        Loss("", of, *(sum(column) for column in zip(
            *((x.amount, x.calls, x.minutes) for x in found if x.currency == of), strict=True
        )))
        for of in currencies
    ]  # fmt: skip


def total(found: Sequence[Loss]) -> str:
    """1,234 USD and 56 EUR; "" where there were no calls."""
    sums: dict[str, float] = defaultdict(float)
    for loss in found:
        sums[loss.currency] += loss.amount
    return listed([_amount(sums[of], of) for of in sorted(sums)])


def _amount(amount: float, currency: str) -> str:
    return money(amount, currency) if currency else f"{money(amount, '')} of unknown currency"


def unpriced(sources: Iterable[Suspect]) -> int:
    """Answered calls whose cost nobody could tell: they are not in any sum."""
    return sum(
        sum(call.cost is None for call in s.calls_answered) + s.calls_unlisted.unpriced
        for s in sources
    )


def period(sources: Sequence[Suspect]) -> str:
    """From the first message to the last, UTC."""
    first, last = min(s.first_seen for s in sources), max(s.last_seen for s in sources)
    return f"{span(first, last)} UTC"


def story(brief: Brief) -> list[list[str]]:
    """What happened: paragraphs of sentences, what matters most first."""
    return [_what(brief), _success(brief), _attack(brief), _sure(brief), _since(brief)]


def _what(brief: Brief) -> list[str]:
    v, sources = brief.settings.victim, ranked(brief)
    whose = f"the telephone system of {told(v.organisation)}" if v.organisation else (
        "our telephone system"
    )  # fmt: skip
    machines = count(len(sources), "Internet address", "Internet addresses")
    first, last = min(s.first_seen for s in sources), max(s.last_seen for s in sources)
    begun = (
        f"Between {moment(first)} and {moment(last)} UTC somebody attacked {whose} over the "
        f"Internet from {machines}."
    )
    calls, took = sum(s.calls_total for s in sources), _taken(sources)
    if calls:
        sum_ = total(losses(sources))
        return [
            begun,
            (
                f"They placed {count(calls, 'telephone call')} at our cost: {_minutes(sources)} in "
                f"all, about {sum_} by estimate."
            ),
        ]
    if took:
        return [begun, f"They logged in with {count(len(took), 'stolen account')}."]
    return [begun, "As far as the record shows, they did not get in."]


def _minutes(sources: Iterable[Suspect]) -> str:
    return minutes(sum(s.minutes for s in sources))


def _taken(sources: Iterable[Suspect]) -> list[str]:
    """Accounts that somebody was let in with, as they stand on the wire."""
    return sorted({account for s in sources for account in s.accounts_taken})


def _success(brief: Brief) -> list[str]:
    sources = ranked(brief)
    took, calls = _taken(sources), sum(s.calls_total for s in sources)
    said = []
    if took:
        whose = "one of our own people, who" if len(took) == 1 else "our own people, who"
        noun = "extension" if len(took) == 1 else "extensions"
        named = names(took, 6, 32)
        belong = "belongs" if len(took) == 1 else "belong"
        said.append(
            f"They logged in as {noun} {named}, which {belong} to {whose} had no part in it."
        )
    if calls:
        where = [row[0] for row in _destinations(sources)]
        said.append(
            f"The calls went to {listed(where, 4)}. Such calls are placed because the owner of "
            "the number called is paid a share of what the caller is charged (toll fraud)."
        )
    if missing := unpriced(sources):
        said.append(f"Of {count(missing, 'call')} the cost is not known: it is not in the sum.")
    return said


def _attack(brief: Brief) -> list[str]:
    sources = ranked(brief)
    at = listed([told(a) for a in brief.incident.defended], 3)
    system = f" at {at}" if at else ""
    pbx = brief.settings.victim.pbx
    make = f" ({told(pbx)})" if pbx else ""
    messages = count(sum(s.messages for s in sources), "message")
    kinds = list(dict.fromkeys(kind for s in sources for kind in s.kinds))
    did = attempts(replace(sources[0], kinds=kinds))
    guesses = sum(s.guesses for s in sources)
    guessed = f" {count(guesses, 'password')} were tried." if guesses > 1 else ""
    return [
        (
            f"Our system{make}{system} takes and places calls over the Internet with a protocol "
            "named SIP: a telephone logs in with the number of its extension and a password."
        ),
        f"The attackers sent it {messages} of that protocol. They {did}.{guessed}",
    ]


def _sure(brief: Brief) -> list[str]:
    sources = ranked(brief)
    proven = [s.address for s in sources if s.proven != "none"]
    forged = [s.address for s in sources if s.proven == "none"]
    said = [
        (
            "An Internet address is a machine's, not a person's, and the machine may itself have "
            "been broken into."
        )
    ]
    if proven:
        said.append(
            f"{listed(proven, 4)} {'is' if len(proven) == 1 else 'are'} proven: whoever used "
            f"{'it' if len(proven) == 1 else 'them'} received what we sent there."
        )
    if forged:
        verb = "is" if len(forged) == 1 else "are"
        said.append(f"{listed(forged, 4)} {verb} not proven and may be forged.")
    return said


def _since(brief: Brief) -> list[str]:
    said = []
    if brief.returning:
        named = listed([told(case) for case in brief.returning], 4)
        said.append(f"By its traces the same hand attacked us before: case {named}.")
    if brief.blocked:
        said.append("At our firewall we have blocked the attackers whose address is proven.")
    if brief.evidence:
        said.append(
            "The recorded network packets are sealed and signed, and we keep the original capture."
        )
    return said


def source_entries(brief: Brief) -> list[list[str]]:
    """Each source in some lines: what, when, whose network, how sure."""
    return [
        [f"{n}. {s.address}", *_entry(brief, s)]
        for n, s in enumerate(ranked(brief)[:MAX_SOURCES], 1)
    ]


def _entry(brief: Brief, source: Suspect) -> list[str]:
    of = network_of(brief, source.address)
    agents = names(source.claimed_user_agents, 2, 40)
    title, _ = PROOFS.get(source.proven, PROOFS["none"])
    verdict = "Attacker" if source.verdict == "attacker" else "Suspected only"
    got = []
    if source.accounts_taken:
        noun = "account" if len(source.accounts_taken) == 1 else "accounts"
        got.append(f"{noun} {names(source.accounts_taken, 4, 24)}")
    if source.calls_total:
        got.append(f"{count(source.calls_total, 'answered call')}, {minutes(source.minutes)}")
    return [
        f"{verdict}. {title}.",
        f"{period([source])}, {count(source.messages, 'message')}",
        f"{'Port' if len(source.ports) == 1 else 'Ports'} {ports(source)}",
        *([f"Got: {'; '.join(got)}"] if got else []),
        f"Network: {whose(of)}",
        *([f"Its abuse desk: {of.desk}"] if of.desk else []),
        *([f"Named itself: {agents}"] if agents else []),
    ]


def names(found: Sequence[str], most: int, width: int) -> str:
    """The first of them, told; the others counted."""
    first = [told(name, width) for name in found[:most]]
    return listed([*first, *found[most:]], most)


def ports(source: Suspect) -> str:
    """Its ports, the first some of them."""
    return listed([str(port) for port in source.ports], _MAX_PORTS) if source.ports else "unknown"


def whose(of: Network) -> str:
    """Example Hosting, AS64500, 203.0.113.0/24, registered in the United States."""
    place = f"registered in {country(of.country)}" if of.country else ""
    return ", ".join(x for x in (of.holder, of.asn, of.prefix, place) if x) or "holder not known"


def call_lines(sources: Sequence[Suspect]) -> list[str]:
    """The answered calls as a table."""
    calls = all_calls(sources)[:MAX_CALLS]
    currencies = {s.address: told(s.currency or "", 8) for s in sources}
    rows = [
        (
            moment(call.answered_at), told(call.number, 17), told(call.account, 12),
            lasting(call.seconds),
            "unknown" if call.cost is None else money(call.cost, currencies[address]),
        )
        for address, call in calls
    ]  # fmt: skip
    head = ("Answered, UTC", "Number called", "Account", "h:mm:ss", "About")
    return grid(head, rows, (19, 17, 12, 8, 12), right=2) if rows else []


def call_sentences(sources: Sequence[Suspect]) -> list[str]:
    """The same, a sentence each, for a form that has no room for tables."""
    return [
        f"{moment(call.answered_at)}: {told(call.number, 20)} from account "
        f"{told(call.account, 20)}, {lasting(call.seconds)}."
        for _, call in all_calls(sources)[:MAX_CALLS]
    ]


def calls_beyond(sources: Sequence[Suspect]) -> int:
    """Answered calls that the table leaves out."""
    return max(0, sum(s.calls_total for s in sources) - MAX_CALLS)


def destination_lines(sources: Sequence[Suspect]) -> list[str]:
    """Where the calls went, as a table."""
    found = _destinations(sources)
    rows = [
        (where, str(calls), f"{length / 60:,.1f}", sum_)
        for where, calls, length, sum_ in found[:MAX_DESTINATIONS]
    ]
    left = len(found) - len(rows)
    lines = grid(("Where", "Calls", "Minutes", "About"), rows, (36, 7, 9, 14), right=3)
    return [*lines, f"and {left:,} more"] if left > 0 else lines if rows else []


def _destinations(sources: Iterable[Suspect]) -> list[tuple[str, int, float, str]]:
    seen: dict[tuple[str | None, str | None, str], list[AnsweredCall]] = defaultdict(list)
    for source in sources:
        currency = told(source.currency or "", 8)
        for call in source.calls_answered:
            seen[call.country, call.kind, currency].append(call)
    rows = [
        (
            f"{country(where)} ({line(kind)})",
            len(calls),
            sum(c.seconds or 0.0 for c in calls),
            _sum(calls, currency),
        )
        for (where, kind, currency), calls in seen.items()
    ]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def _sum(calls: Sequence[AnsweredCall], currency: str) -> str:
    known = [c.cost for c in calls if c.cost is not None]
    return money(sum(known), currency) if known else "unknown"


def account_lines(sources: Sequence[Suspect]) -> list[str]:
    """The accounts that were taken: from where, and what for."""
    taken = _taken(sources)
    rows = []
    for account in taken[:MAX_ACCOUNTS]:
        by = [s for s in sources if account in s.accounts_taken]
        calls = sum(c.account == account for s in by for c in s.calls_answered)
        where = names([s.address for s in by], 1, 46)
        rows.append((told(account, 20), where, str(calls) if calls else "none"))
    left = len(taken) - len(rows)
    head = ("Account", "Used from", "Calls listed")
    lines = grid(head, rows, (20, 46, 12), right=1) if rows else []
    return [*lines, f"and {left:,} more: see the evidence"] if left > 0 else lines


def evidence_lines_of(note: EvidenceNote | None) -> list[str]:
    """What is sealed: names, and each hash on a line of its own."""
    if note is None:
        return ["Nothing is sealed yet."]
    lines = []
    for name, sha256 in note.originals[:MAX_DAYS]:
        lines += [f"Original capture {told(name, 50)}, SHA-256:", f"    {sha256}"]
    if (left := len(note.originals) - MAX_DAYS) > 0:
        lines.append(f"and {left:,} more: see manifest-sha256.txt of the bag")
    lines += [f"Sealed bag {told(note.bag, 50)}, SHA-256 of the seal:", f"    {note.seal}"]
    stamped = ["Time stamped by a third party (RFC 3161)"] if note.stamped else []
    return [
        *lines,
        *stamped,
        f"Sealed {moment(note.sealed_at)} UTC, signed with the key",
        f"    {told(note.key, 68)}",
    ]
