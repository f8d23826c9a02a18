"""What of an incident may leave the house: the attackers' addresses, deeds and times.

How it works: nothing is taken out of the incident document; a new value is made, field
by field, of what others need. Servers, accounts, users, file names, sentences of clues,
traits and costs have no field in it. Two texts of strangers are told, the User-Agent
that an attacker claims and the number that a thief dialled, and only when nothing
that the document knows of the victim is in them.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from ringfence.model.endpoint import Address, plain_address
from ringfence.model.incident import KINDS, Attribution, Incident, Suspect
from ringfence.model.measure import Withheld
from ringfence.model.text import count, shown

# Texts of strangers: so many of a source, and each no longer than this.
MAX_AGENTS = 5
MAX_NUMBERS = 50
MAX_TEXT = 80
MAX_AS_NAME = 120
# A shorter name of ours is looked for as a word, a longer one anywhere.
_LEAST_INSIDE = 4
# A run of letters and digits like this is a token, or hides something.
_TOKEN = re.compile(r"[0-9A-Za-z+=]{16}")
_DOTTED = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}\Z")  # E.164
_NO_TIME = "the capture has no time for it"
_FORGED = "its address may be forged: told as observed, never as an indicator"


@dataclass(frozen=True, slots=True)
class Number:
    """A number that a thief dialled, E.164; `premium`: the country's plan says so."""

    number: str
    premium: bool


