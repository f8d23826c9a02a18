"""The complaint to IC3, the FBI's web form: what to paste into each field, counted.

The form takes no files, cannot be changed once it is filed, and mails no copy: all of
that stands where the person reads it who fills it in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ringfence.model.incident import Suspect
from ringfence.model.letter import IC3, Brief, Letter, LetterError
from ringfence.model.text import count
from ringfence.reports.jurisdictions.desks import Desk, find_desks
from ringfence.reports.jurisdictions.places import US, home, part_name
from ringfence.reports.letters import offence
from ringfence.reports.letters.facts import clock_says, exercise_note, missing, or_missing
from ringfence.reports.letters.fields import Field, fit
from ringfence.reports.letters.owner import absent
from ringfence.reports.letters.text import fill
from ringfence.reports.words import PROOFS, country, listed, minutes, span, told

FORM = "https://complaint.ic3.gov"
# What the form's fields take, in characters.
DESCRIPTION_LIMIT, TECHNICAL_LIMIT, WITNESSES_LIMIT, OTHERS_LIMIT = 3500, 5000, 1000, 1000
# The form has no room for a flood of addresses: those that took something stand first.
MAX_SUBJECTS = 10


@dataclass(frozen=True, slots=True)
class Transaction:
    """What the form asks of one loss."""

    date: str
    amount: str
    remark: str  # for the person who fills it in; "" for nothing to say


@dataclass(frozen=True, slots=True)
class Subject:
    """What the form asks of one subject, and what is known besides."""

    address: str
    network: str
    remark: str


def write(brief: Brief) -> tuple[Letter, ...]:
    """The form's seven sections. Raises LetterError where IC3 is the wrong place."""
    where, state = home(brief.settings.victim.country, brief.settings.victim.state)
    american = american_networks(brief)
    if where not in ("", US) and not american:
        raise LetterError(_elsewhere(where, state))
    text = fill(
        "ic3.txt.j2",
        brief=brief,
        form=FORM,
        exercise=exercise_note(brief),
        filer=_filer(brief),
        victim=_victim(brief, where, state),
        lost=bool(offence.losses(brief.incident.suspects)),
        total=_total(brief),
        transactions=_transactions(brief),
        unpriced=offence.unpriced(brief.incident.suspects),
        subjects=_subjects(brief),
        subjects_beyond=max(0, len(brief.incident.suspects) - MAX_SUBJECTS),
        description=_description(brief),
        technical=_technical(brief),
        witnesses=_witnesses(brief),
        others=_others(brief),
        earlier=bool(brief.returning),
    )
    return (
        Letter(
            kind=IC3,
            case_id=brief.case_id,
            name="ic3",
            to=(),
            receiver=f"FBI Internet Crime Complaint Center, {FORM}",
            subject=f"IC3 complaint for case {brief.case_id}",
            text=text,
            addresses=tuple(s.address for s in offence.ranked(brief)),
            remarks=(*_foreign(where, state, american), *absent(brief, american_form=True)),
        ),
    )


def american_networks(brief: Brief) -> tuple[str, ...]:
    """Networks of the sources that a registry puts into the United States, by name."""
    found = {
        of.holder or of.prefix: None
        for s in offence.ranked(brief)
        if home((of := offence.network_of(brief, s.address)).country, "")[0] == US
    }
    return tuple(found)


def _elsewhere(where: str, state: str) -> str:
    found = find_desks(where, state)
    police = [_reach(desk) for desk in found.desks[:2]] or ["the local police"]
    return (
        f"IC3 takes complaints where the victim or the subject is in the United States: "
        f"victim.country is {told(where, 8)}, and no network of this case is registered there. "
        f"Report to {listed(police)}: ringfence letter CASE police"
    )


def _reach(desk: Desk) -> str:
    return f"{desk.agency} ({desk.page or desk.phone or desk.mail})"


