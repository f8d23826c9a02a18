"""A sheet to telephone from: what to say to one's own provider, and to the networks it comes from.

One sheet for all calls: who telephones at three in the morning wants one piece of
paper, with the facts once, and a place to write down what he was promised.
"""

from __future__ import annotations

from collections.abc import Iterable

from ringfence.model.endpoint import Address, plain_address
from ringfence.model.letter import NOC_CALL, Brief, Letter, LetterError, Party
from ringfence.model.responsible import COPY, Contact, Network
from ringfence.model.text import count, shown
from ringfence.reports.letters.drop import Drop, DropList, list_drops, utc
from ringfence.reports.letters.facts import exercise_note, or_missing
from ringfence.reports.letters.isp import by_whom, missing_settings, own_addresses, places
from ringfence.reports.letters.text import fill
from ringfence.reports.words import country, listed, moment, told

# Nobody makes more calls in a night; the others have their letters.
MAX_CALLS = 8
# Addresses that one can read out; more go by mail.
MAX_SPOKEN = 4
_MAX_PHONES = 3
_MAX_LINE = 54

_NOTES = (
    "Spoke to ______________________  at ______ UTC  ticket _____________",
    "",
    "Promised ______________________________________  for when __________",
)
# Of the ICAO alphabet, but for digits that everybody knows: "niner" is no five.
_SPOKEN = {
    "0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six",
    "7": "seven", "8": "eight", "9": "niner", "a": "alfa", "b": "bravo", "c": "charlie",
    "d": "delta", "e": "echo", "f": "foxtrot", "g": "golf", "h": "hotel", "i": "india",
    "j": "juliett", "k": "kilo", "l": "lima", "m": "mike", "n": "november", "o": "oscar",
    "p": "papa", "q": "quebec", "r": "romeo", "s": "sierra", "t": "tango", "u": "uniform",
    "v": "victor", "w": "whiskey", "x": "x-ray", "y": "yankee", "z": "zulu",
}  # fmt: skip
_SIGNS = {".": "dot", ":": "colon", "-": "dash", "/": "slash"}


def write(brief: Brief) -> tuple[Letter, ...]:
    """One sheet. Raises LetterError where there is nothing to ask for."""
    wanted = list_drops(brief)
    if not wanted.drops:
        why = "; ".join(wanted.remarks) or "nobody is an attacker beyond doubt"
        raise LetterError(f"{brief.case_id} gives no reason to telephone: {why}")
    calls, silent = _calls(brief, wanted)
    return (
        Letter(
            kind=NOC_CALL,
            case_id=brief.case_id,
            name="noc-call",
            to=(),
            receiver="you, at the telephone",
            subject=f"[{shown(brief.case_id)}] what to say to the NOCs",
            text=fill("noc_call.txt.j2", **_values(brief, wanted, calls)),
            addresses=tuple(map(str, wanted.sources)),
            remarks=(
                *wanted.remarks,
                *missing_settings(brief.settings.isp, "isp"),
                *([_no_phone(silent)] if silent else []),
            ),
        ),
    )


def spoken(text: str) -> str:
    """An address or a case number as it is read out: "one niner eight dot five one dot …"."""
    words = [_SIGNS.get(part) or " ".join(map(_word, part)) for part in _parts(text)]
    return " ".join(words).replace("colon colon", "double colon")


def _parts(text: str) -> list[str]:
    """What stands between the signs, and the signs."""
    parts = [""]
    for character in text:
        if character in _SIGNS:
            parts += [character, ""]
        else:
            parts[-1] += character
    return [part for part in parts if part]


def _word(character: str) -> str:
    return _SPOKEN.get(character.lower()) or shown(character)


def _values(brief: Brief, wanted: DropList, calls: list[dict[str, object]]) -> dict[str, object]:
    isp, carrier, victim = brief.settings.isp, brief.settings.carrier, brief.settings.victim
    suspects = {drop.suspect.address: drop.suspect for drop in wanted.drops}.values()
    return {
        "exercise": exercise_note(brief),
        "case": shown(brief.case_id),
        "case_spoken": spoken(shown(brief.case_id)),
        "made": moment(brief.made_at)[:16] + " UTC",
        "me": or_missing(victim.name, "your name", "victim.name"),
        "organisation": told(victim.organisation, 60),
        "my_phone": or_missing(victim.phone, "where a person answers", "victim.phone"),
        "authorised": told(isp.contact, 50) if isp.contact else "",
        "isp": or_missing(isp.name, "your Internet provider", "isp.name"),
        "isp_plain": _for_shell(isp.name) or "the provider",
        "isp_phone": or_missing(isp.phone, "telephone of its NOC", "isp.phone"),
        "customer": or_missing(isp.customer, "customer number", "isp.customer"),
        "circuit": or_missing(isp.circuit, "circuit", "isp.circuit"),
        "own": own_addresses(wanted),
        "own_spoken": [spoken(str(one)) for one in wanted.own[:MAX_SPOKEN]],
        "whom": by_whom(wanted),
        "places": places(wanted),
        "until": utc(wanted.until),
        "first": moment(min(drop.first_seen for drop in wanted.drops)),
        "last": moment(max(drop.last_seen for drop in wanted.drops)),
        "messages": sum(drop.messages for drop in wanted.drops),
        "flood": any("flood" in suspect.kinds for suspect in suspects),
        "paying": sum(suspect.calls_total for suspect in suspects),
        "carrier": or_missing(carrier.name, "your SIP trunk provider", "carrier.name"),
        "carrier_phone": or_missing(carrier.phone, "its fraud desk", "carrier.phone"),
        "sources": _read_out(wanted.drops),
        "sources_total": len(wanted.sources),
        "proven": any(drop.certain for drop in wanted.drops),
        "unproven": any(not drop.certain for drop in wanted.drops),
        "blocked": brief.blocked,
        "calls": calls,
        "most_calls": MAX_CALLS,
        "notes": _NOTES,
    }


