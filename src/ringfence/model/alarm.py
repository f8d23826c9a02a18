"""What the administrator is told: an attack as it stands, and the alarm made of it."""

from __future__ import annotations

from dataclasses import dataclass

NOTE = "note"  # it is over; a trial
WARNING = "warning"  # somebody who only looks, or may be forged
ATTACK = "attack"
BREAK_IN = "break_in"  # they got in: the loudest
SEVERITIES = (NOTE, WARNING, ATTACK, BREAK_IN)

EFFECTIVE = "effective"  # nothing arrives any more
NOT_EFFECTIVE = "not_effective"
MOVED = "moved"  # the hand goes on from another address
UNKNOWN = "unknown"  # not measured yet
EFFECTS = (EFFECTIVE, NOT_EFFECTIVE, MOVED, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack as it stands now. What strangers wrote may be in it: see `respond.alerts.text`."""

    key: str  # the campaign, else the address: one attack, one key
    addresses: tuple[str, ...]  # the most recent first
    kinds: tuple[str, ...] = ()  # of `model.incident.KINDS`
    began: str = ""  # ISO 8601
    messages: int = 0
    reason: str = ""  # a sentence
    proven: bool = True
    accounts_taken: tuple[str, ...] = ()
    calls_answered: int = 0
    minutes: float = 0.0
    cost: str = ""  # "about 40 EUR"
    done: str = ""  # "blocked until 2026-11-26T15:02Z"; "": nothing
    dry_run: bool = False  # `done` is what would have been done
    effect: str = UNKNOWN  # one of EFFECTS
    effect_says: str = ""  # "effective after 0.2 s", "it still arrives over IPv6"
    undo: str = ""  # the command
    case_id: str = ""
    over: bool = False
    to_do: tuple[str, ...] = ()  # commands that help now
    drill: str = ""  # a sentence: who knew the owner's code drilled from there

    @property
    def got_in(self) -> bool:
        """Whether an account was taken or a call went through."""
        return bool(self.accounts_taken or self.calls_answered)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One message to the administrator: safe to show anywhere, as plain text."""

    key: str  # of its attack; "": of several
    number: int  # 1 is the first about it, then updates
    severity: str
    subject: str  # one line
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole body."""
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class Queued:
    """An alarm that waits in the store for one of those whom it goes to."""

    number: int
    channel: str  # never its address: that may be a secret
    severity: str
    subject: str
    text: str
    raised_at: str
    tries: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one alarm at one channel."""

    channel: str
    delivered: bool
    says: str = ""  # why not; without secrets
    again_at: str = ""  # when it is tried again; "": never


class AlertError(Exception):
    """An alarm did not get through: says why, without the secrets of its channel."""

    def __init__(self, says: str, *, later: bool = True) -> None:
        """`later`: trying once more may help."""
        super().__init__(says)
        self.later = later
