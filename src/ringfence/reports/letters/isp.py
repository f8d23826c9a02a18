"""To the owner's own provider: please drop this before it fills our line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from ringfence.model.letter import ISP, Attachment, Brief, Letter, LetterError
from ringfence.model.settings import Provider
from ringfence.model.text import count, shown
from ringfence.reports.letters.drop import Drop, DropList, list_drops, networks_of, utc
from ringfence.reports.letters.facts import (
    clock_says,
    evidence_lines,
    exercise_note,
    or_missing,
    sent_before,
    signature,
)
from ringfence.reports.letters.flowspec import (
    DISCARD,
    FlowRule,
    collapsed,
    exabgp_line,
    exabgp_lines,
    gobgp_line,
    junos_delete,
    junos_lines,
    neutral_lines,
)
from ringfence.reports.letters.text import fill
from ringfence.reports.words import KINDS, listed, moment, told

# Sources that the letter lists one by one; more are told by network, and all in a file.
MAX_SOURCES = 20
# Rules in full text: one of each sort, so that every case is seen once.
MAX_RULES_SHOWN = 4
# Rules in the file of commands. Routers hold some thousand, shared with all customers.
MAX_RULES = 1000
# Our own addresses in the subject and the table.
_MAX_OWN = 3
_NO_ADDRESS = "[our public address]"


def write(brief: Brief) -> tuple[Letter, ...]:
    """One letter. Raises LetterError where nobody is certain enough to be dropped."""
    wanted = list_drops(brief)
    if not wanted.drops:
        why = "; ".join(wanted.remarks) or "nobody is an attacker beyond doubt"
        raise LetterError(f"{brief.case_id} has nothing that a provider should drop: {why}")
    provider = brief.settings.isp
    rules = collapsed(wanted.rules)
    attachments = _attachments(brief, wanted, rules)
    return (
        Letter(
            kind=ISP,
            case_id=brief.case_id,
            name="isp",
            to=(provider.email,) if provider.email else (),
            receiver=f"NOC of {told(provider.name, 60) or 'our Internet provider'}",
            subject=_subject(brief, wanted),
            text=fill("isp.txt.j2", **_values(brief, wanted, rules, attachments)),
            attachments=attachments,
            addresses=tuple(map(str, wanted.sources)),
            refers_to=tuple(sent.message_id for sent in sent_before(brief, ISP) if sent.message_id),
            remarks=(*wanted.remarks, *missing_settings(provider, "isp")),
        ),
    )


def missing_settings(provider: Provider, section: str) -> list[str]:
    """What the provider will ask for and the settings do not say."""
    wanted = {
        "name": provider.name,
        "email": provider.email,
        "phone": provider.phone,
        "customer": provider.customer,
        "circuit": provider.circuit,
    }
    empty = [f"{section}.{field}" for field, value in wanted.items() if not value]
    return [f"missing in settings.toml: {', '.join(empty)}"] if empty else []


def own_addresses(wanted: DropList) -> str:
    """Our addresses, or what says that they are missing."""
    return listed([str(one) for one in wanted.own], _MAX_OWN) or _NO_ADDRESS


def places(wanted: DropList) -> str:
    """UDP 5060 and 5061, TCP 5061: where of ours they send to."""
    ports: dict[str, set[int]] = {}
    for drop in wanted.drops:
        ports.setdefault(drop.protocol.upper(), set()).update(drop.ports)
    return "; ".join(
        f"{protocol} {listed([str(one) for one in sorted(there)], 8)}"
        for protocol, there in sorted(ports.items(), reverse=True)
    )


def source_lines(wanted: DropList) -> list[str]:
    """The sources, a line each; by network where they are many."""
    if len(wanted.drops) > MAX_SOURCES:
        return _network_lines(wanted)
    width = max(len(str(drop.source)) for drop in wanted.drops)
    return [
        f"{'Source':{width}}  {'Action':10}  {'To our port':11}  {'Messages':>9}",
        *(
            f"{drop.source!s:{width}}  {drop.action:10}  {_short(drop):11}  {drop.messages:>9,}"
            for drop in wanted.drops
        ),
    ]


def by_whom(wanted: DropList) -> str:
    """3 addresses: 2 to drop, 1 to rate-limit."""
    certain = {drop.source for drop in wanted.drops if drop.certain}
    unproven = set(wanted.sources) - certain
    parts = [f"{len(certain):,} to drop"] if certain else []
    parts += [f"{len(unproven):,} to rate-limit"] if unproven else []
    return f"{count(len(wanted.sources), 'address', 'addresses')}: {', '.join(parts)}"


def _values(
    brief: Brief, wanted: DropList, rules: list[FlowRule], attachments: tuple[Attachment, ...]
) -> dict[str, object]:
    provider, victim = brief.settings.isp, brief.settings.victim
    before = sent_before(brief, ISP)
    contact = provider.contact or victim.name
    return {
        "exercise": exercise_note(brief),
        "case": shown(brief.case_id),
        "made": moment(brief.made_at)[:16] + " UTC",
        "provider": told(provider.name, 50) or "colleagues",
        "customer": or_missing(provider.customer, "customer number", "isp.customer"),
        "circuit": or_missing(provider.circuit, "circuit", "isp.circuit"),
        "contact": _contact(contact, victim.phone),
        "phone": or_missing(victim.phone, "where a person answers", "victim.phone"),
        "own": own_addresses(wanted),
        "whom": by_whom(wanted),
        "places": places(wanted),
        "until": utc(wanted.until),
        "kinds": _kinds(wanted),
        "flood": any("flood" in drop.suspect.kinds for drop in wanted.drops),
        "pbx": told(brief.settings.victim.pbx, 50),
        "first": moment(min(drop.first_seen for drop in wanted.drops)),
        "last": moment(max(drop.last_seen for drop in wanted.drops)),
        "messages": sum(drop.messages for drop in wanted.drops),
        "blocked": brief.blocked,
        "sources": source_lines(wanted),
        "many": len(wanted.drops) > MAX_SOURCES,
        "certain": [drop for drop in wanted.drops if drop.certain],
        "unproven": [drop for drop in wanted.drops if not drop.certain],
        "before": [moment(sent.sent_at)[:16] for sent in before],
        "still": bool(before)
        and max(drop.last_seen for drop in wanted.drops)[:19] > before[-1].sent_at[:19],
        "returning": listed([told(one, 40) for one in brief.returning], 4),
        "rules": len(rules),
        "neutral": [neutral_lines(rule) for rule in _one_of_each(rules)],
        "exabgp": exabgp_lines(rules[0]) if rules else [],
        "gobgp": broken(gobgp_line(rules[0])) if rules else [],
        "trap": _rtbh_source(wanted),
        "clock": clock_says(brief),
        "evidence": evidence_lines(brief.evidence),
        "files": [f"{one.name}: {one.what}" for one in attachments],
        "signature": signature(victim),
    }


def broken(line: str) -> list[str]:
    """A long command in lines of a shell: cut before the words that begin a part."""
    for word in (" match ", " source ", " destination-port ", " then "):
        line = line.replace(word, f" \\\n   {word}", 1)
    return line.split("\n")


def _contact(name: str, phone: str) -> str:
    who = or_missing(name, "who may ask for changes", "isp.contact")
    return f"{told(who, 40)}, {told(phone, 30)}" if phone else who


def _subject(brief: Brief, wanted: DropList) -> str:
    circuit = told(brief.settings.isp.circuit, 40)
    again = "AGAIN: " if sent_before(brief, ISP) else ""
    what = f"please drop SIP attack traffic to {own_addresses(wanted)} upstream"
    return f"[{shown(brief.case_id)}] {again}{what}" + (f", circuit {circuit}" if circuit else "")


def _kinds(wanted: DropList) -> str:
    there = {kind for drop in wanted.drops for kind in drop.suspect.kinds}
    return listed([word for kind, word in KINDS.items() if kind in there], len(KINDS)) or "attack"


def _short(drop: Drop) -> str:
    more = f" +{len(drop.ports) - 1}" if len(drop.ports) > 1 else ""
    return f"{drop.protocol.upper()} {drop.ports[0]}{more}"


def _network_lines(wanted: DropList) -> list[str]:
    networks = networks_of(wanted.drops)
    named = networks[:MAX_SOURCES]
    width = max(len(str(network)) for network, _ in named)
    lines = [f"{'Network':{width}}  {'Sources':>8}  {'of them proven':>14}  {'Messages':>10}"]
    lines += [_network_line(str(network), drops, width) for network, drops in named]
    rest = [drop for _, drops in networks[MAX_SOURCES:] for drop in drops]
    if rest:
        lines.append(_network_line(f"{len(networks) - len(named):,} more", rest, width))
    return lines


def _network_line(name: str, drops: list[Drop], width: int) -> str:
    sources = len({drop.source for drop in drops})
    proven = len({drop.source for drop in drops if drop.certain})
    messages = sum(drop.messages for drop in drops)
    return f"{name:{width}}  {sources:>8,}  {proven:>14,}  {messages:>10,}"


def _one_of_each(rules: list[FlowRule]) -> list[FlowRule]:
    """The first rule of each family and action."""
    sorts: dict[tuple[int, bool], FlowRule] = {}
    for rule in rules:
        sorts.setdefault((rule.source.version, rule.rate == DISCARD), rule)
    return list(sorts.values())[:MAX_RULES_SHOWN]


def _rtbh_source(wanted: DropList) -> str:
    """A proven source as a host route: an example for source-based RTBH."""
    certain = next((drop.source for drop in wanted.drops if drop.certain), None)
    return "" if certain is None else f"{certain}/{certain.max_prefixlen}"


def _attachments(brief: Brief, wanted: DropList, rules: list[FlowRule]) -> tuple[Attachment, ...]:
    case = shown(brief.case_id)
    sources = Attachment(
        f"{case}-sources.csv",
        "text/csv",
        _table(wanted).encode(),
        "every source with action, protocol, ports, first and last message",
    )
    if not rules:
        return (sources,)
    whole = count(len(rules), "rule")
    told_rules = whole if len(rules) <= MAX_RULES else f"the first {MAX_RULES:,} of {whole}"
    commands = Attachment(
        f"{case}-flowspec.txt",
        "text/plain",
        _commands(brief, wanted, rules[:MAX_RULES]).encode(),
        f"{told_rules} for ExaBGP, GoBGP and Junos, and how to take them back",
    )
    return (sources, commands)


def _table(wanted: DropList) -> str:
    """Addresses, numbers and times only: nothing in it can be a formula."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(
        (
            "source", "proven", "action", "protocol", "destination", "destination_ports",
            "source_ports", "messages", "first_seen_utc", "last_seen_utc",
        )
    )  # fmt: skip
    for drop in wanted.drops:
        table.writerow(
            (
                str(drop.source), drop.suspect.proven if drop.certain else "no", drop.action,
                drop.protocol, str(drop.destination or ""), " ".join(map(str, drop.ports)),
                " ".join(map(str, drop.source_ports)), drop.messages, drop.first_seen,
                drop.last_seen,
            )
        )  # fmt: skip
    return text.getvalue()


