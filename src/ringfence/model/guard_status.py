"""How the guard stands, at one moment: for `guard status`, the metrics and the health check.

Whoever fills it in bounds the tuples; times are ISO 8601 in UTC, "" for never. What strangers
wrote may be in names: faces show it through `shown`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

OK, SILENT, FAILING = "ok", "silent", "failing"
STATES = (OK, SILENT, FAILING)


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """One place where the guard hears something."""

    name: str  # "interface eth0", "hep 9060", "asterisk.security"
    state: str = OK  # one of STATES
    seen: int = 0  # packets, lines or events
    understood: int = 0  # of them
    lost: int = 0
    last_at: str = ""
    says: str = ""  # "12 000 lines, none understood since 14:02: set …"


@dataclass(frozen=True, slots=True)
class AttackStatus:
    """One attack that goes on or went on a moment ago."""

    addresses: tuple[str, ...]  # the most recent first
    kinds: tuple[str, ...]
    messages: int
    last_at: str
    state: str  # "blocked", "limited", "watched", "over", in the words of the guard
    accounts_taken: tuple[str, ...] = ()
    calls_answered: int = 0
    case_id: str = ""


@dataclass(frozen=True, slots=True)
class BlockStatus:
    """One address that is blocked, or limited."""

    address: str
    action: str  # of `model.decision.ACTIONS`
    until: str
    dropped: int  # packets
    effect: str  # of `model.alarm.EFFECTS`
    reason: str = ""


@dataclass(frozen=True, slots=True)
class GuardStatus:
    """All of it."""

    at: str
    since: str  # when it was started
    enforcing: bool
    messages: int = 0  # of SIP
    messages_s: float = 0.0
    lost: int = 0  # packets that nobody looked at
    watched: int = 0  # sources
    suspects: int = 0
    blocked: int = 0
    limited: int = 0
    dropped: int = 0  # packets
    verdicts: int = 0
    latency_median_s: float = 0.0  # from the decisive packet to the rule
    latency_worst_s: float = 0.0  # of 99 in a hundred
    kept_octets: int = 0  # of the minute before
    kept_room: int = 0
    kept_s: float = 0.0  # how far back it goes
    thinned: int = 0
    alerts_waiting: int = 0
    alerts_given_up: int = 0
    memory_octets: int = 0
    cases_open: int = 0
    sources: tuple[SourceStatus, ...] = ()
    attacks: tuple[AttackStatus, ...] = ()  # the worst first
    blocks: tuple[BlockStatus, ...] = ()  # the latest first
    problems: tuple[str, ...] = field(default=())  # sentences: what is wrong, what to do

    @property
    def got_in(self) -> bool:
        """Whether any of the attacks at hand has taken an account or a call."""
        return any(attack.accounts_taken or attack.calls_answered for attack in self.attacks)

    @property
    def wrong(self) -> list[str]:
        """What a health check complains about."""
        heard = [
            f"{source.name}: {source.says or source.state}"
            for source in self.sources
            if source.state != OK
        ]
        not_working = [
            f"the block of {block.address} does not work"
            for block in self.blocks
            if block.effect == "not_effective"
        ]
        given_up = [f"alarms that reached nobody: {self.alerts_given_up:,}"]
        return [*self.problems, *heard, *not_working, *(given_up if self.alerts_given_up else [])]