def _foreign(where: str, state: str, american: Sequence[str]) -> list[str]:
    if where == US:
        return []
    if not where:
        return [
            (
                "victim.country is not set: IC3 takes this where you, or a subject, are in the "
                "United States."
            )
        ]
    found = find_desks(where, state)
    first = _reach(found.desks[0]) if found.desks else "your local police"
    return [
        (
            f"You are not in the United States ({country(where)}). IC3 takes complaints whose "
            f"subject is there: {listed(list(american), 2)} is registered there, which says where "
            "the network's holder is, not where the attacker is. "
            f"Report to {first} first."
        )
    ]


def _filer(brief: Brief) -> list[tuple[str, str]]:
    v = brief.settings.victim
    return [
        ("You are", "the victim, or file for the business that is"),
        ("Name", or_missing(v.name, "your name", "victim.name")),
        ("Business", told(v.organisation) or "(none)"),
        ("Phone", or_missing(v.phone, "where a person answers", "victim.phone")),
        ("Mail", or_missing(v.email, "your mail address", "victim.email")),
    ]


def _victim(brief: Brief, where: str, state: str) -> list[tuple[str, str]]:
    v = brief.settings.victim
    return [
        ("Name", told(v.organisation) or or_missing(v.name, "your name", "victim.name")),
        ("Contact", ", ".join(told(x) for x in (v.name, v.title) if x) or "(as above)"),
        ("Age range", "leave empty for a business"),
        ("Address", or_missing(v.street, "street", "victim.street")),
        ("City", or_missing(v.city, "city", "victim.city")),
        ("County", or_missing(v.county, "county", "victim.county")),
        ("Country", country(where) if where else missing("country", "victim.country")),
        ("State", part_name(US, state) if where == US and state
         else or_missing(v.state, "state", "victim.state")),
        ("Zip code", or_missing(v.zip, "zip code", "victim.zip")),
        ("Phone", or_missing(v.phone, "where a person answers", "victim.phone")),
        ("Mail", or_missing(v.email, "your mail address", "victim.email")),
    ]  # fmt: skip


def _total(brief: Brief) -> str:
    found = offence.losses(brief.incident.suspects)
    dollars = sum(loss.amount for loss in found if loss.currency == "USD")
    other = [loss for loss in found if loss.currency != "USD"]
    said = f"{dollars:.2f}" if dollars or not other else ""
    if not other:
        return said
    convert = f"convert to US dollars: {offence.total(other)}"
    return f"{said}, and {convert}" if said else f"[{convert}]"


def _transactions(brief: Brief) -> list[Transaction]:
    found = offence.losses(brief.incident.suspects)
    shown_, left = found[: offence.MAX_DAYS], found[offence.MAX_DAYS :]
    rows = [
        Transaction(
            loss.day or "(calls of several days, beyond those that are listed)",
            f"{loss.amount:.2f}" if loss.currency == "USD"
            else f"[convert to US dollars: {offence.total([loss])}]",
            f"{count(loss.calls, 'call')}, {minutes(loss.minutes)}",
        )
        for loss in shown_
    ]  # fmt: skip
    if left:
        rows.append(
            Transaction(
                f"({count(len(left), 'more day')})", offence.total(left),
                count(sum(loss.calls for loss in left), "call"),
            )
        )  # fmt: skip
    return rows


def _subjects(brief: Brief) -> list[Subject]:
    return [
        Subject(s.address, offence.whose(offence.network_of(brief, s.address)), _remark(s))
        for s in offence.ranked(brief)[:MAX_SUBJECTS]
    ]


def _remark(source: Suspect) -> str:
    if source.proven == "none":
        return "not proven, may be forged: leave it out if in doubt"
    return "proven" if source.verdict == "attacker" else "proven, but only suspected"


def _rest(brief: Brief) -> str:
    return f"The rest is in the evidence of case {told(brief.case_id, 40)}."


def _description(brief: Brief) -> Field:
    keep = "sealed evidence" if brief.evidence else "original capture"
    asked = [
        f"We keep the {keep}, our case {told(brief.case_id, 40)}, for an investigator who asks.",
        (
            "We ask that the networks named under technical details be asked to preserve what they "
            "have of these addresses, before it is overwritten."
        ),
    ]
    return fit([*offence.story(brief), asked], DESCRIPTION_LIMIT, _rest(brief))


