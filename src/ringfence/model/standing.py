"""How a source stands at one moment, as far as a decision about it depends on that."""

from __future__ import annotations

from dataclasses import dataclass

# Who a source is to us, the dearest first: what is never blocked, or only with care.
OURS = "ours"  # our own server
KNOWN = "known"  # the owner named it: a trunk, a user, an office
PEER = "peer"  # it is called and answers, or its calls are let in without a password
REGULAR = "regular"  # it was let in on an earlier day, and did nothing bad
STRANGER = ""
ROLES = (OURS, KNOWN, PEER, REGULAR, STRANGER)


@dataclass(frozen=True, slots=True)
class Standing:
    """One source as detection sees it now; texts that a stranger wrote are escaped."""

    address: str
    time_ns: int  # of the message that the verdict waited for
    last_ns: int  # of its own last message
    verdict: str  # attacker, suspect, user_in_trouble, ordinary
    weight_db: float = 0.0
    kinds: tuple[str, ...] = ()
    proven: str = "none"
    because: str = ""  # the heaviest clue against it, a sentence
    clues: tuple[str, ...] = ()  # names of the rules that apply
    is_tool: bool = False  # it bears the mark of an attack tool, which no phone writes
    role: str = STRANGER
    messages: int = 0  # requests seen so far, all of them
    refused: int = 0  # credentials refused so far
    refused_calls: int = 0  # in so many calls
    accounts: int = 0  # different ones that it named
    failures: int = 0  # those, users that do not exist, 403, challenges that it ignored
    # Of the last seconds (`recent_s`): requests, credentials refused, failures of all kinds,
    # calls and pings that led to nothing.
    recent_s: float = 0.0
    recent_messages: int = 0
    recent_refused: int = 0
    recent_failures: int = 0
    recent_vain: int = 0
    insists: bool = False  # its refusals repeat themselves in one call, as those of phones do
    succeeded: bool = False  # something that it asked for was granted
    accounts_taken: tuple[str, ...] = ()
    calls_abroad: int = 0  # answered
    users: int = 0  # ports of the address that were let in and belong to somebody else
    attack_ports: tuple[int, ...] = ()
    campaign: str = ""
    moved_db: float = 0.0  # how much its fingerprint alone says: it is a campaign's new address
    moved: int = 0  # addresses that the campaign had before


@dataclass(frozen=True, slots=True)
class Guess:
    """A password of this account was refused, in a call of its own: phones repeat one call."""

    account: str
    address: str
    time_ns: int
