"""Letters to abuse desks: one a network, short enough to be acted on while it is read.

First who attacked whom and when, then what we ask, then every source with what the desk
needs to find it in its own records, a few messages as they came, and how the evidence is
known again. Whose address may be forged is not accused.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ringfence.model.incident import Suspect
from ringfence.model.letter import (
    ABUSE,
    Attachment,
    Brief,
    Excerpt,
    Letter,
    LetterError,
    Party,
    SentLetter,
    Stream,
)
from ringfence.model.responsible import COPY, DESK
from ringfence.model.text import count, shown
from ringfence.reports.lanes import cut
from ringfence.reports.letters import facts, xarf
from ringfence.reports.letters.parties import end_of, is_outside
from ringfence.reports.letters.text import fill
from ringfence.reports.letters.ways import MAX_CONTACTS, ways_to
from ringfence.reports.words import KINDS, PROOFS, listed, money, odds, told

# A network of a flood has thousands of sources: the worst in full, then two lines each, and
# all of them in a table beside the letter. What is left out is counted in the letter.
MAX_IN_FULL = 5
MAX_IN_BRIEF = 20
MAX_IN_TABLE = 10_000
# One JSON report a source: more than these no desk reads one by one.
MAX_XARF = 20
# Raw messages in the text: of a source, of a letter, lines of each, characters of a line.
MAX_EXCERPTS_EACH, MAX_EXCERPTS, MAX_RAW_LINES, MAX_RAW_LINE = 2, 4, 24, 160
MAX_STREAMS = 4
MAX_PORTS = 6
MAX_CAPTURES = 3
# Of what was written to a desk before, the latest; who answers for many networks gets many.
MAX_EARLIER = 3

# What a network did, worst first, for the subject.
_WORST = (
    "toll_fraud", "password_guessing", "flood", "exploit", "spoofed_call", "enumeration", "scan",
)  # fmt: skip
_ASKS_OF_FORGED = (
    (
        "Look in your flow records whether such packets left your network at these times. If "
        "they did, find who sent them, and stop it."
    ),
    "If none did, the address is forged. Tell us so, and we take it off our list.",
    "Answer this mail and say which of the two it was.",
)
_TABLE = (
    "source", "source_ports", "destination", "destination_port", "protocol", "first_seen",
    "last_seen", "messages", "attack", "address_proven", "verdict",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was recorded of all sources, by address."""

    streams: dict[str, list[Stream]]
    excerpts: dict[str, list[Excerpt]]


def write(brief: Brief) -> tuple[Letter, ...]:
    """One letter a network, in the order of the parties. Raises LetterError where none is due."""
    if not brief.parties:
        raise LetterError(
            f"no network to write to in {brief.case_id}: its sources are only suspected, or "
            "their addresses belong to no network outside (ringfence explain says why)"
        )
    seen = _Seen(_streams(brief.streams), _excerpts(brief.excerpts))
    return tuple(_letter(brief, party, seen) for party in brief.parties)


def _letter(brief: Brief, party: Party, seen: _Seen) -> Letter:
    best = party.responsible.best
    to = (best.email,) if best and best.email else ()
    earlier = _earlier(brief, to)
    reports, refused = _xarf(brief, party, seen)
    return Letter(
        kind=ABUSE,
        case_id=brief.case_id,
        name=f"abuse-{party.key.replace('/', '-').replace(':', '-')}",
        to=to,
        receiver=_receiver(party),
        subject=_subject(brief, party),
        text=_text(brief, party, seen, earlier, attached=bool(reports)),
        copy=_copies(party, to),
        xarf=reports,
        attachments=_table(party, seen),
        network=party.key,
        addresses=tuple(source.address for source in party.sources),
        refers_to=tuple(one.message_id for one in earlier if one.message_id),
        remarks=tuple(_remarks(brief, party, seen, refused)),
    )