@dataclass(frozen=True, slots=True)
class Source:
    """One attacker as others may see him. Times are ISO 8601, UTC, with milliseconds."""

    address: str
    certain: bool  # proven: fit for a block list
    proven: str
    kinds: tuple[str, ...]
    confidence: int  # per cent
    messages: int
    first_seen: str
    last_seen: str
    accounts_tried: int
    guesses: int
    accounts_taken: int
    calls: int
    minutes: float
    agents: tuple[str, ...]
    numbers: tuple[Number, ...]
    asn: int | None
    as_name: str | None

    @property
    def version(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.address else 4


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Everything that is told, and what is not, with reasons (for the owner alone)."""

    case_id: str
    root: uuid.UUID  # of all identifiers: the same for each export of the case
    created: str  # the day of the case: the same for each export
    at: str  # of this export
    reporter: str  # "" for nobody's name
    tlp: str
    exercise: bool
    sources: tuple[Source, ...]
    campaigns: tuple[tuple[str, tuple[str, ...]], ...]  # of several sources
    held_back: tuple[Withheld, ...]

    @property
    def title(self) -> str:
        """One line; says so when it is an exercise."""
        kinds = [kind for kind in KINDS if any(kind in s.kinds for s in self.sources)]
        what = ", ".join(kind.replace("_", " ") for kind in kinds) or "attack"
        text = f"SIP attack on a telephone system ({what}), case {self.case_id}"
        return f"EXERCISE: {text}" if self.exercise else text


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which name and for whom something is told."""

    case_id: str
    captures: tuple[str, ...]  # SHA-256 of those that made the case
    at: str
    reporter: str = ""
    tlp: str = "amber"


def disclose(
    incident: Incident,
    terms: Terms,
    objections: Mapping[str, str],
    why_special: Callable[[Address], str | None],
) -> Disclosure:
    """What may be told of it under these terms.

    `objections`: why an address is nobody to accuse, proof aside; `why_special`: why
    nobody holds it.
    """
    exercise = any(one.exercise for one in incident.attribution)
    ours, holders = _Ours(incident), _Holders(incident.attribution)
    sources: dict[str, Source] = {}
    held: list[Withheld] = []
    for suspect in incident.suspects:
        reason = _objection(suspect, objections, why_special)
        found = None if reason else _source(suspect, ours, holders)
        if found is None:
            held.append(Withheld(shown(suspect.address), reason or _NO_TIME))
            continue
        sources.setdefault(found.address, found)
        if not found.certain:
            held.append(Withheld(found.address, _FORGED))
    return Disclosure(
        terms.case_id, _root(terms), _day(terms), terms.at,
        shown(terms.reporter)[:MAX_TEXT], "red" if exercise else terms.tlp, exercise,
        tuple(sources.values()), tuple(_campaigns(incident, sources)), tuple(held),
    )  # fmt: skip


def instant(text: str) -> str | None:
    """The moment, UTC with milliseconds and Z; None for what is no moment with a zone."""
    try:
        when = datetime.fromisoformat(text)
        if when.tzinfo is None:
            return None
        return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return None


def deeds(source: Source) -> str:
    """What it did, in one sentence of our own words and figures."""
    s = source
    facts = [count(s.messages, "request")]
    if s.accounts_tried:
        facts.append(f"{count(s.accounts_tried, 'account name')} tried")
    if s.guesses:
        facts.append(f"{count(s.guesses, 'password')} refused")
    if s.accounts_taken:
        facts.append(f"{count(s.accounts_taken, 'account')} entered")
    if s.calls:
        facts.append(f"{count(s.calls, 'call')} answered ({s.minutes:.0f} min)")
    kinds = ", ".join(kind.replace("_", " ") for kind in s.kinds) or "attack"
    return f"SIP {kinds}: {', '.join(facts)}"


def _objection(
    suspect: Suspect,
    objections: Mapping[str, str],
    why_special: Callable[[Address], str | None],
) -> str | None:
    address = plain_address(suspect.address)
    if address is None:
        return "this is no address"
    if suspect.verdict != "attacker":
        return "suspect, but not certain: it may be one of your users"
    return objections.get(str(address)) or why_special(address)


def _source(suspect: Suspect, ours: _Ours, holders: _Holders) -> Source | None:
    first, last = instant(suspect.first_seen), instant(suspect.last_seen)
    if first is None or last is None:
        return None
    address = str(plain_address(suspect.address))
    asn, as_name = holders.of(suspect.address)
    return Source(
        address=address,
        certain=suspect.proven in ("tcp", "dialog", "nonce"),
        proven=suspect.proven if suspect.proven in ("tcp", "dialog", "nonce") else "none",
        kinds=tuple(kind for kind in KINDS if kind in suspect.kinds),
        confidence=_per_cent(suspect.weight_db),
        messages=max(suspect.messages, 1),
        first_seen=first,
        last_seen=max(first, last),
        accounts_tried=suspect.accounts_tried,
        guesses=suspect.guesses,
        accounts_taken=len(suspect.accounts_taken),
        calls=suspect.calls_total,
        minutes=suspect.minutes,
        agents=tuple(islice(_agents(suspect, ours), MAX_AGENTS)),
        numbers=tuple(islice(_numbers(suspect, ours), MAX_NUMBERS)),
        asn=asn,
        as_name=as_name,
    )


def _agents(suspect: Suspect, ours: _Ours) -> Iterator[str]:
    """The programs that it claims to be, visible and cut."""
    for agent in dict.fromkeys(suspect.claimed_user_agents):
        if ours.spares_agent(agent):
            yield shown(agent)[:MAX_TEXT].strip()


def _numbers(suspect: Suspect, ours: _Ours) -> Iterator[Number]:
    """International numbers that were dialled to cost money: not what a scanner tried."""
    if "toll_fraud" not in suspect.kinds:
        return
    premium = {call.number for call in suspect.calls_answered if call.kind == "premium"}
    called = [call.number for call in suspect.calls_answered]
    for number in dict.fromkeys([*called, *suspect.numbers_dialled]):
        if _NUMBER.match(number) and ours.spares_number(number):
            yield Number(number, number in premium)


class _Ours:
    """What the document tells of the victim: no text with any of it is told to others."""

    def __init__(self, incident: Incident) -> None:
        users = {one.account for one in incident.in_trouble}
        tried: set[str] = set()
        for suspect in incident.suspects:
            users |= set(suspect.accounts_taken)
            users |= {call.account for call in suspect.calls_answered}
            tried |= set(suspect.accounts_tried_sample)
            tried |= {shape.account for shape in suspect.guesses_masked}
        addresses = {*incident.defended, *(one.address for one in incident.in_trouble)}
        self._users = {one.lstrip("+") for one in users if len(one) >= _LEAST_INSIDE} - {""}
        words = {word.casefold() for word in users | tried | addresses if word.strip()}
        self._long = {word for word in words if len(word) >= _LEAST_INSIDE}
        self._short = words - self._long

    def spares_number(self, number: str) -> bool:
        """Whether it is none of ours: no account of a user, nor a line that ends in one."""
        return not any(number.endswith(user) for user in self._users)

    def spares_agent(self, agent: str) -> bool:
        """Whether a User-Agent says nothing of ours, plainly, backwards or packed."""
        text = agent.casefold()
        if not text.strip() or any(s in text for s in ("%", "@", "::")) or _TOKEN.search(agent):
            return False
        # Firmware has versions like 66.84.0.15; an address inside of the house reads like 10.0.0.5.
        inside = (plain_address(found) for found in _DOTTED.findall(agent))
        if any(address is not None and address.is_private for address in inside):
            return False
        if any(word in text or word[::-1] in text for word in self._long):
            return False
        return self._short.isdisjoint(re.findall(r"\w+", text))


class _Holders:
    """The autonomous system of an address, by what registries answered."""

    def __init__(self, attribution: Iterable[Attribution]) -> None:
        self._of = {a: one for one in attribution if one.asn for a in one.addresses}

    def of(self, address: str) -> tuple[int | None, str | None]:
        """Its number and name."""
        found = self._of.get(address)
        if found is None or found.asn is None or not 0 < found.asn < 2**32:
            return None, None
        return found.asn, shown(found.as_name or "")[:MAX_AS_NAME] or None


def _campaigns(
    incident: Incident, told: Mapping[str, Source]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Hands that move several of the sources whose addresses are certain."""
    certain = {source.address for source in told.values() if source.certain}
    for campaign in incident.campaigns:
        plain = (str(plain_address(address)) for address in campaign.sources)
        members = tuple(dict.fromkeys(address for address in plain if address in certain))
        if len(members) > 1:
            yield shown(campaign.id)[:MAX_TEXT], members


def _per_cent(weight_db: float) -> int:
    """Decibans as per cent; nothing is ever certain."""
    weight = min(max(weight_db, -50.0), 50.0)
    return min(99, int(100 / (1 + 10 ** (-weight / 10))))


_ROOT = uuid.UUID("0f6f3cf3-6a52-5b8e-8d0e-52494e474658")


def _root(terms: Terms) -> uuid.UUID:
    """Of the case and its captures, so that two owners never share an identifier."""
    return uuid.uuid5(_ROOT, " ".join([terms.case_id, *sorted(terms.captures)]))


def _day(terms: Terms) -> str:
    """The day that stands in the number of the case, else that of the export."""
    digits = re.search(r"-(\d{4})(\d\d)(\d\d)-", terms.case_id)
    day = instant(f"{digits[1]}-{digits[2]}-{digits[3]}T00:00:00Z") if digits else None
    return min(day or terms.at, terms.at)
