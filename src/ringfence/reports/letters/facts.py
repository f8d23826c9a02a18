"""What every letter says alike: who signs, what was tried, how sure it is, what is sealed."""

from __future__ import annotations

from collections.abc import Iterable

from ringfence.model.incident import AnsweredCall, Suspect
from ringfence.model.letter import Brief, EvidenceNote, SentLetter
from ringfence.model.settings import Victim
from ringfence.model.text import count
from ringfence.reports.jurisdictions.places import US, home
from ringfence.reports.words import PROOFS, country, lasting, line, listed, minutes, money, told

# In place of what the settings do not hold: seen at once, and found by a search.
_MISSING = "[{what}: settings.toml, {field}]"

_EXERCISE = (
    "EXERCISE. This letter was written from an example registry to show what such a letter "
    "looks like. It must never be sent, read out, filed or handed over."
)

_ATTEMPTS = {
    "scan": "looked for phone systems to attack (SIP scan)",
    "enumeration": "tried which accounts exist (SIP account enumeration)",
    "password_guessing": "guessed passwords of accounts (SIP brute force)",
    "toll_fraud": "placed or tried calls at our cost (toll fraud)",
    "flood": "sent more requests than a server can serve (SIP flood)",
    "exploit": "sent requests made to break or trick a server (exploit attempts)",
    "spoofed_call": "sent calls that lie about where they come from (forged calls)",
}


def missing(what: str, field: str) -> str:
    """What stands in a letter where a setting is empty."""
    return _MISSING.format(what=what, field=field)


def or_missing(value: str, what: str, field: str) -> str:
    """The setting, or what says that it is missing."""
    return told(value, 120) if value else missing(what, field)


def exercise_note(brief: Brief) -> str:
    """The first words of every letter that is written from an example registry; else ""."""
    return _EXERCISE if brief.exercise else ""


def signature(victim: Victim) -> list[str]:
    """Who signs, a line each: name, organisation, address, telephone, mail."""
    name = or_missing(victim.name, "your name", "victim.name")
    return [
        f"{name}, {told(victim.title)}" if victim.title else name,
        *([told(victim.organisation)] if victim.organisation else []),
        *([place(victim)] if place(victim) else []),
        f"Telephone: {or_missing(victim.phone, 'where a person answers', 'victim.phone')}",
        f"Mail: {or_missing(victim.email, 'your mail address', 'victim.email')}",
    ]


def place(victim: Victim) -> str:
    """Street, city and country in one line, as an envelope has them; "" where none is set.

    The zip code stands behind the state in the United States, else before the city.
    """
    where, _ = home(victim.country, victim.state)
    if where == US:
        parts = [victim.street, victim.city, f"{victim.state} {victim.zip}".strip()]
    else:
        parts = [victim.street, f"{victim.zip} {victim.city}".strip(), victim.state]
    return told(", ".join(part for part in (*parts, victim.country) if part), 160)


def attempts(source: Suspect) -> str:
    """What a source tried, kinds of attack in plain words with the term of the trade."""
    return listed([_ATTEMPTS.get(kind, told(kind)) for kind in source.kinds], len(_ATTEMPTS))


def successes(source: Suspect) -> str:
    """What it got: accounts and calls; "" for nothing."""
    got = []
    if source.accounts_taken:
        got.append(f"was let in with {count(len(source.accounts_taken), 'stolen account')}")
    if source.calls_total:
        cost = source.estimated_cost
        sum_ = "" if cost is None else f", about {money(cost, source.currency)}"
        calls = count(source.calls_total, "call")
        got.append(f"had {calls} answered ({minutes(source.minutes)}{sum_})")
    return listed(got, len(got)) if got else ""


def proof(source: Suspect) -> str:
    """Whether the address is proven, and how: "Proven by TCP. Its messages came …"."""
    title, means = PROOFS.get(source.proven, PROOFS["none"])
    return f"{title}. {means}"


def clock_says(brief: Brief) -> str:
    """By which clock the times are."""
    clock = brief.settings.clock
    source = f", kept by {told(clock)}" if clock else ""
    return f"All times are UTC, by the clock of the machine that recorded the packets{source}."


def evidence_lines(note: EvidenceNote | None) -> list[str]:
    """What is sealed, a line each; says so when nothing is."""
    if note is None:
        return ["No evidence was sealed yet."]
    return [
        *(f"Capture {told(name, 60)}: SHA-256 {sha256}" for name, sha256 in note.originals),
        f"Sealed {note.sealed_at}: SHA-256 {note.seal}",
        f"Signed with the key {note.key}" + (", time stamped (RFC 3161)" if note.stamped else ""),
    ]


def sent_before(brief: Brief, kind: str) -> list[SentLetter]:
    """Letters of this kind that went out in this case already, in the order of time."""
    sent = [one for one in brief.earlier if one.kind == kind and one.case_id == brief.case_id]
    return sorted((one for one in sent if one.sent_at), key=lambda one: one.sent_at)


def all_calls(sources: Iterable[Suspect]) -> list[tuple[str, AnsweredCall]]:
    """Answered calls that are listed, with their source's address, in the order of time."""
    calls = [(source.address, call) for source in sources for call in source.calls_answered]
    return sorted(calls, key=lambda one: (one[1].answered_at, one[0]))


def call_row(call: AnsweredCall, currency: str | None) -> tuple[str, str, str, str, str]:
    """When, number, where, length, cost."""
    return (
        call.answered_at[:19] + "Z",
        told(call.number, 32),
        f"{country(call.country)}, {line(call.kind)}",
        lasting(call.seconds),
        "unknown" if call.cost is None else money(call.cost, currency),
    )