def _text(
    brief: Brief, party: Party, seen: _Seen, earlier: Sequence[SentLetter], *, attached: bool
) -> str:
    full, others = party.sources[:MAX_IN_FULL], party.sources[MAX_IN_FULL:]
    return fill(
        "abuse.txt.j2",
        exercise=facts.exercise_note(brief),
        greeting=_greeting(party),
        is_desk=_is_desk(party),
        opening=_opening(party),
        damage=_damage(_accused(party)),
        forged=not any(_is_proven(source) for source in _accused(party)),
        case_id=brief.case_id,
        earlier=[_before(one, party) for one in earlier[-MAX_EARLIER:]],
        asks=_asks(party),
        # Block lists name proven attackers only.
        blocked=brief.blocked and any(map(_is_proven, _accused(party))),
        returning=[told(one, 40) for one in brief.returning[:MAX_EARLIER]],
        clock=facts.clock_says(brief),
        sources=[(source.address, _rows(source, seen, party)) for source in full],
        proofs=_proofs(party) if len(party.sources) > 1 else [],
        brief_sources=[_two_lines(source, seen) for source in others[:MAX_IN_BRIEF]],
        unlisted=max(0, len(others) - MAX_IN_BRIEF),
        in_table=min(len(party.sources), MAX_IN_TABLE),
        excerpts=_raw(full, seen),
        evidence=_evidence(brief),
        has_twin=bool(brief.evidence and brief.evidence.for_others),
        xarf=xarf.VERSION if attached else "",
        xarf_unlisted=max(0, len(party.sources) - MAX_XARF),
        signature=facts.signature(brief.settings.victim),
    )


# ---------------------------------------------------------------- whom it concerns


def _receiver(party: Party) -> str:
    if party.responsible.network is None:
        return f"whoever answers for {party.key}"
    holder = _holder(party)
    return (
        f"abuse desk of {holder}" if _is_desk(party) else f"{holder} (its abuse desk is not known)"
    )


def _greeting(party: Party) -> str:
    if party.responsible.network is None:
        return f"To {_receiver(party)}"
    return f"To the {_receiver(party)}" if _is_desk(party) else f"To {_holder(party)}"


def _is_desk(party: Party) -> bool:
    best = party.responsible.best
    return best is None or best.grade in DESK


def _holder(party: Party) -> str:
    network = party.responsible.network
    return told(network.holder, 60) if network and network.holder else party.key


def _subject(brief: Brief, party: Party) -> str:
    accused = _accused(party)
    kinds = [kind for kind in _WORST if any(kind in source.kinds for source in accused)]
    what = " and ".join(KINDS[kind] for kind in kinds[:2]) or "attack"
    where = (
        accused[0].address if len(accused) == 1 else f"{len(accused):,} addresses of {party.key}"
    )
    forged = "" if any(_is_proven(source) for source in accused) else ", address not proven"
    exercise = "EXERCISE, " if brief.exercise else ""
    return f"{exercise}Abuse: SIP {what} from {where}{forged} [{brief.case_id}]"


def _copies(party: Party, to: tuple[str, ...]) -> tuple[str, ...]:
    copies = [
        c.email for c in party.responsible.contacts if c.usable and c.grade == COPY and c.email
    ]
    return tuple(dict.fromkeys(one for one in copies if one not in to))[:MAX_CONTACTS]


def _earlier(brief: Brief, to: tuple[str, ...]) -> list[SentLetter]:
    """What was sent to the same mailbox before, oldest first."""
    desk = {one.lower() for one in to}
    sent = [
        one
        for one in brief.earlier
        if one.kind == ABUSE and one.sent_at and desk & {box.lower() for box in one.to}
    ]
    return sorted(sent, key=lambda one: one.sent_at)[-2 * MAX_EARLIER :]


def _before(one: SentLetter, party: Party) -> str:
    """An earlier letter: when, which case, and whether the same sources went on."""
    id_ = f", Message-ID {told(one.message_id, 200)}" if one.message_id else ""
    same = [source for source in party.sources if source.address in set(one.addresses)]
    later = [source.address for source in same if source.last_seen > one.sent_at]
    went_on = f" Since then it went on from {listed(later, 3)}." if later else ""
    return f"{one.sent_at[:10]}, case [{told(one.case_id, 40)}]{id_}.{went_on}"


# ---------------------------------------------------------------- what is said first


def _accused(party: Party) -> list[Suspect]:
    return [source for source in party.sources if source.verdict == "attacker"]


def _is_proven(source: Suspect) -> bool:
    return source.proven != "none"


