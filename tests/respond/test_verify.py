"""Whether a measure works: effective, not, and why; unknown; moved."""

from __future__ import annotations

import pytest

from ringfence.model.decision import BLOCK, LIMIT
from ringfence.model.measure import EFFECTIVE, MOVED, NOT_EFFECTIVE, UNKNOWN, Effect, Held
from ringfence.respond.nft.firewall import Nftables
from ringfence.respond.verify import Look, Watching, effect_of
from tests.respond.block.wire import Wire, needs
from tests.respond.nft.measures import NOW, measure

ATTACKER = "203.0.113.66"
MEASURE = measure(ATTACKER)


def held(dropped: int, passed: int = 0, late: int = 0, action: str = BLOCK) -> Held:
    return Held("0123abcd", action, ATTACKER, (), 60, dropped, late, passed)


def test_block_is_effective_from_the_first_look_at_which_nothing_more_passed() -> None:
    watching = Watching(MEASURE)
    assert watching.look(Look(0.2, held(30))).after_s == 0.2
    later = watching.look(Look(5.0, held(700)))
    assert (later.state, later.after_s, later.dropped) == (EFFECTIVE, 0.2, 700)
    assert later.why == "700 packets dropped, none got through"


def test_leak_that_ends_counts_until_its_end() -> None:
    watching = Watching(MEASURE)
    assert watching.look(Look(0.2, held(30, passed=3))).state == NOT_EFFECTIVE
    assert watching.look(Look(0.4, held(40, passed=4))).state == NOT_EFFECTIVE
    effect = watching.look(Look(0.6, held(50, passed=4)))
    assert (effect.state, effect.after_s, effect.passed) == (EFFECTIVE, 0.6, 4)


def test_who_sends_nothing_proves_nothing() -> None:
    effect = Watching(MEASURE).look(Look(0.2, held(0)))
    assert (effect.state, effect.after_s) == (UNKNOWN, None)
    assert "stopped" in effect.why


def test_block_that_is_gone_is_told() -> None:
    effect = Watching(MEASURE).look(Look(9, None))
    assert effect.state == NOT_EFFECTIVE
    assert "--restore" in effect.why


def test_same_hand_elsewhere_is_told() -> None:
    effect = Watching(MEASURE).look(Look(9, held(5), moved_to="198.51.100.7"))
    assert (effect.state, "198.51.100.7" in effect.why) == (MOVED, True)


@pytest.mark.parametrize(("look", "says"), [
    (Look(2, held(0), heard=4), "past this machine"),
    (Look(2, held(9), heard=4), "through a proxy"),
    (Look(2, held(9, passed=2)), "2 packets got past the rules"),
    (Look(2, held(9, passed=2), allowed="203.0.113.0/24"), "ringfence allow 203.0.113.0/24"),
])  # fmt: skip
def test_leak_has_its_reason(look: Look, says: str) -> None:
    effect = Watching(MEASURE).look(look)
    assert effect.state == NOT_EFFECTIVE
    assert says in effect.why


def test_other_interface_is_told_and_effective() -> None:
    effect = Watching(MEASURE).look(Look(1, held(5, late=5)))
    assert effect.state == EFFECTIVE
    assert "--device" in effect.why


def test_limit_lets_some_through_and_says_so() -> None:
    limit = measure(ATTACKER, LIMIT)
    heard = Watching(limit).look(Look(2, held(50, action=LIMIT), heard=9))
    assert "below its rate" in heard.why
    assert "above its rate" in Watching(limit).look(Look(2, held(50, action=LIMIT))).why


def test_one_look_says_no_time() -> None:
    assert effect_of(MEASURE, held(5)).after_s is None
    assert effect_of(MEASURE, None).state == NOT_EFFECTIVE


@needs("nft")
def test_real_attack_is_dropped_and_proven_to_be(wire: Wire, firewall: Nftables) -> None:
    watching = Watching(MEASURE)
    firewall.apply([MEASURE], NOW)

    def look(after_s: float) -> Effect:
        (found,) = firewall.held()
        return watching.look(Look(after_s, found))

    assert look(0.1).state == UNKNOWN
    wire.passing([(ATTACKER, 5060), (ATTACKER, 5061)])
    effect = look(0.2)
    assert (effect.state, effect.dropped, effect.after_s) == (EFFECTIVE, 2, 0.2)
    wire.run("nft", "flush", "chain", "inet", "ringfence", "prerouting")
    wire.passing([(ATTACKER, 5060)])
    effect = look(0.3)
    assert (effect.state, effect.passed) == (NOT_EFFECTIVE, 1)
    wire.run("nft", "flush", "ruleset")
    assert firewall.held() == ()
