"""The custody log: JSON lines, each with the SHA-256 of the line before it.

How it works: a line's hash is that of its octets without the line end. The first line
of a case points to 64 zeros, the first of a later bag to the last line of the bag before
it, so that one chain runs through all bags of a case and no line of it can be changed,
taken out or put in without breaking it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from ringfence.evidence.manifest import MAX_FAULTS
from ringfence.model.evidence import EvidenceError, Fault, SealOptions

CUSTODY = "data/custody.jsonl"
BEGINNING = "0" * 64
# Lines of one log and octets of one line: a bag's log has about a dozen lines of some
# hundred octets. A longer one was not written by us.
MAX_LINES = 10_000
MAX_LINE = 16_384
MAX_LOG = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Link:
    """Where a chain stands: the number of its last line, and that line's hash."""

    number: int = 0
    sha256: str = BEGINNING


NOTHING_BEFORE = Link()


class Custody:
    """A log being written: `note` as things are done, `octets` for the file."""

    def __init__(self, options: SealOptions, now: Callable[[], str], after: Link) -> None:
        self._who = options.who
        self._tool = options.tool
        self._clock = msgspec.to_builtins(options.clock)
        self.now = now
        self._lines: list[bytes] = []
        self._after = after

    def note(self, what: str, **of: str | int) -> None:
        """Something was done now; `of` names what it was done to."""
        entry = {
            "n": self._after.number + 1,
            "at": self.now(),
            "who": self._who,
            "what": what,
            **of,
            "tool": self._tool,
            "clock": self._clock,
            "previous": self._after.sha256,
        }
        line = json.dumps(entry, ensure_ascii=True, separators=(",", ":")).encode()
        if len(line) > MAX_LINE:
            raise EvidenceError(f"custody log: an entry of {len(line)} octets is too long: {what}")
        self._lines.append(line)
        self._after = _after(self._after, line)

    @property
    def octets(self) -> bytes:
        """All lines."""
        return b"".join(line + b"\n" for line in self._lines)


def check_chain(octets: bytes, after: Link | None) -> tuple[Link, list[Fault]]:
    """Follow the chain; None begins it wherever it says. What is wrong, and where it ends."""
    lines = octets.split(b"\n")
    if len(lines) - 1 > MAX_LINES or max(map(len, lines)) > MAX_LINE:
        return Link(), [Fault(CUSTODY, "more or longer lines than any log of ours has")]
    faults = []
    if lines.pop() or not lines:
        faults.append(Fault(CUSTODY, "does not end with a whole line"))
    for number, line in enumerate(lines, 1):
        entry = _entry(line)
        if after is None and entry is not None:
            after = Link(entry[0] - 1, entry[1])
        after = after or Link()
        if entry is None:
            faults.append(Fault(CUSTODY, f"line {number} is no entry of a custody log"))
        elif entry != (after.number + 1, after.sha256):
            faults.append(
                Fault(CUSTODY, f"line {number} does not follow on the line before: chain broken")
            )
        after = _after(after, line)
    return after or Link(), faults[:MAX_FAULTS]


def _after(before: Link, line: bytes) -> Link:
    return Link(before.number + 1, hashlib.sha256(line).hexdigest())


def _entry(line: bytes) -> tuple[int, str] | None:
    """Number and previous hash of a line."""
    try:
        entry = msgspec.json.decode(line, type=_Line)
    except (msgspec.DecodeError, ValueError):
        return None
    return entry.n, entry.previous


class _Line(msgspec.Struct):
    n: int
    at: str
    who: str
    what: str
    tool: str
    previous: str