def _for_shell(name: str) -> str:
    """A name between the quotes of a command: letters, digits and blanks only."""
    plain = "".join(c if c.isascii() and c.isalnum() else " " for c in name)
    return " ".join(plain.split())[:24].rstrip()


def _calls(brief: Brief, wanted: DropList) -> tuple[list[dict[str, object]], list[str]]:
    """Networks to call, most messages first; and those for whom no telephone is known."""
    drops: dict[Address, list[Drop]] = {}
    for drop in wanted.drops:
        drops.setdefault(drop.source, []).append(drop)
    calls: list[tuple[int, dict[str, object]]] = []
    silent: list[str] = []
    for party in brief.parties:
        there = [
            drop
            for source in party.sources
            for drop in drops.get(plain_address(source.address), [])  # type: ignore[arg-type]
        ]
        if not there:
            continue
        phones = _phones(party)
        if not phones:
            silent.append(_name(party))
        calls.append((sum(drop.messages for drop in there), _call(party, there, phones)))
    calls.sort(key=lambda one: (not one[1]["phones"], -one[0]))
    return [call for _, call in calls], silent


def _call(party: Party, drops: list[Drop], phones: list[str]) -> dict[str, object]:
    network = party.responsible.network
    best = party.responsible.best
    return {
        "name": _name(party),
        "network": _where(party, network),
        "phones": phones,
        "mail": told(best.email, _MAX_LINE) if best and best.email else "",
        "form": _form(party),
        "sources": _read_out(drops),
        "lines": [_facts(drop) for drop in drops[:MAX_SPOKEN]],
        "total": len({drop.source for drop in drops}),
        "proven": all(drop.certain for drop in drops),
    }


def _form(party: Party) -> str:
    """A web form, whole or not at all: half an address leads to somebody else."""
    form = next(iter(party.responsible.forms), "")
    return form if len(shown(form)) <= _MAX_LINE else "a long one: ringfence who tells it"


def _facts(drop: Drop) -> str:
    noun = "port" if len(drop.source_ports) == 1 else "ports"
    ports = listed([str(port) for port in drop.source_ports], 4) or "unknown"
    return (
        f"{drop.source} from {noun} {ports} to {drop.destination or 'our address'}, "
        f"{drop.to}; last {moment(drop.last_seen)} UTC, {count(drop.messages, 'message')}"
    )


def _read_out(drops: Iterable[Drop]) -> list[tuple[str, str, bool]]:
    """The first addresses, written and spoken, and whether each is proven."""
    first = list({drop.source: drop for drop in drops}.values())[:MAX_SPOKEN]
    return [(str(drop.source), spoken(str(drop.source)), drop.certain) for drop in first]


def _name(party: Party) -> str:
    network = party.responsible.network
    holder = network and (network.holder or network.as_name or network.name)
    return told(holder, 40) if holder else f"Whoever has {told(party.key, 45)}"


def _where(party: Party, network: Network | None) -> str:
    parts = [told(party.key, 45)]
    if network and network.asn:
        parts.append(f"AS{network.asn}")
    if network and network.country:
        parts.append(country(network.country))
    return ", ".join(parts)


def _phones(party: Party) -> list[str]:
    """Telephones with whose they are, the best first, each once."""
    phones: dict[str, str] = {}
    for contact in party.responsible.contacts:
        if contact.usable and contact.phone and contact.grade != COPY:
            phones.setdefault(told(contact.phone, 32), _whose(contact))
    return [f"{phone}  {whose}".rstrip() for phone, whose in list(phones.items())[:_MAX_PHONES]]


def _whose(contact: Contact) -> str:
    roles = listed([told(role, 16) for role in contact.roles], 2)
    return f"({roles or told(contact.name or '', 24) or 'contact'})"


def _no_phone(silent: list[str]) -> str:
    return (
        f"no register names a telephone of {listed(silent, 4)}: write to them, and look for a "
        "telephone on their web page"
    )
