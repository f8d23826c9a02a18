"""Decisions that are summed up: nothing is counted twice, the worst is told."""

from __future__ import annotations

from ringfence.model.noted import Noted, together

ONE = Noted("2026-11-26T12:00:00Z", "limit", "203.0.113.7", "pbx", False, 60, "first")
OTHER = Noted(
    "2026-11-26T12:30:00Z", "limit", "203.0.113.7", "pbx", False, 300, "later", ("scan",), 40.0,
    role="peer", messages=9, refused=3, times=5, last_at="2026-11-26T12:40:00Z",
)  # fmt: skip


def test_sum_stands_where_the_first_stood_and_tells_the_worst() -> None:
    both = together(ONE, OTHER)
    assert both == together(OTHER, ONE)
    assert (both.at, both.until, both.times) == (ONE.at, OTHER.last_at, 6)
    assert (both.lasts_s, both.reason, both.weight_db) == (300, "first", 40.0)
    assert (both.messages, both.refused, both.role) == (9, 3, "peer")


def test_one_alone_ends_where_it_began() -> None:
    assert ONE.until == ONE.at
    assert together(ONE, ONE).until == ONE.at
