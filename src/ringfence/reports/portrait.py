"""One suspect in full: what it did, what it got, what speaks for and against it."""

from __future__ import annotations

import shlex

from ringfence.model.dossier import Dossier
from ringfence.model.exchange import Exchange
from ringfence.model.incident import AnsweredCall, Campaign, Clue, Suspect, UnlistedCalls
from ringfence.model.text import count
from ringfence.reports.opening import deeds
from ringfence.reports.report import CallLine, ClueLine, Portrait, SuspectLine
from ringfence.reports.words import (
    KINDS,
    MAX_SENTENCE,
    PROOFS,
    country,
    lasting,
    line,
    listed,
    minutes,
    moment,
    money,
    odds,
    span,
    told,
)

# What a portrait shows of each; the incident document has the rest.
MAX_ACCOUNTS = 20
MAX_NUMBERS = 24
MAX_CALLS = 50
MAX_CLUES = 40
_MAX_AGENTS = 6
_MAX_PORTS = 8
_MAX_GUESSES = 6


def portray(dossier: Dossier, number: int) -> Portrait:
    """The suspect of this number (from 0)."""
    s = dossier.incident.suspects[number]
    proof, proof_means = PROOFS.get(s.proven, PROOFS["none"])
    return Portrait(
        name=f"suspect-{number + 1}",
        address=s.address,
        verdict=s.verdict,
        tone=_tone(s),
        kinds=tuple(KINDS.get(kind, told(kind)) for kind in s.kinds),
        deeds=f"It {deeds(s)}",
        when=span(s.first_seen, s.last_seen),
        weight_db=s.weight_db,
        odds=odds(s.weight_db),
        proof=proof,
        proof_means=proof_means,
        proven=s.proven != "none",
        hand=_hand(s, dossier.incident.campaigns),
        details=tuple(_details(s)),
        accounts=tuple(told(a, 48) for a in s.accounts_tried_sample[:MAX_ACCOUNTS]),
        more_accounts=max(0, s.accounts_tried - min(len(s.accounts_tried_sample), MAX_ACCOUNTS)),
        taken=tuple(told(a, 48) for a in s.accounts_taken[:MAX_ACCOUNTS]),
        numbers=tuple(told(n, 48) for n in s.numbers_dialled[:MAX_NUMBERS]),
        more_numbers=max(0, len(s.numbers_dialled) - MAX_NUMBERS),
        dialled=tuple(told(n, 48) for n in s.dialled_sample[:MAX_NUMBERS]),
        calls=tuple(_call(c, s.currency) for c in s.calls_answered[:MAX_CALLS]),
        more_calls=max(0, len(s.calls_answered) - MAX_CALLS),
        clues=_clues(s, len(dossier.incident.inputs)),
        explain=_explain(dossier, s),
        desk=None,
        desk_at=("", ""),
        exchange=_titled(dossier.exchanges.get(s.address)),
    )


def line_of(suspect: Suspect) -> SuspectLine:
    """The same in one line."""
    return SuspectLine(
        address=suspect.address,
        verdict=suspect.verdict,
        kinds=listed([KINDS.get(kind, told(kind)) for kind in suspect.kinds], 7),
        weight_db=suspect.weight_db,
        proof="proven" if suspect.proven in PROOFS and suspect.proven != "none" else "not proven",
        success=_success(suspect),
    )


def _titled(exchange: Exchange | None) -> Exchange | None:
    return exchange if exchange and exchange.events else None


def _tone(s: Suspect) -> str:
    return "alarm" if s.verdict == "attacker" else "warn"


def _success(s: Suspect) -> str:
    found = []
    if s.accounts_taken:
        found.append(f"took {listed([told(a, 24) for a in s.accounts_taken], 2)}")
    if s.calls_total:
        found.append(f"{count(s.calls_total, 'call')} answered")
    return ", ".join(found) or "none seen"


