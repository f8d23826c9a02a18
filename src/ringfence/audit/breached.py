"""Whether a password was stolen elsewhere: five hexadecimal digits of its SHA-1 are asked for.

The range look-up of Have I Been Pwned: of some 800 hashes that begin with these five digits
the answer tells the rest, and the comparison is made here. Asked only where the owner says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

RANGE_URL = "https://api.pwnedpasswords.com/range/"
# Questions in one audit: a thousand take minutes, and are as many as it should be asked.
MAX_ASKED = 1_000
MAX_OCTETS = 1 << 20  # of one answer, which has 40 KiB


class RangeLookUp:
    """Called with a password; `get` is given the address and returns what is answered."""

    def __init__(self, get: Callable[[str], str]) -> None:
        self._get = get
        self._ranges: dict[str, frozenset[str]] = {}
        self.asked = 0
        self.failed = 0  # questions without an answer
        self.left_out = 0  # passwords beyond MAX_ASKED

    def __call__(self, password: str) -> bool:
        """Whether it is known. What could not be asked is not known, and counted."""
        octets = password.encode(errors="surrogateescape")
        digest = hashlib.sha1(octets, usedforsecurity=False).hexdigest().upper()
        begin, rest = digest[:5], digest[5:]
        if begin not in self._ranges and not self._ask(begin):
            return False
        return rest in self._ranges[begin]

    def _ask(self, begin: str) -> bool:
        if self.asked >= MAX_ASKED:
            self.left_out += 1
            return False
        self.asked += 1
        try:
            answer = self._get(RANGE_URL + begin)
        except OSError:
            self.failed += 1
            return False
        self._ranges[begin] = _known(answer[:MAX_OCTETS])
        return True


def _known(answer: str) -> frozenset[str]:
    """The rests of hashes that were seen; those with a count of 0 only pad the answer."""
    found = set()
    for line in answer.splitlines():
        rest, _, times = line.strip().partition(":")
        if times.strip("0"):
            found.add(rest.upper())
    return frozenset(found)
