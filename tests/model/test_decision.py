"""Decisions about sources."""

from __future__ import annotations

from ringfence.model.decision import ACTIONS, BLOCK, Decision


def test_nothing_is_proven_that_is_not_said_to_be() -> None:
    decision = Decision(BLOCK, "198.51.100.7", "It guessed passwords.", 1)
    assert decision.action in ACTIONS
    assert (decision.proven, decision.ports, decision.lasts_s) == ("none", (), 0)
