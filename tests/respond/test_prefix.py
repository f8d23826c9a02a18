"""Whole prefixes: proposed, with those whom they would hit, and never more."""

from __future__ import annotations

from ringfence.respond.prefix import propose_prefixes

FOUR = [f"203.0.113.{n}" for n in (1, 9, 77, 200)]


def test_four_attackers_of_one_network_make_a_proposal() -> None:
    (proposal,) = propose_prefixes(FOUR, [])
    assert proposal.prefix == "203.0.113.0/24"
    assert proposal.attackers == tuple(FOUR)
    assert proposal.collateral == ()
    assert proposal.share == round(4 / 256, 4)


def test_three_do_not() -> None:
    assert propose_prefixes([*FOUR[:3], FOUR[0], "198.51.100.4"], []) == []


def test_users_who_would_be_hit_are_named() -> None:
    (proposal,) = propose_prefixes(FOUR, ["203.0.113.50", "198.51.100.7"])
    assert proposal.collateral == ("203.0.113.50",)


def test_proposal_that_hits_nobody_comes_first() -> None:
    others = [f"198.51.100.{n}" for n in range(4)]
    found = propose_prefixes([*FOUR, *others], ["203.0.113.50"])
    assert [p.prefix for p in found] == ["198.51.100.0/24", "203.0.113.0/24"]


def test_one_host_with_many_addresses_is_one_host() -> None:
    """A /64 is a single subscriber's: its addresses are no crowd."""
    assert propose_prefixes([f"2001:db8:1:1::{n}" for n in range(1, 40)], []) == []
    (proposal,) = propose_prefixes([f"2001:db8:1:{n}::1" for n in range(4)], [])
    assert proposal.prefix == "2001:db8:1::/48"
