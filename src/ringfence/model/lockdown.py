"""Port 5060 for those who need it: who is admitted, who would be cut off, how it stands."""

from __future__ import annotations

from dataclasses import dataclass

from ringfence.model.measure import MeasureError

SCHEMA = "ringfence.lockdown/1"

# Why somebody is admitted.
TRUNK = "trunk"  # a carrier, by its name or addresses
MEDIA = "media"  # where a carrier's calls have their sound from
PEER = "peer"  # our phone system calls it, and it answers
USER = "user"  # a phone was let in from there
INSIDE = "inside"  # a phone was let in from a private network, which always passes
KNOWN = "known"  # the owner's settings or his command name it
ALLOWED = "allowed"  # it is on the allow list of the firewall
OPERATOR = "operator"  # an administrator's session comes from it
KINDS = (TRUNK, MEDIA, PEER, KNOWN, ALLOWED, OPERATOR, USER, INSIDE)

# What was seen of an address, apart from its messages being many or few.
CALLER = "caller"  # a call of it was put through, and no phone was let in from there


class LockdownError(MeasureError):
    """It cannot be done so: says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What is closed to strangers. Raises LockdownError for what are no ports."""

    udp: tuple[int, ...] = (5060,)
    tcp: tuple[int, ...] = (5060, 5061)
    media: tuple[int, int] = (10000, 20000)  # UDP, first and last; (0, 0): left open
    tunnel: tuple[int, ...] = ()  # of the phone system itself, UDP and TCP: 5090 of 3CX

    def __post_init__(self) -> None:
        """Nothing else may stand in a rule."""
        for ports in (self.udp, self.tcp, self.tunnel):
            if len(ports) > 16 or not all(0 < port < 65536 for port in ports):
                raise LockdownError(f"ports {ports}: 16 at most, each from 1 to 65535")
        if not (self.udp or self.tcp):
            raise LockdownError("no port of SIP is named: there is nothing to close")
        first, last = self.media
        if self.media != (0, 0) and not 1024 <= first <= last < 65536:
            raise LockdownError(f"media {first}-{last}: from 1024 to 65535, the lower one first")


@dataclass(frozen=True, slots=True)
class Seen:
    """One address as captures, logs or the guard know it. Times are ISO 8601 in UTC with Z."""

    address: str
    role: str  # USER, PEER, TRUNK, CALLER
    accounts: tuple[str, ...]  # what a stranger wrote is escaped
    first: str
    last: str
    times: int = 1
    source: str = ""  # "capture", "log", "guard"


@dataclass(frozen=True, slots=True)
class Resolved:
    """One address that a name led to, and when it did so last."""

    address: str
    at: str


@dataclass(frozen=True, slots=True)
class Trunk:
    """A carrier as somebody wrote it: a name, an address, a network."""

    host: str
    why: str  # who named it: "settings", "--trunk", "PBX settings (acme)"
    resolved: tuple[Resolved, ...] = ()
    trouble: str = ""  # why there is no address, or not all of them


@dataclass(frozen=True, slots=True)
class Admitted:
    """An address or network that may go on asking for our phone system."""

    network: str
    kind: str  # one of KINDS
    name: str  # of the carrier, of the user
    why: str  # a sentence's end: "its phone was let in 12 times"
    last_seen: str = ""


@dataclass(frozen=True, slots=True)
class CutOff:
    """Somebody who was let in, and would be no more."""

    address: str
    accounts: tuple[str, ...]
    name: str  # of the first account, where the PBX's settings tell
    last_seen: str
    times: int
    why: str
    do: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What `ringfence lockdown plan` shows, and `apply` does."""

    made_at: str
    ports: Ports
    admitted: tuple[Admitted, ...]
    cut_off: tuple[CutOff, ...]
    trunks: tuple[Trunk, ...] = ()
    days: int = 30
    sources: tuple[str, ...] = ()  # what it was made from
    seen: int = 0  # addresses that were let in within these days
    too_old: int = 0  # and before
    hostile: int = 0  # addresses of attackers that were let in: not admitted, not mourned
    servers: tuple[str, ...] = ()  # our own
    troubles: tuple[str, ...] = ()
    schema: str = SCHEMA


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Who asked since, and was not answered."""

    address: str
    packets: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The table in the kernel, as it is now."""

    is_there: bool = False
    is_whole: bool = True  # all of its rules
    is_kept: bool = False  # closed until somebody opens it
    trial: str = ""  # the identifier of the plan that is tried
    trial_left_s: int = 0  # until it opens by itself
    kept: str = ""  # the identifier of the plan that is kept
    turned_away: tuple[TurnedAway, ...] = ()  # most packets first
    doors: tuple[str, ...] = ()  # addresses for which a door is open
