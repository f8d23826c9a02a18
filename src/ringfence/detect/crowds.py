"""Sources that look alike and were never let in: what a spread scan or a spoofed flood leaves.

One message each tells nothing; fifty sources with one make of phone, of which none
ever gives a password, tell of one hand, or of addresses that are made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ringfence.detect import _fields as f

# Fewer sources than this are no crowd.
MIN_SOURCES = 5
# A member that registers one account so often is a phone that nobody lets in; a crowd of
# phones floods nobody below this many requests a second.
PHONE_REGISTERS = 3
FLOOD_RATE = 30.0
# A keep-alive comes at least this often (seconds): it lets a source in that is answered,
# as a scanner that comes back after hours is not.
PING_S = 3600.0
# Members of crowds that are looked at one by one: a spoofed flood names any
# number of addresses, and to list them all helps nobody.
MAX_MEMBERS = 1000

Fingerprint = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many sources look like this, and their requests a second all together."""

    sources: int
    rate: float


NO_CROWD = Crowd(1, 0.0)


@dataclass(frozen=True, slots=True)
class Crowds:
    """Crowds by fingerprint (User-Agent hash, hash of the order of headers)."""

    by_fingerprint: dict[Fingerprint, Crowd]
    members: frozenset[int] = field(default_factory=frozenset)
    beyond: frozenset[int] = field(default_factory=frozenset)  # past MAX_MEMBERS: only counted

    def of(self, agent: int, order: int) -> Crowd:
        """The crowd with this fingerprint; of one source when there is none."""
        return self.by_fingerprint.get((agent, order), NO_CROWD)


@dataclass(slots=True)
class _Group:
    first: int
    last: int = 0
    messages: int = 0
    pings: int = 0  # OPTIONS of the busiest member of those that were answered
    phones: int = 0  # members that insist on registering one account
    sources: list[int] = field(default_factory=list)
    let_in: bool = False


def find_crowds(rows: Sequence[int], n: int) -> Crowds:
    """Crowds among the first n rows of the tally."""
    groups: dict[Fingerprint, _Group] = {}
    for i in range(n):
        o = i * f.ROW_WIDTH
        if rows[o + f.MESSAGES] == 0 or rows[o + f.SERVED]:
            continue
        fingerprint = (rows[o + f.AGENT], rows[o + f.ORDER])
        group = groups.get(fingerprint)
        if group is None:
            group = groups[fingerprint] = _Group(rows[o + f.FIRST])
        group.first = min(group.first, rows[o + f.FIRST])
        group.last = max(group.last, rows[o + f.LAST])
        if rows[o + f.CREDENTIALS] or rows[o + f.SUCCEEDED] > rows[o + f.OPTIONS]:
            group.let_in = True
            continue
        group.messages += rows[o + f.MESSAGES]
        if rows[o + f.SUCCEEDED]:
            group.pings = max(group.pings, rows[o + f.OPTIONS])
        if rows[o + f.REGISTERS] >= PHONE_REGISTERS and rows[o + f.ACCOUNTS] <= 1:
            group.phones += 1
        group.sources.append(i)
    crowds = {
        fingerprint: _crowd(group)
        for fingerprint, group in groups.items()
        if len(group.sources) >= MIN_SOURCES and not _is_let_in(group)
    }
    members = [i for fingerprint in crowds for i in groups[fingerprint].sources]
    return Crowds(crowds, frozenset(members[:MAX_MEMBERS]), frozenset(members[MAX_MEMBERS:]))


def _is_let_in(group: _Group) -> bool:
    """One of them gave a password or got through, or they may be phones or keep-alives."""
    if group.let_in:
        return True
    if 2 * group.phones > len(group.sources) and _crowd(group).rate < FLOOD_RATE:
        return True
    return group.pings * PING_S * 1e9 > group.last - group.first


def _crowd(group: _Group) -> Crowd:
    span_s = max(1.0, (group.last - group.first) / 1e9)
    return Crowd(len(group.sources), group.messages / span_s)