def _opening(party: Party) -> str:
    accused = _accused(party)
    proven = sum(map(_is_proven, accused))
    network = party.responsible.network
    of_yours = f" of your network {party.key}" if network else ""
    when = _when(accused)
    did = facts.attempts(accused[0]) if len(accused) == 1 else _kinds(accused)
    if len(accused) == 1 and proven:
        who = f"The address {accused[0].address}{of_yours}"
        return f"{who} attacked our telephone system {when}. It {did}."
    if len(accused) == 1:
        who = f"Packets with the source address {accused[0].address}{of_yours}"
        return f"{who} attacked our telephone system {when}. Whoever sent them {did}."
    who = f"{count(len(accused), 'address', 'addresses')}{of_yours}"
    if not proven:
        return f"Packets with {who} as their source attacked our telephone system {when}: {did}."
    sure = (
        ""
        if proven == len(accused)
        else f" Of {proven:,} the address is proven; others may be forged."
    )
    return f"{who} attacked our telephone system {when}: {did}.{sure}"


def _kinds(accused: Sequence[Suspect]) -> str:
    """Each kind and by how many: toll fraud (by 1 of them) and scan (by all)."""
    by = {kind: sum(kind in source.kinds for source in accused) for kind in _WORST}
    by = {kind: number for kind, number in by.items() if number}
    if len(by) == 1:
        return KINDS[next(iter(by))]
    named = [
        f"{KINDS[kind]} (by {'all' if number == len(accused) else f'{number:,} of them'})"
        for kind, number in by.items()
    ]
    return listed(named, len(_WORST)) if named else "in ways told below"


def _when(sources: Sequence[Suspect]) -> str:
    first = min(source.first_seen for source in sources)[:10]
    last = max(source.last_seen for source in sources)[:10]
    return f"on {first}" if first == last else f"between {first} and {last}"


def _damage(sources: Sequence[Suspect]) -> str:
    """What all of them got: accounts, calls and cost; "" for nothing."""
    accounts = len({account for source in sources for account in source.accounts_taken})
    calls = sum(source.calls_total for source in sources)
    costs = [(s.estimated_cost, s.currency) for s in sources if s.estimated_cost is not None]
    got = [count(accounts, "account was", "accounts were") + " broken into"] if accounts else []
    if calls:
        cost = money(sum(cost for cost, _ in costs), costs[0][1]) if costs else ""
        sum_ = f", at a cost of about {cost}" if costs else ""
        got.append(count(calls, "call was", "calls were") + f" placed on our account{sum_}")
    return f"The attack succeeded: {' and '.join(got)}." if got else ""


def _asks(party: Party) -> list[str]:
    if not any(map(_is_proven, _accused(party))):
        return list(_ASKS_OF_FORGED)
    these, was = (
        ("these addresses and ports", "these machines were")
        if len(party.sources) > 1
        else ("this address and these ports", "this machine was")
    )
    return [
        f"Find who used {these} at these times, and stop the attack.",
        f"Tell the customer. Often {was} broken into as well and the owner does not know.",
        "Keep your records of these times, in case an investigation asks for them.",
        "Answer this mail and say what you found and did.",
    ]


# ---------------------------------------------------------------- source by source


def _rows(source: Suspect, seen: _Seen, party: Party) -> list[tuple[str, str]]:
    streams = seen.streams.get(source.address, [])
    first = streams[0] if streams else None
    rows = [
        ("Source", f"{source.address}, {_ports(first.ports if first else source.ports)}"),
        ("Destination", _destination(first)),
        ("Protocol", _protocol(source, first)),
        ("First seen", source.first_seen),
        ("Last seen", source.last_seen),
        ("Messages", _messages(source)),
        *(("Also", _stream(one)) for one in streams[1:MAX_STREAMS]),
    ]
    if len(streams) > MAX_STREAMS:
        rows.append(("", f"and {len(streams) - MAX_STREAMS:,} more such pairs of ends"))
    rows.append(("Attack", f"It {facts.attempts(source)}."))
    if source.guesses:
        rows.append(("Guesses", _guesses(source)))
    got = facts.successes(source)
    rows.append(("Success", f"It {got}." if got else "None was seen."))
    if source.claimed_user_agents:
        agents = [f'"{told(one, 60)}"' for one in source.claimed_user_agents]
        rows.append(("Calls itself", f"{listed(agents, 3)} (User-Agent, as sent)"))
    alone = len(party.sources) == 1
    rows.append(("Address", facts.proof(source) if alone else f"{_title(source)}."))
    if source.verdict != "attacker":
        sure = f"Suspected only ({odds(source.weight_db)}): please judge for yourself."
        rows.append(("How sure", sure))
    return rows


