"""Attacks as the guard knows them: one entry each, and what people are told of it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

from ringfence.flow.firewall import InForce
from ringfence.flow.guard import ledger as ledgers
from ringfence.flow.guard.ledger import OVER_NS, Ledger
from ringfence.model.alarm import EFFECTIVE, NOT_EFFECTIVE, Attack
from ringfence.model.decision import ALARM, BLOCK, LIMIT, RELEASE, Decision
from ringfence.model.measure import Effect, Held, Measure
from ringfence.model.standing import Standing
from tests.flow.guard.agent import EVE, TWO

T = 1_795_000_000_000_000_000
BLOCKED = Decision(
    BLOCK, EVE, "guessing", T, ("password_guessing",), 33.0, "nonce", messages=8, refused=4
)
MEASURE = Measure("1", BLOCK, EVE, "guessing", "guard", "2026-11-26T12:00:00Z",
                  "2026-11-26T13:00:00Z")  # fmt: skip


def book(*decisions: Decision, enforcing: bool = True) -> Ledger:
    ledger = Ledger(enforcing=enforcing)
    for decision in decisions:
        ledger.decided(decision)
    return ledger


def only(ledger: Ledger) -> Attack:
    (attack,) = ledger.changed()
    return attack


def held(effect: Effect, measure: Measure = MEASURE) -> InForce:
    return InForce(measure, Held(measure.id, measure.action, measure.address, (), 60, 5), effect)


def test_attack_is_told_once_and_again_when_it_changes() -> None:
    ledger = book(BLOCKED)
    attack = only(ledger)
    assert (attack.addresses, attack.messages, attack.proven) == ((EVE,), 8, True)
    assert attack.done == ""
    assert ledger.changed() == []
    ledger.acted([MEASURE])
    attack = only(ledger)
    assert attack.done == "blocked until 2026-11-26T13:00:00Z"
    assert attack.undo == f"ringfence unblock {EVE}"


def test_block_is_proven_or_not() -> None:
    ledger = book(BLOCKED)
    ledger.acted([MEASURE])
    ledger.looked([held(Effect(EFFECTIVE, "5 packets dropped", 0.2, 5))])
    attack = only(ledger)
    assert (attack.effect, attack.effect_says) == (
        EFFECTIVE, "effective after 0.2 s: 5 packets dropped",
    )  # fmt: skip
    ledger.looked([held(Effect(NOT_EFFECTIVE, "it comes over a tunnel"))])
    assert only(ledger).effect_says == "it comes over a tunnel"


def test_what_passes_below_the_rate_of_a_limit_is_no_fault() -> None:
    ledger = book(BLOCKED)
    limit = replace(MEASURE, action=LIMIT)
    ledger.acted([limit])
    ledger.looked([held(Effect(NOT_EFFECTIVE, "passes", None, 5), limit)])
    assert only(ledger).effect == EFFECTIVE


def test_addresses_of_one_campaign_are_one_attack() -> None:
    campaign = replace(BLOCKED, campaign="c1")
    ledger = book(campaign, replace(campaign, address=TWO, time_ns=T + 5))
    assert only(ledger).addresses == (TWO, EVE)
    ledger.acted([MEASURE])
    assert ledger.moved() == {EVE: TWO}


def test_address_that_turns_out_to_be_of_a_campaign_keeps_the_name_it_was_told_by() -> None:
    ledger = book(BLOCKED)
    assert only(ledger).key == EVE
    ledger.decided(replace(BLOCKED, campaign="c1"))
    ledger.decided(replace(BLOCKED, campaign="c1", address=TWO, time_ns=T + 5))
    assert {address for one in ledger.changed() for address in one.addresses} == {EVE, TWO}


def test_two_that_were_told_apart_become_one() -> None:
    ledger = book(BLOCKED, replace(BLOCKED, address=TWO, campaign="c1"))
    assert len(ledger.changed()) == 2
    ledger.decided(replace(BLOCKED, campaign="c1"))
    attack = only(ledger)
    assert set(attack.addresses) == {EVE, TWO}
    assert len(ledger.status(10)) == 1


def test_account_that_was_taken_is_told() -> None:
    ledger = book(BLOCKED)
    ledger.changed()
    ledger.stood([Standing(EVE, T, T, "attacker", accounts_taken=("201",), calls_abroad=2)])
    attack = only(ledger)
    assert (attack.accounts_taken, attack.calls_answered) == (("201",), 2)
    assert ledger.status(1)[0].accounts_taken == ("201",)


def test_account_whose_guesses_are_used_up_is_not_taken() -> None:
    alarm = replace(BLOCKED, action=ALARM, account="201", reason="100 passwords were guessed")
    assert only(book(alarm)).accounts_taken == ()


def test_silence_of_ten_minutes_is_an_end_and_noise_a_new_beginning() -> None:
    ledger = book(BLOCKED)
    ledger.changed()
    eve = ip_address(EVE)
    ledger.seen({eve: (8, T)}, T + OVER_NS + 1)
    assert only(ledger).over
    assert ledger.active() == []
    ledger.seen({eve: (9, T + OVER_NS)}, T + OVER_NS + 2)
    assert not only(ledger).over
    assert ledger.active() == [eve]


def test_dropped_packets_are_a_sign_of_life() -> None:
    """An interface below a bridge sees nothing of what is dropped there."""
    ledger = book(BLOCKED)
    ledger.acted([MEASURE])
    ledger.changed()
    ledger.looked([held(Effect(EFFECTIVE, "", 0.2, 5))], T + OVER_NS)
    ledger.seen({}, T + OVER_NS + 1)
    assert ledger.status(1)[0].state != "over"


def test_user_who_is_released_is_told_of() -> None:
    ledger = book(BLOCKED)
    ledger.acted([MEASURE])
    ledger.changed()
    ledger.decided(replace(BLOCKED, action=RELEASE, reason="it is a user in trouble: help him"))
    assert only(ledger).done == "nothing any more: it is a user in trouble: help him"


def test_address_that_nobody_may_block_is_told_with_the_reason() -> None:
    ledger = book(BLOCKED)
    ledger.withheld(EVE, "the allow list has it")
    assert only(ledger).done == "nothing: the allow list has it"


def test_block_that_ended_is_told() -> None:
    ledger = book(BLOCKED)
    ledger.acted([MEASURE])
    ledger.looked([held(Effect(EFFECTIVE, "", 0.2, 5))])
    ledger.changed()
    ledger.looked([])
    assert only(ledger).done == "nothing any more: the block has ended"


def test_without_enforce_it_says_what_would_be() -> None:
    ledger = book(BLOCKED, enforcing=False)
    attack = only(ledger)
    assert (attack.dry_run, attack.done) == (True, "blocked")
    assert ledger.status(1)[0].state == "would be blocked"


def test_stranger_who_is_slowed_down_without_a_verdict_is_no_attack() -> None:
    assert book(replace(BLOCKED, action=LIMIT, weight_db=-10.0)).changed() == []


def test_case_is_named_with_the_attack() -> None:
    ledger = book(BLOCKED)
    ledger.filed("RF-1", [EVE, "192.0.2.99"])
    assert only(ledger).case_id == "RF-1"


def test_thousands_of_attacks_and_addresses_are_bounded() -> None:
    ledger = Ledger(enforcing=True)
    for number in range(ledgers.MAX_ATTACKS + 50):
        address = str(ip_address(int(ip_address("198.18.0.0")) + number))
        ledger.decided(replace(BLOCKED, address=address, time_ns=T + number))
    assert len(ledger.status(10_000)) == ledgers.MAX_ATTACKS
    for number in range(ledgers.MAX_ADDRESSES + 50):
        address = str(ip_address(int(ip_address("198.19.0.0")) + number))
        ledger.decided(replace(BLOCKED, address=address, campaign="c", time_ns=T + number))
    (attack,) = [one for one in ledger.changed() if one.key == "c"]
    assert len(attack.addresses) == ledgers.MAX_ADDRESSES
