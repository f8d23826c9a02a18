"""The report as its readers get it: what the page and the PDF both say, in order.

All text is plain and was made visible and cut; a renderer escapes it for its own form.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.dossier import FolderFile, Timeline
from ringfence.model.exchange import Exchange

# How bad it is: they got in, they tried, somebody needs help or is only suspect, nothing.
TONES = ("alarm", "warn", "calm")


@dataclass(frozen=True, slots=True)
class Fact:
    """One tile below the verdict."""

    label: str
    value: str
    note: str
    tone: str


@dataclass(frozen=True, slots=True)
class Opening:
    """The verdict in plain words."""

    tone: str
    headline: str
    sentences: tuple[str, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do: what, why, the exact commands, the files of the folder that it needs."""

    do: str
    why: str
    commands: tuple[str, ...] = ()
    files: tuple[FolderFile, ...] = ()


@dataclass(frozen=True, slots=True)
class ClueLine:
    """One addend of a suspect's sum."""

    rule: str
    weight_db: float
    says: str
    packets: str  # packet 239, 305 of capture 1


@dataclass(frozen=True, slots=True)
class CallLine:
    """One answered call, in words."""

    answered_at: str
    number: str
    dialled: str
    country: str
    line: str
    account: str
    lasted: str
    cost: str


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One way to reach those who answer, in words."""

    reach: str  # a mailbox, a web form, a number
    kind: str  # mail, web form, telephone, copy to
    phone: str
    grade: str
    because: str
    found: str  # who said so, and where in the answer
    why_not: str  # "" where it can be used


@dataclass(frozen=True, slots=True)
class Desk:
    """Who answers for a network from which suspects came."""

    name: str  # network-1: names its place in the page
    sources: str  # the first of the suspects in it
    holder: str
    network: str
    says: str
    reach: str  # the best way, "" where nobody can be reached
    how: str  # what that is: mail, web form, telephone
    form: str  # beside it
    phone: str
    tone: str
    facts: tuple[tuple[str, str], ...]  # label, value
    contacts: tuple[ContactLine, ...]  # best first, unusable ones last
    more_contacts: int
    exercise: bool  # an example registry was asked: nobody of this is real


@dataclass(frozen=True, slots=True)
class ChecklistLine:
    """One step of the follow-up."""

    state: str  # to do, overdue, waiting, done, not needed
    tone: str
    title: str
    network: str
    when: str
    says: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """What a case still asks for."""

    summary: str
    lines: tuple[ChecklistLine, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Portrait:
    """One suspect in full."""

    name: str  # suspect-1: names its place in the page
    address: str
    verdict: str
    tone: str
    kinds: tuple[str, ...]
    deeds: str  # in a sentence
    when: str
    weight_db: float
    odds: str
    proof: str
    proof_means: str
    proven: bool
    hand: str  # others that the same hand moves, in a sentence
    details: tuple[tuple[str, str], ...]  # label, value
    accounts: tuple[str, ...]
    more_accounts: int
    taken: tuple[str, ...]
    numbers: tuple[str, ...]
    more_numbers: int
    dialled: tuple[str, ...]
    calls: tuple[CallLine, ...]
    more_calls: int
    clues: tuple[ClueLine, ...]
    explain: str  # the command that tells more
    desk: Desk | None
    desk_at: tuple[str, str]  # name and address of the portrait that tells about the desk
    exchange: Exchange | None


@dataclass(frozen=True, slots=True)
class SuspectLine:
    """One suspect in a line, when there are too many for portraits."""

    address: str
    verdict: str
    kinds: str
    weight_db: float
    proof: str
    success: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A user to help."""

    account: str
    address: str
    why: str
    since: str
    say: str


@dataclass(frozen=True, slots=True)
class Hand:
    """Sources that one hand moves."""

    id: str
    sources: str
    fingerprint: str
    sure: str


@dataclass(frozen=True, slots=True)
class Source:
    """One capture that was read."""

    number: int
    path: str
    sha256: str
    size: str
    messages: str
    when: str
    not_decoded: tuple[tuple[str, int], ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the trade, explained."""

    word: str
    means: str


@dataclass(frozen=True, slots=True)
class Report:
    """The whole of it."""

    case_id: str
    made_at: str
    made_on: tuple[int, ...]  # year, month, day, hour, minute, second
    tool: str
    redacted: bool
    returning: tuple[str, ...]
    opening: Opening
    steps: tuple[Step, ...]
    desks: tuple[Desk, ...]
    more_desks: int
    exercise: bool
    follow_up: Checklist | None
    timeline: Timeline | None
    moments: tuple[tuple[int, str], ...]  # ns, what happened then: marks in the timeline
    portraits: tuple[Portrait, ...]
    others: tuple[SuspectLine, ...]
    unlisted: int
    troubles: tuple[Trouble, ...]
    more_troubles: int
    hands: tuple[Hand, ...]
    defended: str
    ordinary: str
    method: tuple[str, ...]
    sources: tuple[Source, ...]
    glossary: tuple[Term, ...]
    files: tuple[FolderFile, ...]