def _hand(s: Suspect, campaigns: list[Campaign]) -> str:
    of = next((c for c in campaigns if c.id == s.campaign), None)
    others = [address for address in of.sources if address != s.address] if of else []
    if of is None or not others:
        return ""
    shared = told(of.fingerprint, MAX_SENTENCE)
    return f"The same hand moves {listed(others, 4)}. What they share: {shared}."


def _details(s: Suspect) -> list[tuple[str, str]]:
    sent = [f"{number:,} {told(name, 16)}" for name, number in s.methods.items() if number]
    ports = [str(port) for port in s.ports]
    agents = [f"“{told(agent, 64)}”" for agent in s.claimed_user_agents]
    found = [
        ("Seen", f"{span(s.first_seen, s.last_seen)} UTC"),
        ("Requests", f"{s.messages:,}" + (f" ({', '.join(sent)})" if sent else "")),
        ("From ports", listed(ports, _MAX_PORTS) if ports else "unknown"),
        ("Says it is", listed(agents, _MAX_AGENTS) if agents else "nothing"),
        ("Passwords refused", f"{s.guesses:,}" if s.guesses else "none"),
        *_words_tried(s),
        ("Accounts tried", f"{s.accounts_tried:,}"),
    ]
    if s.calls_total:
        cost = "unknown" if s.estimated_cost is None else money(s.estimated_cost, s.currency)
        found.append(("Talk time", minutes(s.minutes)))
        found.append(("Estimated cost", cost))
    if s.calls_unlisted.calls:
        found.append(("Of these not listed", _unlisted(s.calls_unlisted, s.currency)))
    return found


def _words_tried(s: Suspect) -> list[tuple[str, str]]:
    """Which kinds of passwords a talkative tool tried, account by account."""
    kinds = [
        f"{told(g.account, 24)}: {told(g.looks_like, 48)} ({count(g.words, 'word')})"
        for g in s.guesses_masked[:_MAX_GUESSES]
    ]
    return [("Words tried, masked", "; ".join(kinds))] if kinds else []


def _unlisted(calls: UnlistedCalls, currency: str | None) -> str:
    cost = "" if calls.cost is None else f", about {money(calls.cost, currency)}"
    open_ended = f" without the {calls.unpriced:,} whose number was not read"
    said = open_ended if calls.unpriced else ""
    return f"{count(calls.calls, 'call')}, {minutes(calls.minutes)}{cost}{said}"


def _call(c: AnsweredCall, currency: str | None) -> CallLine:
    return CallLine(
        answered_at=moment(c.answered_at),
        number=told(c.number, 40),
        dialled=told(c.dialled, 40),
        country=country(c.country),
        line=line(c.kind),
        account=told(c.account, 40) or "none",
        lasted=lasting(c.seconds),
        cost="unknown" if c.cost is None else money(c.cost, currency),
    )


def _clues(s: Suspect, inputs: int) -> tuple[ClueLine, ...]:
    """The addends, the prior first, so that the reader can add them up."""
    prior = s.weight_db - sum(clue.weight_db for clue in s.clues)
    first = ClueLine("prior", round(prior, 1), "before anything is known of a source", "")
    ordered = sorted(s.clues, key=lambda clue: -clue.weight_db)[:MAX_CLUES]
    return (first, *(_clue(clue, inputs) for clue in ordered))


def _clue(clue: Clue, inputs: int) -> ClueLine:
    of: dict[int, list[str]] = {}
    for place in clue.messages:
        of.setdefault(place.input, []).append(f"{place.packet}")
    parts = [
        ", ".join(packets) + (f" of capture {number + 1}" if inputs > 1 else "")
        for number, packets in of.items()
    ]
    return ClueLine(
        told(clue.rule, 40), clue.weight_db, told(clue.says, MAX_SENTENCE), "; ".join(parts)
    )


def _explain(dossier: Dossier, s: Suspect) -> str:
    if dossier.redacted:  # whoever holds it has no capture
        return ""
    paths = " ".join(shlex.quote(i.path) for i in dossier.incident.inputs[:4])
    return f"ringfence explain {paths} --address {s.address}"
