"""PINs: typed on a keypad, so digits; weak by length, repetition, sequence, date or pattern."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

from ringfence.audit.words import is_common_pin

# A PIN of four digits is one of 10,000, and a caller to the mailbox gets three tries a call.
SHORTEST = 6

# Neighbours on the keypad of a phone: row and column of each key.
_KEYS = {digit: divmod(at, 3) for at, digit in enumerate("123456789")} | {"0": (3, 1)}
_YEARS = range(1930, 2040)  # of birth, of founding, this one


def pin_rules(pin: str) -> tuple[str, ...]:
    """The rules that these digits break: names as in docs/audit.md."""
    found = []
    if len(pin) < SHORTEST:
        found.append("pin-short")
    if _repeats(pin):
        found.append("pin-repeats")
    elif _is_sequence(pin):
        found.append("pin-sequence")
    elif _is_date(pin):
        found.append("pin-date")
    elif _is_pattern(pin):
        found.append("pin-keypad")
    elif is_common_pin(pin):
        found.append("pin-common")
    return tuple(found)


def _repeats(pin: str) -> bool:
    """One digit or two in all, one part again and again, pairs, or the same backwards."""
    if len(set(pin)) <= 2:
        return True
    if any(len(pin) % n == 0 and pin == pin[:n] * (len(pin) // n) for n in range(1, len(pin))):
        return True
    if len(pin) % 2 == 0 and pin[::2] == pin[1::2]:  # 112233
        return True
    return len(pin) >= 4 and pin == pin[::-1]


def _is_sequence(pin: str) -> bool:
    """All steps but one are the same: 123456, 987654, 2468, 123457."""
    steps = [(int(b) - int(a)) % 10 for a, b in pairwise(pin)]
    if not steps:
        return True
    most = max(steps.count(step) for step in set(steps))
    return most >= max(2, len(steps) - (1 if len(steps) > 3 else 0))


def _is_date(pin: str) -> bool:
    """A year, or a day with or without its year, in any order that people write."""
    if len(pin) == 4:
        return int(pin) in _YEARS or pin in _days()
    if len(pin) == 6:
        return any(
            day in _days()
            for day in (pin[:4], pin[2:])  # 241290, 902412
        ) or _month_of_year(pin)
    if len(pin) == 8:
        return (pin[:4] in _days() and int(pin[4:]) in _YEARS) or (
            int(pin[:4]) in _YEARS and pin[4:] in _days()
        )
    return False


def _month_of_year(pin: str) -> bool:
    return any(
        int(year) in _YEARS and 1 <= int(month) <= 12
        for year, month in ((pin[:4], pin[4:]), (pin[2:], pin[:2]))
    )


def _is_pattern(pin: str) -> bool:
    """Keys that touch each other all the way, or lie on a line: 2580, 147258, 159753."""
    if len(pin) < 4:
        return False
    moves = [
        max(abs(_KEYS[a][0] - _KEYS[b][0]), abs(_KEYS[a][1] - _KEYS[b][1]))
        for a, b in pairwise(pin)
    ]
    if all(move == 1 for move in moves):
        return True
    lines = [pin[at : at + 3] for at in range(0, len(pin) - len(pin) % 3, 3)]
    return len(pin) % 3 == 0 and all(line in _lines() for line in lines)


@cache
def _lines() -> frozenset[str]:
    """Three keys in a row, a column or a diagonal."""
    ways = ("123", "456", "789", "147", "258", "369", "159", "357")
    return frozenset(ways) | {way[::-1] for way in ways}


@cache
def _days() -> frozenset[str]:
    """DDMM and MMDD of every day."""
    days = [(day, month) for month in range(1, 13) for day in range(1, 32)]
    return frozenset(f"{d:02}{m:02}" for d, m in days) | {f"{m:02}{d:02}" for d, m in days}
