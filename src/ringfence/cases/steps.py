"""What can be done with a case: each step gives the case as it is then, and its entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ringfence.cases.naming import name_case, title_case
from ringfence.model.case import (
    CLOSED,
    ENTRY_KINDS,
    MERGED,
    OPEN,
    Case,
    CaseError,
    JournalEntry,
    Returning,
)
from ringfence.model.follow_up import NOT_NEEDED, STEPS, TO_DO, Mark, Reply
from ringfence.model.incident import Incident
from ringfence.model.letter import SentLetter
from ringfence.model.measure import Measure

Step = tuple[Case, JournalEntry]
# A note is a note, not a book; what is longer belongs into a file of the folder.
MAX_NOTE = 10_000
# Networks that one entry of the journal names.
_MAX_TOLD = 20


def open_case(incident: Incident, at: str, who: str) -> Step:
    """A new case for this incident. Raises CaseError when nobody is accused."""
    case = Case(name_case(incident), title_case(incident), OPEN, at, at)
    return case, JournalEntry(at, who, "opened", case.title)


def note(case: Case, text: str, at: str, who: str) -> Step:
    """A note in the journal; closed cases take notes, too."""
    words = text.strip()
    if not words:
        raise CaseError("the note is empty: say what was done, like 'phoned NOC, ticket 123'")
    if len(words) > MAX_NOTE:
        raise CaseError(f"the note has {len(words):,} characters; {MAX_NOTE:,} are the most")
    return _step(case, at, who, "note", words)


def close(case: Case, why: str, at: str, who: str) -> Step:
    """The case is done."""
    _must_be(case, OPEN, "close")
    return _step(replace(case, state=CLOSED), at, who, "closed", why.strip() or "closed")


def reopen(case: Case, why: str, at: str, who: str) -> Step:
    """The case goes on."""
    _must_be(case, CLOSED, "reopen")
    return _step(replace(case, state=OPEN), at, who, "reopened", why.strip() or "reopened")


def merge(case: Case, into: Case, at: str, who: str) -> tuple[Step, Step]:
    """`case` is a part of `into`: steps of both."""
    if case.id == into.id:
        raise CaseError(f"{case.id} cannot be merged into itself")
    if MERGED in (case.state, into.state):
        merged = case if case.state == MERGED else into
        raise CaseError(f"{merged.id} was merged into {merged.merged_into}: name that one")
    gone = replace(case, state=MERGED, merged_into=into.id)
    return (
        _step(gone, at, who, "merged", f"merged into {into.id}"),
        _step(into, at, who, "merged", f"{case.id} ({case.title}) is part of this case"),
    )


def went_on(case: Case, back: Returning, by: str, at: str, who: str) -> Step:
    """The same hand attacks again, in case `by`; a closed case is open again."""
    state = OPEN if case.state == CLOSED else case.state
    text = f"the same hand is back in {by} (shared: {', '.join(_words(back.shared)[:4])})"
    return _step(replace(case, state=state), at, who, "returned", text)


def continues(case: Case, earlier: Iterable[Returning], at: str, who: str) -> Step:
    """A new case goes on with earlier ones of the same hand."""
    numbers = ", ".join(back.case_id for back in earlier)
    return _step(case, at, who, "continues", f"the same hand as in {numbers}"[:MAX_NOTE])


def write_letter(case: Case, letter: SentLetter, at: str, who: str) -> Step:
    """A letter was written."""
    _must_not_be_merged(case)
    to = ", ".join(letter.to) or letter.receiver
    text = f"{letter.kind} letter to {to} written: {letter.file}"
    return _step(case, at, who, "letter", text[:MAX_NOTE])


def send_letter(case: Case, letter: SentLetter, who: str) -> Step:
    """A letter went out. Raises CaseError when it did before."""
    _must_not_be_merged(case)
    to = ", ".join(letter.to) or letter.receiver
    text = f"letter {letter.number} ({letter.kind}) sent to {to}, Message-ID {letter.message_id}"
    return _step(case, letter.sent_at, who, "sent", text[:MAX_NOTE])


def attribute(case: Case, told: Sequence[str], at: str, who: str) -> Step:
    """The registries said who answers for its addresses, a line each network."""
    _must_not_be_merged(case)
    more = len(told) - _MAX_TOLD
    rest = f"; and {more:,} networks more" if more > 0 else ""
    text = f"contact found: {'; '.join(told[:_MAX_TOLD])}{rest}"
    return _step(case, at, who, "attributed", text[:MAX_NOTE])


def take_reply(case: Case, reply: Reply, at: str, who: str) -> Step:
    """A mail came back. It changes nothing of the case itself, whatever it says."""
    tickets = f"; ticket {', '.join(reply.tickets)}" if reply.tickets else ""
    text = (
        f"{reply.outcome}: from {reply.sender}, {reply.subject}{tickets}; {reply.how}; "
        f"it says: {reply.says}"
    )
    return _step(case, at, who, "reply", text[:MAX_NOTE])


def mark(case: Case, marks: Sequence[Mark]) -> Step:
    """Somebody says how a step stands. Raises CaseError for what makes no sense."""
    _must_not_be_merged(case)
    first = marks[0]
    if len(first.text) > MAX_NOTE:
        raise CaseError(f"the note has {len(first.text):,} characters; {MAX_NOTE:,} are the most")
    if first.state == NOT_NEEDED and not first.text:
        raise CaseError(f"say why {first.step} is not needed: --why TEXT")
    words = {TO_DO: "taken back", NOT_NEEDED: "not needed"}.get(first.state, first.state)
    networks = ", ".join(one.network for one in marks[:_MAX_TOLD] if one.network)
    text = f"{STEPS[first.step]}: {words}"
    text += f" ({networks}{' ...' if len(marks) > _MAX_TOLD else ''})" if networks else ""
    text += f": {first.text}" if first.text else ""
    return _step(case, first.at, first.who, "step", text[:MAX_NOTE])


def apply_measures(case: Case, measures: Sequence[Measure], at: str, who: str) -> Step:
    """Something was done against sources. A case that was merged takes it, too: it happened."""
    told = [f"{one.action} {one.address}{_ports(one)} until {one.until}" for one in measures]
    reasons = ", ".join(dict.fromkeys(one.reason for one in measures if one.reason))
    text = f"{'; '.join(told[:_MAX_TOLD])}{_more(told)}{f': {reasons}' if reasons else ''}"
    return _step(case, at, who, "measure", text[:MAX_NOTE])


def end_measures(case: Case, measures: Sequence[Measure], why: str, at: str, who: str) -> Step:
    """What was done was undone."""
    told = [f"{one.action} {one.address}{_ports(one)} ended" for one in measures]
    text = f"{'; '.join(told[:_MAX_TOLD])}{_more(told)}{f': {why}' if why else ''}"
    return _step(case, at, who, "measure", text[:MAX_NOTE])


def _ports(measure: Measure) -> str:
    return f" ports {', '.join(map(str, measure.ports))}" if measure.ports else ""


def _more(told: Sequence[str]) -> str:
    return f" and {len(told) - _MAX_TOLD:,} more" if len(told) > _MAX_TOLD else ""


def _words(traits: tuple[str, ...]) -> list[str]:
    """The kinds of traits, each once, in their order."""
    return list(dict.fromkeys(trait.partition(":")[0] for trait in traits))


def _must_be(case: Case, state: str, what: str) -> None:
    _must_not_be_merged(case)
    if case.state != state:
        raise CaseError(f"{case.id} is {case.state}; there is nothing to {what}")


def _must_not_be_merged(case: Case) -> None:
    if case.state == MERGED:
        raise CaseError(f"{case.id} was merged into {case.merged_into}: name that one")


def _step(case: Case, at: str, who: str, kind: str, text: str) -> Step:
    if kind not in ENTRY_KINDS:
        raise CaseError(f"no kind of entry: {kind}")
    return replace(case, changed_at=at), JournalEntry(at, who, kind, text)