def _ports(ports: Sequence[int]) -> str:
    known = [str(port) for port in ports if port]
    if not known:
        return "port not known"
    if len(known) == 1:
        return f"port {known[0]}"
    return f"port {known[0]} (also {listed(known[1:], MAX_PORTS)})"


def _destination(stream: Stream | None) -> str:
    if stream is None:
        return "our telephone system"
    if not is_outside(stream.destination):
        return f"our telephone system, port {stream.destination_port}"
    return f"{stream.destination}, port {stream.destination_port}"


def _protocol(source: Suspect, stream: Stream | None) -> str:
    if stream:
        return f"SIP (telephony) over {told(stream.transport, 8).upper()}"
    return "SIP (telephony)" + (" over TCP" if source.proven == "tcp" else "")


def _messages(source: Suspect) -> str:
    methods = sorted(source.methods.items(), key=lambda one: (-one[1], one[0]))
    named = [f"{told(method, 16)} {number:,}" for method, number in methods if number]
    return f"{source.messages:,}" + (f" ({', '.join(named[:6])})" if named else "")


def _guesses(source: Suspect) -> str:
    guesses = count(source.guesses, "password guess", "password guesses")
    return f"{guesses}; {count(source.accounts_tried, 'account name')} tried"


def _stream(one: Stream) -> str:
    return (
        f"{told(one.transport, 8).upper()}, {_ports(one.ports)}, to {_destination(one)}: "
        f"{count(one.messages, 'message')}, {one.first_seen} to {one.last_seen}"
    )


def _two_lines(source: Suspect, seen: _Seen) -> tuple[str, str]:
    """A source beyond those in full: its ends; its times, counts and what it did."""
    streams = seen.streams.get(source.address, [])
    first = streams[0] if streams else None
    port = next((port for port in (first.ports if first else source.ports) if port), None)
    ends = f"{source.address}, {f'port {port}' if port else 'port not known'}"
    transport = f" ({told(first.transport, 8).upper()})" if first else ""
    kinds = listed([KINDS.get(kind, told(kind, 24)) for kind in source.kinds])
    proof = "proven" if _is_proven(source) else "may be forged"
    times = f"{source.first_seen[:19]}Z to {source.last_seen[:19]}Z"
    suspected = "" if source.verdict == "attacker" else ", suspected only"
    return (
        f"{ends}, to {_destination(first)}{transport}",
        f"{times}, {count(source.messages, 'message')}, {kinds}, address {proof}{suspected}",
    )


def _title(source: Suspect) -> str:
    return PROOFS.get(source.proven, PROOFS["none"])[0]


def _proofs(party: Party) -> list[str]:
    """What the short words about addresses mean, once each."""
    return list(dict.fromkeys(map(facts.proof, party.sources)))


def _raw(sources: Iterable[Suspect], seen: _Seen) -> list[tuple[str, list[str], bool]]:
    """Messages as they came, one of each source before the second of any: head, lines, cut."""
    each = [seen.excerpts.get(source.address, [])[:MAX_EXCERPTS_EACH] for source in sources]
    turns = [one[turn] for turn in range(MAX_EXCERPTS_EACH) for one in each if len(one) > turn]
    raw = []
    for one in turns[:MAX_EXCERPTS]:
        lines = one.text.replace("\r\n", "\n").rstrip("\n").split("\n")
        head = f"{one.time}  {one.transport.upper()}  {one.source} to {end_of(one.destination)}"
        kept = [cut(shown(text), MAX_RAW_LINE) for text in lines[:MAX_RAW_LINES]]
        raw.append((told(head, 160), kept, one.cut or len(lines) > MAX_RAW_LINES))
    return raw


