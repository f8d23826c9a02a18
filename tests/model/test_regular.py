"""One address and account, seen twice, is one entry from the first time to the last."""

from __future__ import annotations

from dataclasses import replace

from ringfence.model.regular import Regular
from ringfence.model.standing import PEER, REGULAR

EARLY, LATE = "2026-11-20T08:00:00Z", "2026-11-26T12:00:00Z"
ANN = Regular("198.51.100.9", "202", REGULAR, LATE, LATE, "pbx")


def test_joined_reaches_from_the_first_time_to_the_last_in_either_order() -> None:
    before = replace(ANN, first=EARLY, last=EARLY)
    assert before.joined(ANN) == ANN.joined(before) == replace(ANN, first=EARLY)


def test_what_it_is_now_counts() -> None:
    assert ANN.joined(replace(ANN, role=PEER)).role == PEER
