"""The incident document: what `ringfence investigate --json -` prints.

It is the contract for scripts, tests, console and reports; its JSON Schema is
`docs/incident.schema.json`. Times are ISO 8601 in UTC with Z; what a stranger
wrote is named `claimed_…` and has its control characters escaped.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ringfence.model.responsible import COPY

SCHEMA = "ringfence.incident/1"

KINDS = (
    "scan",
    "enumeration",
    "password_guessing",
    "toll_fraud",
    "flood",
    "exploit",
    "spoofed_call",
)
# Verdicts that the document accuses with, and how an address is proven.
VERDICTS = ("attacker", "suspect")
PROOFS = ("tcp", "dialog", "nonce", "none")


@dataclass(frozen=True, slots=True)
class Input:
    """One capture file that was read."""

    path: str
    sha256: str
    bytes: int
    packets: int
    sip_messages: int
    first_seen: str | None
    last_seen: str | None
    not_decoded: dict[str, int]
    problems: list[str]


@dataclass(frozen=True, slots=True)
class MessageReference:
    """Where a message stands: input number (from 0), packet number (from 1), time."""

    input: int
    packet: int
    time: str


@dataclass(frozen=True, slots=True)
class Clue:
    """One reason for or against: a rule's name, its weight in decibans, a sentence."""

    rule: str
    weight_db: float
    says: str
    messages: list[MessageReference]


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """A call of a suspect that was answered."""

    number: str  # E.164 where it can be read, else as dialled
    dialled: str
    country: str | None  # ISO 3166-1, 001 for global services, ZZ for nobody's
    kind: str | None  # mobile, fixed, premium, satellite, ...
    account: str
    answered_at: str
    seconds: float | None
    media_packets: int
    cost: float | None


@dataclass(frozen=True, slots=True)
class GuessShape:
    """Passwords tried at one account that look alike; the words themselves are not told."""

    account: str
    looks_like: str  # "4 digits", "the account itself", ...
    words: int  # different ones in the sample of messages that was read


@dataclass(frozen=True, slots=True)
class UnlistedCalls:
    """Answered calls of a suspect beyond those that are listed, and what they sum up to."""

    calls: int = 0
    minutes: float = 0.0
    cost: float | None = None
    unpriced: int = 0  # those of them whose number was not read: their cost is not in the sum


@dataclass(frozen=True, slots=True)
class Suspect:
    """One source that is an attacker or may be one."""

    address: str
    verdict: str
    kinds: list[str]
    weight_db: float
    proven: str
    clues: list[Clue]
    messages: int
    first_seen: str
    last_seen: str
    ports: list[int]
    claimed_user_agents: list[str]
    methods: dict[str, int]
    accounts_tried: int
    accounts_tried_sample: list[str]
    guesses: int
    guesses_masked: list[GuessShape]  # where the tool gives its words away
    accounts_taken: list[str]
    numbers_dialled: list[str]  # E.164 where they can be read: one a hunt
    dialled_sample: list[str]  # as dialled, prefixes and all
    calls_answered: list[AnsweredCall]  # the first of them
    minutes: float  # of all answered calls, like the cost
    estimated_cost: float | None
    currency: str | None
    campaign: str | None
    calls_unlisted: UnlistedCalls = UnlistedCalls()

    @property
    def calls_total(self) -> int:
        """Answered calls, listed or not."""
        return len(self.calls_answered) + self.calls_unlisted.calls


@dataclass(frozen=True, slots=True)
class InTrouble:
    """A real user to help, not to block."""

    address: str
    account: str
    why: str
    since: str
    looks_like: str  # bad_pin, wrong_user, no_password, forbidden, loop, unanswered
    say: str  # what to tell the user


@dataclass(frozen=True, slots=True)
class Campaign:
    """Sources that one hand moves: what they share."""

    id: str
    sources: list[str]
    fingerprint: str
    sure_db: float  # how rarely strangers share this; 0.0 for a source alone
    traits: list[str]  # kind:value, what survives a change of address: joins later cases


@dataclass(frozen=True, slots=True)
class AttributedContact:
    """One way to reach those who answer for a network."""

    email: str | None
    phone: str | None
    form: str | None
    grade: str  # how good it is: `responsible.GRADES`
    because: str
    source: str  # who said so, and where in the answer
    where: str
    usable: bool
    why_not: str | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who answers for some of the suspects; empty lists where nobody was asked."""

    addresses: list[str]
    state: str  # found, not_found, unreachable, not_looked_up
    says: str
    prefixes: list[str]
    holder: str | None
    country: str | None  # ISO 3166-1 alpha-2
    registry: str | None
    asn: int | None
    as_name: str | None
    contacts: list[AttributedContact]  # best first
    asked_at: str | None
    exercise: bool  # an example registry was asked

    @property
    def best(self) -> AttributedContact | None:
        """Whom to write to; where no mailbox can be used, the form or telephone to use."""
        usable = [c for c in self.contacts if c.usable and c.grade != COPY]
        return next((c for c in usable if c.email), usable[0] if usable else None)

    @property
    def phone(self) -> str | None:
        """The number to call: of the best contact that has one."""
        return next((c.phone for c in self.contacts if c.usable and c.phone), None)


@dataclass(frozen=True, slots=True)
class FollowUpStep:
    """One step of the follow-up as it stood when the document was written."""

    step: str  # `follow_up.STEPS`
    title: str
    network: str | None
    state: str  # to_do, waiting, done, not_needed
    says: str
    due: str | None  # YYYY-MM-DD
    at: str | None


@dataclass(frozen=True, slots=True)
class Incident:
    """Everything that one investigation found."""

    schema: str
    inputs: list[Input]
    defended: list[str]
    suspects: list[Suspect]
    in_trouble: list[InTrouble]
    ordinary: int
    campaigns: list[Campaign]
    attribution: list[Attribution] = field(default_factory=list)
    follow_up: list[FollowUpStep] = field(default_factory=list)
