"""A drill: what it counts as."""

from __future__ import annotations

from ringfence.model.drill import DOORS, FAIL, TOOL, UNCHECKED, WARN, Drilled, Sent, Step


def drilled(*states: str) -> Drilled:
    steps = tuple(Step(name, state, "") for name, state in zip((DOORS, TOOL), states, strict=False))
    sent = (Sent("", "connection", "192.0.2.10", 5060, "TCP", 3, "open"),) * 2
    return Drilled("192.0.2.10", "m4rk", "", steps, sent)


def test_one_step_that_fails_fails_all() -> None:
    assert drilled(WARN, FAIL).failed
    assert not drilled(WARN, UNCHECKED).failed


def test_packets_of_connections_are_counted_each() -> None:
    assert drilled().packets == 6
