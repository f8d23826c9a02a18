"""Clues from calls: numbers hunted for, calls abroad, and what thieves are paid by."""

from __future__ import annotations

from ringfence.detect.deeds import DEAR_SHARE, Deeds
from ringfence.detect.rule import Rule, Weighed


def _prefix_hunting(d: Deeds) -> Weighed:
    hunts = sorted(d.hunted.items(), key=lambda item: -len(item[1]))
    if not hunts or len(hunts[0][1]) < 3:
        return None
    suffix, dialled = hunts[0]
    others = sum(len(texts) - 1 for _, texts in hunts[1:])
    weight = min(72.0, 4.0 + 8.0 * len(dialled) + 6.0 * others)
    if d.counts.accepted:
        weight /= 2  # a user who tries dialling codes has an account, and so has a thief
    return weight, (
        f"it dialled …{suffix} with {len(dialled)} different prefixes ({', '.join(dialled[:3])}, …)"
    )


def _calls_without_account(d: Deeds) -> Weighed:
    c = d.counts
    if not d.foreign or c.accepted or d.is_trusted or d.is_peer:
        return None
    if c.credentials and (c.registers or not c.refused):
        return None  # a phone with an old password; or nobody's answers were captured
    if not c.responses and not d.outward:
        return None
    full = 0 if c.callers else len(d.foreign) - len(d.outward)
    weight = min(12.0, 4.0 * full)
    if d.outward:
        first = 14.0 if c.responses else 8.0
        weight = min(32.0, weight + first + 8.0 * (len(d.outward) - 1))
    if d.ignored_challenges and (d.outward or not c.callers):
        weight += 7.0
    if weight <= 0:
        return None
    return weight, f"{len(d.foreign)} numbers abroad dialled without an account"


# So many numbers of one range, all of which are taken, are no company's extensions.
_RANGE_OF_THIEVES = 8


def _range_calls(d: Deeds) -> Weighed:
    if d.range_dialled < 2 or d.is_trusted or d.calls_people or d.counts.callers:
        return None
    if d.counts.credentials and not d.foreign_answered:
        return None  # a call that nobody takes pays nobody
    if d.stations and not d.counts.responses:
        return None  # many phones, and nobody's answers: a company's customer has extensions
    weight = min(24.0 if d.range_dialled < _RANGE_OF_THIEVES else 32.0, 8.0 * d.range_dialled)
    has_password = d.counts.accepted or not d.counts.responses
    if has_password and not d.dear_numbers and d.in_ranges < _RANGE_OF_THIEVES:
        weight /= 2
    return (
        weight,
        f"{d.range_dialled} foreign numbers of one range: revenue share is paid by ranges",
    )


def _concurrent_calls(d: Deeds) -> Weighed:
    most = d.concurrent_foreign
    if most < 2 or d.is_peer or d.is_trusted or d.calls_people or d.counts.callers:
        return None
    return min(24.0, 8.0 * most), f"{most} calls abroad at the same time on one account"


def _dear_numbers(d: Deeds) -> Weighed:
    numbers = d.rented_numbers if d.calls_people else d.dear_numbers
    if len(numbers) < 2 or d.dear_share <= DEAR_SHARE:
        return None
    shown = ", ".join(numbers[:3])
    return min(48.0, 8.0 * len(numbers)), (
        f"{len(numbers)} answered calls to premium, satellite or unassigned ones ({shown})"
    )


def _calls_only(d: Deeds) -> Weighed:
    if d.counts.registers or d.is_peer or not d.foreign_answered or not d.counts.credentials:
        return None
    return 12.0, "it never registers: it only uses an account to call abroad"


TOLL_RULES: tuple[Rule, ...] = (
    Rule(
        "prefix_hunting",
        "toll_fraud",
        _prefix_hunting,
        "a user who tries dialling codes",
        "shared captures",
        "call",
    ),
    Rule(
        "calls_without_account",
        "toll_fraud",
        _calls_without_account,
        "a carrier not listed",
        "shared captures",
        "call",
    ),
    Rule(
        "dear_numbers",
        "toll_fraud",
        _dear_numbers,
        "one who calls a ship",
        "DOMAIN: what fraud numbers are",
        "answered",
    ),
    Rule(
        "range_calls",
        "toll_fraud",
        _range_calls,
        "calls to one company's extensions",
        "DOMAIN: revenue share",
        "call",
    ),
    Rule(
        "concurrent_calls",
        "toll_fraud",
        _concurrent_calls,
        "a call centre",
        "judgement",
        "answered",
    ),
    Rule(
        "calls_only",
        "toll_fraud",
        _calls_only,
        "a gateway that does not register",
        "lab",
        "answered",
    ),
)
