"""Who of those that were hit was a user."""

from __future__ import annotations

from dataclasses import replace

from ringfence.model.would_have import Hit, WouldHave

HIT = Hit("203.0.113.7", "block", "t", "t", 1, 60, "guessing", False)


def test_users_are_those_with_a_mistake() -> None:
    user = replace(HIT, address="198.51.100.9", mistakes=("released",))
    assert WouldHave(7, "t", (HIT, user)).users == (user,)
