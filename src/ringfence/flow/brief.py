"""From a case to the brief: everything that its letters may be written from.

Letters to strangers are written from what may leave the house (`for-others/`), those to
investigators from the whole incident. A case that others were merged into is told as one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ringfence.flow.casebook import TOOL, Casebook, now
from ringfence.flow.folder import BLOCK, EVIDENCE, OTHERS
from ringfence.flow.investigation import read_messages
from ringfence.flow.responsible import look_up
from ringfence.flow.status import plan_of, whole_folder_of
from ringfence.model.endpoint import endpoint
from ringfence.model.follow_up import DONE, FollowUp
from ringfence.model.incident import Incident
from ringfence.model.letter import (
    ABUSE,
    FOR_INVESTIGATORS,
    Brief,
    EvidenceNote,
    Excerpt,
    LetterError,
    SentLetter,
    Stream,
)
from ringfence.model.responsible import (
    FOUND,
    NOT_FOUND,
    NOT_LOOKED_UP,
    Contact,
    Responsible,
    WhoOptions,
)
from ringfence.model.settings import Settings

if TYPE_CHECKING:
    from ringfence.model.case import Case, Filed
    from ringfence.model.evidence import CheckedBag

ATTACKERS = "attackers.pcapng"
# Sources that are looked up for letters; a flood of forged addresses names nobody to write to.
MAX_LOOKED_UP = 500


@dataclass(frozen=True, slots=True)
class LetterOptions:
    """How letters are written."""

    settings: Settings = field(default_factory=Settings)
    who: WhoOptions = field(default_factory=WhoOptions)
    network: str | None = None  # only the letter about it: a prefix, or an address in it


@dataclass(frozen=True, slots=True)
class Gathered:
    """A brief, the case folder that it is from, and how the case's steps stand."""

    folder: Path
    brief: Brief
    steps: tuple[FollowUp, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """One investigation of a case: what it found, as it is and as others may read it."""

    folder: Path
    bag: Path
    whole: Incident
    told: Incident
    seen_as: Mapping[str, str]  # our servers: as the redacted packets name them, and as others do


def brief_of(
    book: Casebook, case: Case, kind: str, options: LetterOptions, notes: list[str]
) -> Gathered:
    """What letters of a kind are written from; asks for contacts.

    Raises LetterError, CaseError, StoreError, AttributionError, CaptureError, OSError.
    """
    from ringfence.cases.whole import combine
    from ringfence.reports.letters.parties import parties_of

    parts = _parts(book, case, options.settings.victim.address, notes)
    whole, told = combine([p.whole for p in parts]), combine([p.told for p in parts])
    incident = whole if kind in FOR_INVESTIGATORS else told
    answers = _responsible(book, case, whole, options.who, notes)
    found = _without_bounced(book, answers, notes if kind == ABUSE else [])
    parties = parties_of(incident, found)
    made_at, first = now(), parts[0]
    steps = tuple(book.follow_up(case, options.settings, made_at[:10]))
    brief = Brief(
        case_id=case.id,
        made_at=made_at,
        tool=TOOL,
        incident=incident,
        settings=options.settings,
        parties=parties,
        streams=tuple(stream for part in parts for stream in _streams(part, kind)),
        excerpts=tuple(one for part in parts for one in _excerpts(part)) if kind == ABUSE else (),
        evidence=_evidence(parts, incident),
        earlier=_earlier(book, case, (p.responsible for p in parties)),
        returning=tuple(back.case_id for back in book.continues(case)),
        blocked=any(one.step == "blocked" and one.state == DONE for one in steps),
        exercise=any(one.exercise for one in found),
        spared=tuple(dict.fromkeys(one for p in parts for one in _spared(p, case.id, made_at))),
    )
    return Gathered(whole_folder_of(first.folder), brief, steps)


# ---- what the case folder holds -----------------------------------------------


def _parts(book: Casebook, case: Case, outside: str, notes: list[str]) -> list[_Part]:
    """The latest investigation of the case and of each that was merged into it."""
    parts: list[_Part] = []
    errors: list[LetterError] = []
    for filed in book.investigations(case):
        try:
            parts.append(_part(case, filed, outside))
        except LetterError as error:
            errors.append(error)
    if not parts:
        raise errors[0] if errors else LetterError(f"{case.id} has no investigation")
    notes += [f"left out of the letters: {error}" for error in errors]
    return parts


def _part(case: Case, filed: Sequence[Filed], outside: str) -> _Part:
    """The last one whose folder is still there."""
    folders = [(one, Path(one.folder)) for one in filed if one.folder]
    there = [(one, folder) for one, folder in folders if folder.is_dir()]
    if not there:
        missing = f"the folder of {case.id} is no longer at {folders[-1][1]}" if folders else ""
        raise LetterError(
            f"{missing or f'{case.id} has no case folder'}, and letters are written from it: "
            "investigate its captures again"
        )
    one, folder = there[-1]
    whole, path = _decoded(one.incident, case.id), folder / OTHERS / "incident.json"
    try:
        told = _decoded(path.read_bytes(), str(path))
    except FileNotFoundError as error:
        raise LetterError(
            f"{path} is missing: letters to strangers are written from it; investigate again"
        ) from error
    pairs = zip(whole.defended, told.defended, strict=False)
    servers = [_seen_outside(real, as_told, outside) for real, as_told in pairs]
    seen_as = dict(zip(told.defended, servers, strict=False))
    return _Part(folder, _bag(folder), whole, replace(told, defended=servers), seen_as)


def _decoded(octets: bytes, where: str) -> Incident:
    try:
        return msgspec.json.decode(octets, type=Incident)
    except msgspec.MsgspecError as error:
        raise LetterError(
            f"the incident of {where} is of another version ({error}): investigate again"
        ) from error


def _seen_outside(real: str, told: str, outside: str) -> str:
    """Our server as others see it: behind NAT it has the address that the settings name."""
    from ringfence.reports.letters.parties import is_outside

    same = outside and ip_address(real).version == ip_address(outside).version
    return outside if same and not is_outside(real) else told


def _bag(folder: Path) -> Path:
    """The bag that was sealed with this folder: additions share the evidence of the case."""
    if (folder / EVIDENCE).is_dir():
        return folder / EVIDENCE / "bag-0001"
    return folder.parent / EVIDENCE / f"bag-{folder.name.rpartition('-')[2]}"


def _evidence(parts: Sequence[_Part], incident: Incident) -> EvidenceNote | None:
    """What is sealed of the case itself; the bag of every part has to be as it was sealed."""
    checked = [_checked(part.bag) for part in parts]
    part, one = parts[0], checked[0]
    if one is None:
        return None
    others = part.folder / OTHERS / ATTACKERS
    return EvidenceNote(
        bag=f"{EVIDENCE}/{part.bag.name}",
        seal=one.seal,
        sealed_at=_sealed_at(part.bag),
        key=one.key or "",
        stamped=one.stamped_at is not None,
        originals=tuple((Path(i.path).name, i.sha256) for i in incident.inputs),
        for_others=hashlib.sha256(others.read_bytes()).hexdigest() if others.exists() else "",
    )


def _checked(bag: Path) -> CheckedBag | None:
    """The bag, as it was sealed; None where there is none. Raises LetterError."""
    from ringfence.flow.evidence import verify_evidence
    from ringfence.model.evidence import EvidenceError

    if not bag.exists():
        return None
    try:
        checked = verify_evidence(str(bag))
    except EvidenceError as error:
        raise LetterError(f"no letter can rest on the evidence: {error}") from error
    if not checked.is_sound:
        raise LetterError(
            f"{bag} is not as it was sealed, so no letter can rest on it: "
            f"`ringfence verify {bag}` says what differs"
        )
    return checked.bags[0]


def _sealed_at(bag: Path) -> str:
    """When the last line of the custody log was written."""
    last = (bag / "data" / "custody.jsonl").read_bytes().splitlines()[-1]
    at: str = msgspec.json.decode(last)["at"]
    return at


def _streams(part: _Part, kind: str) -> tuple[Stream, ...]:
    """Ports and counts from the evidence, our servers named as its readers know them."""
    from ringfence.search.streams import streams_of

    packets = part.bag / "data" / ATTACKERS
    if not packets.exists():
        return ()
    named = part.whole if kind in FOR_INVESTIGATORS else part.told
    ours = dict(zip(part.whole.defended, named.defended, strict=False))
    accused = [suspect.address for suspect in part.whole.suspects]
    return tuple(
        replace(stream, destination=ours[stream.destination])
        for stream in streams_of(read_messages([str(packets)]), accused)
        if stream.destination in ours
    )


def _excerpts(part: _Part) -> tuple[Excerpt, ...]:
    from ringfence.search.excerpts import excerpts_of

    packets = part.folder / OTHERS / ATTACKERS
    if not packets.exists():
        return ()
    accused = [suspect.address for suspect in part.told.suspects]
    found = excerpts_of(read_messages([str(packets)]), accused)
    return tuple(replace(one, destination=_end(one.destination, part.seen_as)) for one in found)


def _end(end: str, seen_as: Mapping[str, str]) -> str:
    """Address and port of a server, as others see it."""
    address, _, port = end.rpartition(":")
    seen = seen_as.get(address.strip("[]"))
    return end if seen is None else endpoint(seen, int(port))


def _spared(part: _Part, case_id: str, made_at: str) -> Iterator[tuple[str, str]]:
    """Proven attackers that its block lists leave out: a trunk's address, one that users share."""
    if not (part.folder / BLOCK).is_dir():
        return
    proven = {s.address for s in part.whole.suspects if s.proven != "none"}
    plan = plan_of(part.whole, case_id, made_at, whole_folder_of(part.folder))
    yield from ((one.address, one.reason) for one in plan.withheld if one.address in proven)


# ---- who answers, and what they were told --------------------------------------


def _responsible(
    book: Casebook, case: Case, incident: Incident, who: WhoOptions, notes: list[str]
) -> list[Responsible]:
    """Who answers for the sources: as the case knows it, else as registries say now."""
    wanted = [suspect.address for suspect in incident.suspects[:MAX_LOOKED_UP]]
    if len(incident.suspects) > MAX_LOOKED_UP:
        more = len(incident.suspects) - MAX_LOOKED_UP
        notes.append(f"{more:,} more sources are not looked up, the surest {MAX_LOOKED_UP:,} are")
    known = _known(book, case)
    again = who.fresh or who.registry is not None
    missing = [address for address in wanted if again or address not in known]
    if not missing:
        return [known[address] for address in wanted]
    asked = [
        replace(one, address=address)  # as the incident writes it
        for address, one in zip(missing, look_up(missing, who, book.where, notes), strict=True)
    ]
    book.record_attribution(case, [one for one in asked if one.state != NOT_LOOKED_UP])
    answers = {one.address: one for one in asked}
    if who.registry is None:
        answers |= _known(book, case)  # silence does not undo what was found before
    return [answers[address] for address in wanted]


def _known(book: Casebook, case: Case) -> dict[str, Responsible]:
    """What registries said; an exercise is no knowledge of anybody."""
    return {
        one.address: one
        for one in book.attribution(case)
        if one.state in (FOUND, NOT_FOUND) and not one.exercise
    }


def _without_bounced(
    book: Casebook, found: Iterable[Responsible], notes: list[str]
) -> list[Responsible]:
    """The same, with mailboxes that letters came back from marked as of no use."""
    since = book.bounced()
    marked = [_marked(one, since) for one in found] if since else list(found)
    bounced = {c.email: c.why_not for one in marked for c in one.contacts if _bounces(c, since)}
    notes += [f"{mailbox} is not written to: {why}" for mailbox, why in bounced.items()]
    return marked


def _marked(one: Responsible, since: Mapping[str, str]) -> Responsible:
    contacts = tuple(
        replace(c, usable=False, why_not=f"a letter to it came back on {since[_mailbox(c)]}")
        if c.usable and _bounces(c, since)
        else c
        for c in one.contacts
    )
    return replace(one, contacts=contacts)


def _bounces(contact: Contact, since: Mapping[str, str]) -> bool:
    return _mailbox(contact) in since


def _mailbox(contact: Contact) -> str:
    """As the store keeps it."""
    return (contact.email or "").strip().lower()


def _earlier(book: Casebook, case: Case, found: Iterable[Responsible]) -> tuple[SentLetter, ...]:
    """Letters of this case, and those of other cases to the same desks; oldest first."""
    earlier = {one.number: one for one in book.letters(case)}
    mailboxes = {one.best.email for one in found if one.best is not None and one.best.email}
    for mailbox in sorted(mailboxes):
        earlier |= {one.number: one for one in book.letters(to=mailbox)}
    return tuple(earlier[number] for number in sorted(earlier))
