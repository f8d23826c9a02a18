"""How many guesses a password withstands: zxcvbn, asked only where it can change the answer.

zxcvbn takes milliseconds a password. What it does with a random one is known beforehand: no
word, walk or date in it, so ten guesses a sign. `at_least` looks for the same parts with sets
and gives a bound below what zxcvbn finds: where that is enough the password is strong.
Where ten guesses a sign are too few it is weak. Between the two zxcvbn decides.
"""

from __future__ import annotations

import re
from itertools import pairwise
from math import factorial, log10

from ringfence.audit.words import beginnings, ranks, spellings

# Signs that are looked at: a password that is strong in its first 24 is so in all.
LOOKED_AT = 24
# Passwords that zxcvbn is asked for in one audit, 2 ms each; from then on the bound decides.
MAX_ASKED = 2_000
_PARTS = 3  # zxcvbn has four parts withstand 10,000 ** 3 guesses, more than any threshold
_LEAST = log10(50)  # it counts a part of several signs as so many guesses at least
_LONGEST_WORD = LOOKED_AT
# A part that stands twice and more: the shortest and the longest that begins at a sign.
_AGAIN = (re.compile(r"(?=((.+?)\2+))"), re.compile(r"(?=((.+)\2+))"))
_DATES = re.compile(r"[0-9/._ \\-]{4,}")


class Estimator:
    """Keeps what it found by text, in memory, for one audit."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[str, ...]], float] = {}

    def withstands(self, text: str, public: tuple[str, ...], enough: float) -> bool:
        """Whether it withstands 10 ** `enough` guesses of one who knows the public words."""
        text = text[:LOOKED_AT]
        if len(text) < enough:
            return False
        if at_least(text, public) >= enough:
            return True
        key = (text, public)
        if key not in self._known:
            if len(self._known) >= MAX_ASKED:
                return False
            self._known[key] = _asked(text, public)
        return self._known[key] >= enough


def at_least(text: str, public: tuple[str, ...] = ()) -> float:
    """Logarithm of guesses that it withstands at least, by the reckoning of zxcvbn; 12 at most.

    Best cut into one, two or three parts; a part is guessed by its rank or sign by sign.
    """
    parts = _guessable(text, public)
    n = len(text)
    before = [0.0, *[float("inf")] * n]
    best = 4.0 * _PARTS  # of more parts no less is known than this
    for count in range(1, _PARTS + 1):
        now = [float("inf")] * (n + 1)
        lead = float("inf")  # least of before[i] - i: a part guessed sign by sign starts there
        for end in range(1, n + 1):
            lead = min(lead, before[end - 1] - (end - 1))
            now[end] = lead + end
            for start, cost in parts[end]:
                now[end] = min(now[end], before[start] + cost)
        before = now
        best = min(best, max(before[n] + log10(factorial(count)), 4.0 * (count - 1)))
    return best


def _guessable(text: str, public: tuple[str, ...]) -> list[list[tuple[int, float]]]:
    """For each end the starts of parts that are cheaper than their signs, with their cost."""
    found: list[list[tuple[int, float]]] = [[] for _ in range(len(text) + 1)]
    lowered = text.lower()
    known, begins, n = ranks(), beginnings(), len(text)
    spelled = spellings(lowered)
    for written in dict.fromkeys((*spelled, *(s[::-1] for s in spelled))):
        turned = written not in spelled
        for start in range(n - 2):
            if written[start : start + 3] not in begins:
                continue
            for end in range(start + 3, min(n, start + _LONGEST_WORD) + 1):
                rank = known.get(written[start:end])
                if rank is not None:
                    at, to = (n - end, n - start) if turned else (start, end)
                    found[to].append((at, max(_LEAST, log10(rank))))
        for word in public:
            at = written.find(word)
            if at >= 0 and len(word) >= 3:
                at, to = (n - at - len(word), n - at) if turned else (at, at + len(word))
                found[to].append((at, _LEAST))
    for start, end in _runs(lowered):
        found[end].append((start, _LEAST))
    return found


def _runs(lowered: str) -> list[tuple[int, int]]:
    """Repetitions, sequences, walks over neighbouring keys, and digits that may be a date."""
    found = [
        match.span(1) for again in _AGAIN for match in again.finditer(lowered) if len(match[1]) >= 3
    ]
    steps = [_neighbours(a, b) for a, b in pairwise(lowered)]
    for start in range(len(steps) - 1):
        end = start
        while end < len(steps) and steps[end]:
            end += 1
            if end - start >= 2:
                found.append((start, end + 1))
    for match in _DATES.finditer(lowered):
        first, last = match.span()
        for start in range(first, last - 3):
            found += ((start, end) for end in range(start + 4, min(last, start + 10) + 1))
    return found


def _neighbours(a: str, b: str) -> bool:
    """Whether one key follows the other: the same, the next letter, or beside it."""
    if abs(ord(a) - ord(b)) <= 2:
        return True
    return b in _BESIDE.get(a, "")


def _beside() -> dict[str, str]:
    rows = ("`1234567890-=", " qwertyuiop[]\\", " asdfghjkl;'", " zxcvbnm,./")
    shifted = zip('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./", strict=True)
    found: dict[str, set[str]] = {}
    for r, row in enumerate(rows):
        for c, key in enumerate(row):
            for other, shifts in ((r, (-1, 1)), (r - 1, (0, 1)), (r + 1, (-1, 0))):
                if 0 <= other < len(rows):
                    near = (c + shift for shift in shifts)
                    found.setdefault(key, set()).update(
                        rows[other][n] for n in near if 0 <= n < len(rows[other])
                    )
    for sign, plain in shifted:
        found[sign] = found[plain]
    return {key: "".join(others - {" "}) for key, others in found.items()}


_BESIDE = _beside()


def _asked(text: str, public: tuple[str, ...]) -> float:
    """What zxcvbn says."""
    from zxcvbn import zxcvbn

    return float(zxcvbn(text, user_inputs=list(public))["guesses_log10"])