def _commands(brief: Brief, wanted: DropList, rules: list[FlowRule]) -> str:
    names = [f"{_plain(brief.case_id)}-{number}" for number in range(1, len(rules) + 1)]
    parts = [
        *_headed(
            f"{shown(brief.case_id)}: FlowSpec rules, wanted until {utc(wanted.until)}",
            "Each names our own address and its SIP ports: nobody else's traffic is touched.",
            "Never announce a source's prefix as a route: that is a hijack.",
        ),
        *_headed("ExaBGP 5, API: one command a line"),
        *map(exabgp_line, rules),
        *_headed("ExaBGP 5: take them back"),
        *(exabgp_line(rule, "withdraw") for rule in rules),
        *_headed("GoBGP 3"),
        *map(gobgp_line, rules),
        *_headed("GoBGP 3: take them back"),
        *(gobgp_line(rule, "del") for rule in rules),
        *_headed("Junos (a rate here counts bits a second)"),
        *(
            line
            for rule, name in zip(rules, names, strict=True)
            for line in junos_lines(rule, name)
        ),
        *_headed("Junos: take them back"),
        *(junos_delete(rule, name) for rule, name in zip(rules, names, strict=True)),
    ]
    return "\n".join(parts).lstrip("\n") + "\n"


def _headed(*lines: str) -> Iterable[str]:
    return ("", *(f"# {line}" for line in lines))


def _plain(case_id: str) -> str:
    return "".join(c for c in case_id if c.isascii() and (c.isalnum() or c == "-"))[:48] or "RF"