def _technical(brief: Brief) -> Field:
    paragraphs = [
        [
            clock_says(brief),
            "The protocol is SIP, by default on port 5060 (RFC 3261).",
        ],
        *(_of_source(brief, s) for s in offence.ranked(brief)[: offence.MAX_SOURCES]),
        _calls(brief),
        _tried(brief),
        _hashes(brief),
    ]
    return fit(paragraphs, TECHNICAL_LIMIT, _rest(brief))


def _of_source(brief: Brief, source: Suspect) -> list[str]:
    of = offence.network_of(brief, source.address)
    agents = offence.names(source.claimed_user_agents, 2, 40)
    title, _ = PROOFS.get(source.proven, PROOFS["none"])
    numbered = "port" if len(source.ports) == 1 else "ports"
    stream = [x for x in brief.streams if x.address == source.address]
    towards = (
        f" to {told(stream[0].destination)} port {stream[0].destination_port} "
        f"({told(stream[0].transport, 8).upper()})"
        if stream
        else ""
    )
    named = f" It named itself {agents}." if agents else ""
    return [
        (
            f"{source.address}, {numbered} {offence.ports(source)}{towards}: "
            f"{count(source.messages, 'message')}, "
            f"{span(source.first_seen, source.last_seen)} UTC. {title}.{named}"
        ),
        f"Network: {offence.whose(of)}{f', abuse desk {of.desk}' if of.desk else ''}.",
    ]


def _calls(brief: Brief) -> list[str]:
    sources = offence.ranked(brief)
    calls = offence.call_sentences(sources)
    beyond = offence.calls_beyond(sources)
    left = [f"And {count(beyond, 'more call')}."] if beyond else []
    return ["Answered calls (UTC, number called, h:mm:ss).", *calls, *left] if calls else []


def _tried(brief: Brief) -> list[str]:
    sources = offence.ranked(brief)
    called = {c.number for s in sources for c in s.calls_answered}
    tried = sorted({n for s in sources for n in s.numbers_dialled} - called)
    return [f"Numbers tried in vain: {offence.names(tried, 10, 32)}."] if tried else []


def _hashes(brief: Brief) -> list[str]:
    note = brief.evidence
    if note is None:
        return []
    originals = [f"{told(name, 40)} {sha256}" for name, sha256 in note.originals[:4]]
    return [
        *([f"Original captures, SHA-256: {listed(originals, 4)}."] if originals else []),
        f"Seal of the evidence, SHA-256: {note.seal}.",
    ]


def _witnesses(brief: Brief) -> Field:
    s = brief.settings
    v, carrier, isp = s.victim, s.carrier, s.isp
    people = [
        (
            f"{or_missing(v.name, 'your name', 'victim.name')}"
            f"{f', {told(v.title)}' if v.title else ''}, keeps the evidence: "
            f"{or_missing(v.phone, 'where a person answers', 'victim.phone')}."
        )
    ]
    for one, what in ((carrier, "carried the calls and has their billing records"),
                      (isp, "connects us to the Internet")):  # fmt: skip
        if one.name:
            reach = f" ({told(one.phone or one.email)})" if one.phone or one.email else ""
            people.append(f"{told(one.name)}{reach} {what}.")
    return fit([people], WITNESSES_LIMIT, "")


def _others(brief: Brief) -> Field:
    police = brief.settings.police
    told_ = [
        f"{told(x.receiver)}, on {x.at[:10]}."
        for x in brief.earlier
        if x.case_id == brief.case_id and (x.sent_at or not x.to) and x.kind != IC3
    ]
    own = f"{told(police.name)}: [report number, or delete this line]." if police.name else ""
    said = [own, *told_] if own else told_
    return fit([said or ["None so far."]], OTHERS_LIMIT, "More were told.")
