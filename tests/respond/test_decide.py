"""What is done about whom: those who must never be hurt, the ladder, doubt, and repetition."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.model.decision import ALARM, BLOCK, LIMIT, NARROW, RELEASE, Decision
from ringfence.model.standing import KNOWN, OURS, PEER, REGULAR, Standing
from ringfence.respond.decide import (
    BLOCKS_S,
    FAST_FAILURES,
    FAST_GUESSES,
    FAST_INSISTS,
    FAST_REFUSED,
    FAST_VAIN,
    PHONE_RETRY_S,
    UNPROVEN_BLOCK_S,
    Decider,
)

S = 10**9
T = 1_791_158_400 * S
EVE = Standing(
    "203.0.113.66", T, T, "attacker", 60.0, ("password_guessing",), "nonce", "it guesses",
    messages=40, refused=20, refused_calls=20, accounts=2, failures=20, recent_messages=40,
)  # fmt: skip
FORGED = replace(EVE, proven="none")
TOOL = replace(FORGED, is_tool=True, messages=1, recent_messages=1)
STRANGER = replace(EVE, verdict="ordinary", kinds=(), weight_db=-10.0, refused=0, failures=0)
CALM = replace(STRANGER, messages=2, recent_messages=1, refused_calls=0)


def decide(*standings: Standing) -> list[Decision]:
    decider = Decider()
    return [d for s in standings for d in decider.decide([s], s.time_ns)]


def actions(*standings: Standing) -> list[tuple[str, int]]:
    return [(d.action, d.lasts_s) for d in decide(*standings)]


def later(s: Standing, seconds: float) -> Standing:
    at = s.time_ns + round(seconds * S)
    return replace(s, time_ns=at, last_ns=at)


# ------------------------------------------------------------ who must never be hurt


def test_our_own_server_is_left_alone() -> None:
    assert decide(replace(EVE, role=OURS)) == []


@pytest.mark.parametrize("role", [KNOWN, PEER, REGULAR])
def test_forged_packets_of_a_friend_block_nobody(role: str) -> None:
    for s in (FORGED, TOOL):
        (alarm,) = decide(replace(s, role=role))
        assert alarm.action == ALARM
        assert "nothing is blocked" in alarm.reason


def test_proven_misdeed_of_a_named_address_is_an_alarm_only() -> None:
    assert actions(replace(EVE, role=KNOWN, attack_ports=(40000,))) == [(ALARM, 0)]


def test_proven_attacker_behind_a_peer_loses_his_port_only() -> None:
    (narrow,) = decide(replace(EVE, role=PEER, attack_ports=(40000,)))
    assert (narrow.action, narrow.ports) == (NARROW, (40000,))


def test_friend_raises_one_alarm_an_hour() -> None:
    friend = replace(FORGED, role=PEER)
    told = decide(*(later(friend, n) for n in range(0, 7200, 60)))
    assert len(told) == 2


def test_attacker_behind_an_office_loses_his_ports_only() -> None:
    (narrow,) = decide(replace(EVE, users=24, attack_ports=(40000, 40001)))
    assert (narrow.action, narrow.ports) == (NARROW, (40000, 40001))


@pytest.mark.parametrize("ports", [(), tuple(range(40000, 40016))])
def test_attacker_who_cannot_be_told_from_users_is_an_alarm(ports: tuple[int, ...]) -> None:
    assert actions(replace(EVE, users=24, attack_ports=ports)) == [(ALARM, 0)]


def test_forged_attack_in_the_name_of_an_office_is_an_alarm() -> None:
    assert actions(replace(FORGED, users=24, attack_ports=(40000,))) == [(ALARM, 0)]


def test_block_is_undone_when_users_turn_up_behind_it() -> None:
    shared = replace(later(EVE, 9), users=3, attack_ports=(40000,))
    assert [a for a, _ in actions(EVE, shared)] == [BLOCK, RELEASE, NARROW]


def test_user_in_trouble_is_let_go() -> None:
    trouble = replace(later(EVE, 5), verdict="user_in_trouble", kinds=())
    assert [a for a, _ in actions(FORGED, trouble)] == [LIMIT, RELEASE]
    assert decide(trouble) == []


def test_stranger_who_is_let_in_is_let_go() -> None:
    fast = replace(STRANGER, recent_failures=FAST_FAILURES)
    assert [a for a, _ in actions(fast, replace(later(STRANGER, 3), succeeded=True))] == [
        LIMIT,
        RELEASE,
    ]


def test_undone_block_is_no_offence() -> None:
    trouble = replace(later(EVE, 5), verdict="user_in_trouble", kinds=())
    assert actions(EVE, trouble, later(EVE, 9))[-1] == (BLOCK, BLOCKS_S[0])


# ------------------------------------------------------------ proof


def test_proven_attacker_is_blocked_for_an_hour() -> None:
    (block,) = decide(EVE)
    assert (block.action, block.lasts_s) == (BLOCK, 3600)
    assert "password guessing (+60 dB)" in block.reason
    assert "its address is proven" in block.reason


def test_attacker_who_may_be_forged_is_slowed_down() -> None:
    (limit,) = decide(FORGED)
    assert limit.action == LIMIT
    assert "may be forged" in limit.reason


def test_attack_tool_without_proof_is_dropped_for_a_minute_once_an_hour() -> None:
    told = actions(*(later(TOOL, n) for n in range(0, 7200, 30)))
    blocks = [lasts_s for action, lasts_s in told if action == BLOCK]
    assert blocks == [UNPROVEN_BLOCK_S] * 2
    assert told[0] == (BLOCK, UNPROVEN_BLOCK_S)


def test_ten_thousand_forged_packets_never_block_for_more_than_a_minute() -> None:
    told = actions(*(later(replace(TOOL, messages=n), n / 100) for n in range(10_000)))
    assert all(action != BLOCK or lasts_s <= 60 for action, lasts_s in told)
    assert len(told) < 10


def test_proof_lengthens_a_block_of_a_minute() -> None:
    assert actions(TOOL, replace(later(EVE, 5), is_tool=True)) == [(BLOCK, 60), (BLOCK, 3600)]


def test_forged_address_that_is_gone_is_not_slowed_down() -> None:
    assert decide(replace(FORGED, last_ns=T - 61 * S)) == []


# ------------------------------------------------------------ again and again


def test_repeated_offender_is_blocked_longer() -> None:
    decider, now, told = Decider(), EVE, []
    for lasts_s in (*BLOCKS_S, BLOCKS_S[-1]):
        told += [d.lasts_s for d in decider.decide([now], now.time_ns)]
        now = later(now, lasts_s + 1)
        assert decider.decide([now], now.time_ns) == []  # it begins anew
        assert decider.returned() == [EVE.address]
    assert told == [3600, 21600, 86400, 604800, 604800]


def test_who_does_not_come_back_is_not_blocked_again() -> None:
    decider = Decider()
    decider.decide([EVE], T)
    silent = replace(EVE, time_ns=T + 7200 * S)
    assert decider.decide([silent], silent.time_ns) == []
    assert decider.returned() == []


def test_nothing_is_done_twice_while_it_holds() -> None:
    assert len(decide(*(later(EVE, n) for n in range(0, 3000, 7)))) == 1


def test_new_ports_of_an_attacker_are_added() -> None:
    first = replace(EVE, users=3, attack_ports=(40000,))
    told = decide(first, replace(later(first, 3), attack_ports=(40000, 40001)))
    assert [d.ports for d in told] == [(40000,), (40000, 40001)]


def test_restart_remembers_what_holds() -> None:
    decider = Decider()
    decider.restore(EVE.address, BLOCK, T + 60 * S, offences=2)
    assert decider.decide([EVE], T) == []
    back = later(EVE, 61)
    assert decider.decide([back], back.time_ns) == []
    assert decider.returned() == [EVE.address]
    assert decider.decide([back], back.time_ns)[0].lasts_s == BLOCKS_S[2]


# ------------------------------------------------------------ doubt


def test_gateway_in_its_first_round_is_slowed_down_and_not_blocked() -> None:
    first_round = replace(EVE, refused=17, refused_calls=17, accounts=17)
    assert actions(first_round)[0][0] == LIMIT


def test_one_of_many_phones_of_one_account_is_not_blocked_at_its_first_refusal() -> None:
    phone = replace(EVE, refused=1, refused_calls=1, accounts=1, messages=2, recent_messages=2)
    assert BLOCK not in {action for action, _ in actions(phone)}


def test_guesser_who_does_not_repeat_himself_is_no_phone() -> None:
    guesser = replace(EVE, refused=1, refused_calls=1, accounts=1, messages=2, recent_messages=2)
    decider = Decider()
    decider.decide([guesser], T)
    assert decider.decide([], T + (PHONE_RETRY_S - 1) * S) == []
    (block,) = decider.decide([], T + PHONE_RETRY_S * S)
    assert (block.action, block.address) == (BLOCK, EVE.address)


def test_suspect_is_slowed_down_where_it_is_felt() -> None:
    suspect = replace(FORGED, verdict="suspect")
    assert actions(suspect) == [(LIMIT, 300)]
    assert decide(replace(suspect, recent_messages=1)) == []
    assert decide(replace(suspect, failures=0)) == []
    assert decide(replace(suspect, succeeded=True)) == []


# ------------------------------------------------------------ before there is a verdict


@pytest.mark.parametrize(
    "does",
    [
        {"recent_refused": FAST_REFUSED},
        {"recent_refused": FAST_INSISTS, "insists": True},
        {"recent_failures": FAST_FAILURES},
        {"recent_vain": FAST_VAIN, "recent_s": 1.0},
    ],
)
def test_stranger_who_fails_fast_is_slowed_down_for_a_minute(does: dict[str, float]) -> None:
    unproven = replace(STRANGER, proven="none")
    assert actions(replace(unproven, **does)) == [(LIMIT, 60)]  # type: ignore[arg-type]


GUESSER = replace(
    STRANGER, accounts=1, refused=FAST_GUESSES, refused_calls=FAST_GUESSES, recent_s=0.1,
    recent_refused=FAST_GUESSES,
)  # fmt: skip


def test_guesser_who_is_proven_is_dropped_before_there_is_a_verdict() -> None:
    assert actions(GUESSER) == [(BLOCK, 60)]


@pytest.mark.parametrize(
    "does",
    [
        {"proven": "none"},  # may be forged
        {"insists": True},  # a wrong PIN
        {"accounts": FAST_GUESSES},  # a gateway's first round
        {"accounts": 2},
        {"recent_s": 1.0},
        {"succeeded": True},
    ],
)
def test_who_may_be_a_phone_is_not_dropped_for_failing_fast(does: dict[str, object]) -> None:
    assert [d.action for d in decide(replace(GUESSER, **does))] in ([], [LIMIT])  # type: ignore[arg-type]


def test_guesser_who_was_dropped_for_a_minute_is_blocked_once_he_is_judged() -> None:
    judged = replace(EVE, time_ns=T + S, messages=30, refused=10, refused_calls=10)
    assert actions(GUESSER, GUESSER, judged) == [(BLOCK, 60), (BLOCK, 3600)]


def test_guesser_who_comes_back_after_a_minute_is_judged_by_all_that_he_did() -> None:
    decider = Decider()
    decider.decide([GUESSER], T)
    later = replace(GUESSER, recent_refused=FAST_REFUSED, time_ns=T + 61 * S, last_ns=T + 61 * S)
    (limit,) = decider.decide([later], later.time_ns)
    assert (limit.action, decider.returned()) == (LIMIT, [])
    judged = replace(EVE, time_ns=T + 62 * S, last_ns=T + 62 * S)
    (block,) = decider.decide([judged], judged.time_ns)
    assert (block.action, block.lasts_s) == (BLOCK, 3600)


@pytest.mark.parametrize(
    "does",
    [
        {"recent_refused": FAST_GUESSES - 1},
        {"recent_refused": FAST_REFUSED - 1, "proven": "none"},
        {"recent_refused": FAST_REFUSED, "recent_s": 2.0},  # lines of a gateway, one by one
        {"recent_refused": 30, "insists": True},  # a wrong PIN
        {"recent_failures": FAST_FAILURES - 1},
        {"recent_vain": FAST_VAIN, "recent_s": 2.1},
        {"recent_failures": FAST_FAILURES, "succeeded": True},
    ],
)
def test_stranger_who_nearly_does_is_not(does: dict[str, float]) -> None:
    assert decide(replace(STRANGER, **does)) == []  # type: ignore[arg-type]


# ------------------------------------------------------------ campaigns


def test_newcomer_of_a_campaign_is_met_at_its_first_message() -> None:
    newcomer = replace(CALM, proven="none", messages=1, campaign="C-1", moved=1, moved_db=21.0)
    assert [a for a, _ in actions(newcomer)] == [LIMIT]
    often = replace(newcomer, moved=3, moved_db=26.0)
    assert actions(often) == [(BLOCK, UNPROVEN_BLOCK_S)]
    assert "3 addresses of a running attack" in decide(often)[0].reason


@pytest.mark.parametrize("does", [{"moved_db": 19.0}, {"succeeded": True}, {"role": REGULAR}])
def test_newcomer_that_may_be_anybody_is_not(does: dict[str, object]) -> None:
    newcomer = replace(CALM, proven="none", moved=3, moved_db=26.0)
    assert decide(replace(newcomer, **does)) == []  # type: ignore[arg-type]


def test_crowd_of_made_up_addresses_is_one_alarm() -> None:
    crowd = [
        replace(FORGED, address=f"198.18.0.{n}", verdict="suspect", clues=("crowd",), messages=1)
        for n in range(200)
    ]
    (alarm,) = decide(*crowd)
    assert alarm.action == ALARM


# ------------------------------------------------------------ success


def test_attacker_who_is_let_in_is_the_loudest_alarm() -> None:
    alarm, block = decide(replace(EVE, accounts_taken=("201",)))
    assert (alarm.action, alarm.account, block.action) == (ALARM, "201", BLOCK)
    assert alarm.reason.startswith("password guessing (+60 dB); THE ATTACKER IS IN")


def test_each_account_and_calls_abroad_are_said_once_an_hour() -> None:
    taken = replace(EVE, accounts_taken=("201", "202"), calls_abroad=3)
    told = decide(*(later(taken, n) for n in range(0, 3000, 5)))
    assert [(d.action, d.account) for d in told if d.action == ALARM] == [
        (ALARM, "201"),
        (ALARM, "202"),
        (ALARM, "201"),
    ]


def test_table_of_addresses_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ringfence.respond.decide.MAX_HELD", 64)
    decider = Decider()
    for n in range(1000):
        decider.decide([replace(EVE, address=f"2001:db8::{n:x}")], T)
    assert len(decider._held) <= 64