def _evidence(brief: Brief) -> list[tuple[str, str]]:
    """What is sealed: a name, and the sum by which it is known again."""
    note = brief.evidence
    if note is None:
        return []
    captures = [(told(name, 60), sha) for name, sha in note.originals[:MAX_CAPTURES]]
    if len(note.originals) > MAX_CAPTURES:
        more = len(note.originals) - MAX_CAPTURES
        captures.append((f"{count(more, 'more capture')}, named in the sealed evidence", ""))
    stamped = ", time stamped (RFC 3161)" if note.stamped else ""
    sealed = (f"All evidence, sealed {note.sealed_at}{stamped}", note.seal)
    twin = (
        [("Capture for you, without our users' data", note.for_others)] if note.for_others else []
    )
    return [*captures, sealed, *twin]


# ---------------------------------------------------------------- what goes along


def _xarf(brief: Brief, party: Party, seen: _Seen) -> tuple[tuple[Attachment, ...], list[str]]:
    """Reports for machines, and why some could not be written."""
    reports: list[Attachment] = []
    refused: list[str] = []
    for source in party.sources[:MAX_XARF]:
        streams = seen.streams.get(source.address, ())
        excerpts = seen.excerpts.get(source.address, ())
        try:
            report = xarf.report_of(source, brief, streams, excerpts)
        except LetterError as error:
            refused.append(str(error))
            continue
        reports.append(xarf.attached(report, len(reports) + 1))
    return tuple(reports), list(dict.fromkeys(refused))


def _table(party: Party, seen: _Seen) -> tuple[Attachment, ...]:
    """All sources as CSV, where the letter has not room for each in full."""
    if len(party.sources) <= MAX_IN_FULL:
        return ()
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(_TABLE)
    for source in party.sources[:MAX_IN_TABLE]:
        first = next(iter(seen.streams.get(source.address, ())), None)
        outside = first is not None and is_outside(first.destination)
        rows.writerow([
            source.address,
            " ".join(map(str, (first.ports if first else source.ports)[:MAX_PORTS])),
            first.destination if first and outside else "",
            first.destination_port if first else "",
            told(first.transport, 8) if first else "",
            source.first_seen,
            source.last_seen,
            source.messages,
            " ".join(kind for kind in source.kinds if kind in KINDS),
            "no" if source.proven == "none" else source.proven,
            source.verdict,
        ])  # fmt: skip
    what = "All sources with ports, times and counts, as a table (CSV)"
    return (Attachment("sources.csv", "text/csv", out.getvalue().encode(errors="replace"), what),)


# ---------------------------------------------------------------- for the owner


def _remarks(brief: Brief, party: Party, seen: _Seen, refused: list[str]) -> Iterable[str]:
    if brief.exercise:
        yield "An exercise: its contacts are an example registry's. Never send it."
    yield from ways_to(brief, party)
    yield from _lacking(brief)
    if any(
        not is_outside(stream.destination)
        for source in party.sources
        for stream in seen.streams.get(source.address, ())
    ):
        yield (
            "Your telephone system was recorded under an address of your own network. Add the "
            "public address that leads to it: the desk searches its records for that."
        )
    yield from refused[:MAX_CONTACTS]
    left = len(party.sources) - MAX_IN_TABLE
    if left > 0:
        yield f"{count(left, 'source')} of this network stand only in the evidence."


def _lacking(brief: Brief) -> Iterable[str]:
    victim = brief.settings.victim
    fields = [name for name in ("name", "phone", "email") if not getattr(victim, name)]
    if fields:
        named = listed([f"victim.{name}" for name in fields])
        yield f"Missing, in brackets in the letter: write {named} into settings.toml."
    if not brief.settings.clock:
        yield "Say where the clock of the recording machine came from: settings.toml, clock."
    if brief.evidence is None:
        yield "No evidence is sealed yet: the letter cannot name what it will rest on."


def _streams(streams: Iterable[Stream]) -> dict[str, list[Stream]]:
    by: dict[str, list[Stream]] = defaultdict(list)
    for one in streams:
        by[one.address].append(one)
    return {address: sorted(all_, key=lambda one: -one.messages) for address, all_ in by.items()}


def _excerpts(excerpts: Iterable[Excerpt]) -> dict[str, list[Excerpt]]:
    by: dict[str, list[Excerpt]] = defaultdict(list)
    for one in excerpts:
        by[one.address].append(one)
    return dict(by)
