"""A letter: what it is written from, what it says, and what became of it.

Letters to strangers are written from the redacted incident only; those to investigators
from the whole one. `Brief.incident` is the right one of both for the kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.incident import Incident, Suspect
from ringfence.model.responsible import Responsible
from ringfence.model.settings import Settings

ABUSE, ISP, NOC_CALL, CARRIER = "abuse", "isp", "noc-call", "carrier"
IC3, FBI, POLICE = "ic3", "fbi", "police"
LETTER_KINDS = (ABUSE, ISP, IC3, FBI, POLICE, CARRIER, NOC_CALL)
# Written from the whole incident, real users and all: for investigators only.
FOR_INVESTIGATORS = (IC3, FBI, POLICE)
# A person signs these on paper: they are written as PDF, too.
SIGNED = (FBI, POLICE, CARRIER)
# Spoken or typed into a form, never mailed.
NEVER_MAILED = (IC3, NOC_CALL)


class LetterError(ValueError):
    """A letter that cannot be written or sent: says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter."""

    name: str
    media_type: str  # application/json
    octets: bytes
    what: str  # one sentence


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, whole. Every text is safe to show: nothing invisible, no line too long."""

    kind: str  # one of LETTER_KINDS
    case_id: str
    name: str  # of its files, without suffix: "abuse-198.51.100.0-24"
    to: tuple[str, ...]  # mailboxes; () where it is spoken, typed in, or handed over
    receiver: str  # who that is, in words: "abuse desk of Example Hosting"
    subject: str
    text: str
    copy: tuple[str, ...] = ()
    xarf: tuple[Attachment, ...] = ()  # one report (JSON) a source
    attachments: tuple[Attachment, ...] = ()
    network: str = ""  # the party it is about: `Party.key`
    addresses: tuple[str, ...] = ()  # the sources it is about
    refers_to: tuple[str, ...] = ()  # Message-IDs of earlier letters to the same desk
    remarks: tuple[str, ...] = ()  # for the owner, not for the receiver: what is missing
    exercise: bool = False  # of a brief that was one: never to be sent


@dataclass(frozen=True, slots=True)
class Party:
    """One network that answers for some of the sources: one letter."""

    key: str  # its first prefix, "198.51.100.0/24"; the address where nobody is known
    responsible: Responsible
    sources: tuple[Suspect, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One message of a source, redacted, as it stood on the wire."""

    address: str
    time: str  # ISO 8601, UTC
    source: str  # address:port
    destination: str
    transport: str
    text: str  # at most some dozen lines
    cut: bool  # more of it is in the evidence


@dataclass(frozen=True, slots=True)
class Stream:
    """Where a source's messages came from and went to, for a desk behind a NAT."""

    address: str
    transport: str
    ports: tuple[int, ...]  # of the source, the busiest first
    destination: str
    destination_port: int
    messages: int
    first_seen: str
    last_seen: str


@dataclass(frozen=True, slots=True)
class EvidenceNote:
    """What is sealed, and how a reader knows it again."""

    bag: str  # evidence/bag-0001, relative to the case folder
    seal: str  # SHA-256 over the bag, hex
    sealed_at: str
    key: str  # fingerprint
    stamped: bool
    originals: tuple[tuple[str, str], ...]  # name and SHA-256 of each capture
    for_others: str = ""  # SHA-256 of for-others/attackers.pcapng


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter that was written, and sent where `sent_at` says so."""

    number: int
    case_id: str
    kind: str
    at: str
    receiver: str
    to: tuple[str, ...]
    subject: str
    network: str
    addresses: tuple[str, ...]
    file: str  # where it lies, relative to the case folder
    message_id: str = ""
    sent_at: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything that a letter may be written from."""

    case_id: str
    made_at: str  # ISO 8601, UTC
    tool: str
    incident: Incident
    settings: Settings
    parties: tuple[Party, ...]
    streams: tuple[Stream, ...] = ()
    excerpts: tuple[Excerpt, ...] = ()
    evidence: EvidenceNote | None = None
    earlier: tuple[SentLetter, ...] = ()  # to anybody, in any case of this hand or desk
    returning: tuple[str, ...] = ()  # earlier cases of the same hand
    blocked: bool = False  # somebody said that their addresses are blocked
    exercise: bool = False  # the registry was an example: the letter must never leave
    spared: tuple[tuple[str, str], ...] = ()  # never to be blocked (trunk, user), and why
