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
        if rows[o + f.CREDENTIALS] or rows[o + f.SUCCEEDED]:
            group.let_in = True
            continue
        group.first = min(group.first, rows[o + f.FIRST])
        group.last = max(group.last, rows[o + f.LAST])
        group.messages += rows[o + f.MESSAGES]
        group.sources.append(i)
    crowds = {
        fingerprint: _crowd(group)
        for fingerprint, group in groups.items()
        if not group.let_in and len(group.sources) >= MIN_SOURCES
    }
    members = [i for fingerprint in crowds for i in groups[fingerprint].sources]
    return Crowds(crowds, frozenset(members[:MAX_MEMBERS]), frozenset(members[MAX_MEMBERS:]))


def _crowd(group: _Group) -> Crowd:
    span_s = max(1.0, (group.last - group.first) / 1e9)
    return Crowd(len(group.sources), group.messages / span_s)
