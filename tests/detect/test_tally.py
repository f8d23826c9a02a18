"""Counting: transactions, refusals, proofs and bounds, over messages in any order."""

from __future__ import annotations

import array
import random

import pytest

from ringfence.detect import _fields as f
from ringfence.detect._tally import (
    AGENT_SLOTS,
    ECHO_SLOTS,
    PAIR_SLOTS,
    TRANSACTION_BUCKETS,
    Tally,
    find_source,
)
from ringfence.detect.counts import Counts
from tests.conversations.script import Scene, read_scene
from tests.conversations.trial import deeds_of, watch_packets

PARTIES = """
pbx 192.0.2.10
phone 198.51.100.7 agent="Yealink SIP-T46S 66.86.0.15" user=201
"""


def count(text: str, party: str = "phone") -> Counts:
    scene = read_scene(PARTIES + text)
    return deeds_of(scene, watch_packets(scene.packets))[party].counts


# ------------------------------------------------------------ transactions


def test_first_401_is_a_challenge_and_no_refusal() -> None:
    c = count("phone REGISTER 201 > 401 auth 200")
    assert (c.challenged, c.credentials, c.refused, c.accepted) == (1, 1, 0, 1)


@pytest.mark.parametrize("status", [401, 403, 407])
def test_refusal_is_of_credentials(status: int) -> None:
    c = count(f"phone REGISTER 201 > 401 auth=wrong {status}")
    assert (c.challenged, c.refused, c.accepted) == (1, 1, 0)


def test_407_to_a_call_is_a_challenge_as_well() -> None:
    c = count("phone INVITE 202 > 407 auth 100 180 200 bye=10")
    assert (c.challenged, c.refused, c.answered) == (1, 0, 1)


def test_403_without_credentials_is_a_rejection() -> None:
    c = count("phone INVITE 9011442079460123 > 403")
    assert (c.refused, c.rejected) == (0, 1)


def test_retransmission_is_one_request() -> None:
    c = count("phone REGISTER 201 > again=3 401 auth=wrong again=2 401")
    assert (c.registers, c.repeated, c.challenged, c.refused) == (2, 5, 1, 1)


def test_retransmissions_are_known_long_after_the_answer() -> None:
    """Finished transactions stay in their bucket as long as it has room."""
    scene = read_scene(PARTIES + "phone OPTIONS 201 every=1 times=1000 > 200")
    c = deeds_of(scene, watch_packets(scene.packets + scene.packets))["phone"].counts
    assert (c.options, c.repeated) == (1000, 1000)


def test_repeated_answer_is_one_answer() -> None:
    c = count("phone REGISTER 201 > 401 echo echo auth=wrong 401 echo again echo")
    assert (c.challenged, c.refused) == (1, 1)


def test_provisional_answers_end_nothing() -> None:
    c = count("phone INVITE 202 > 100 180 183 486")
    assert (c.rejected, c.answered, c.responses) == (1, 0, 4)


def test_svcrack_keeps_call_id_and_cseq_for_a_thousand_guesses() -> None:
    """Each guess has a branch of its own, and is a request of its own."""
    c = count(
        "phone REGISTER 201 call=2107929869 cseq=fixed nonce=n1 auth={1000..1099} every=0.01 > 401"
    )
    assert (c.registers, c.refused, c.repeated) == (100, 100, 0)


def test_one_branch_for_ever_is_told_by_cseq() -> None:
    c = count("phone OPTIONS 100 branch=z9hG4bKfixed call=same times=10 > 200")
    assert (c.options, c.repeated) == (10, 0)


def test_ack_is_no_request() -> None:
    c = count("phone INVITE 202 > 100 180 200 bye=10")
    assert (c.acks, c.invites) == (1, 1)


def test_wrong_number_dialled_with_an_account_is_no_missing_user() -> None:
    c = count("phone INVITE 299 > 407 auth 404")
    assert (c.not_found, c.number_missing) == (0, 1)


def test_unanswered_requests_are_all_counted() -> None:
    c = count("phone REGISTER 201 every=30 times=5 > again=6")
    assert (c.registers, c.repeated, c.responses) == (5, 30, 0)


def test_answered_calls_that_may_cost_something_are_kept() -> None:
    """Nobody was refused, no number is strange, and there is no limit of two dozen."""
    c = count("phone INVITE 0037181234{100..399} every=9 > 407 auth 200 bye=5")
    assert (c.answered, c.calls_kept, c.calls_left) == (300, 300, 0)


# ------------------------------------------------------------ order


NIGHT = (
    PARTIES
    + """
eve 203.0.113.66 agent="Z 3.15" call=new
at 2:00
phone REGISTER 201 > again 401 auth 200
phone INVITE 202 > 407 auth 100 180 200 bye=60
eve REGISTER {100..109} > 404
eve REGISTER 201 nonce=n1 auth={1,2,3,4} > 401
eve REGISTER {201..206} every=0.5 > 401 auth={1,2,3} 401
eve INVITE {00,011,9011}972592577956 > 407 auth {404,404,403}
eve REGISTER 210 > 401:n9
eve REGISTER 210 nonce=n9 auth={1,2,3,4} > 401
"""
)
# What the order of messages cannot change.
ORDERLESS = [
    "first",
    "last",
    "messages",
    "responses",
    "registers",
    "invites",
    "options",
    "acks",
    "repeated",
    "credentials",
    "challenged",
    "refused",
    "accepted",
    "answers",
    "not_found",
    "rejected",
    "succeeded",
    "answered",
    "served",
    "anonymous",
    "accounts",
    "numbers",
    "number_missing",
    "odd",
    "strangers",
    "clients",
]
# How often something was echoed depends on the order, whether it was does not.
PROOFS = ("echoed", "dialogs")


@pytest.mark.parametrize("seed", range(6))
def test_order_of_packets_does_not_matter(seed: int) -> None:
    scene = read_scene(NIGHT)
    expected = _orderless(scene, list(scene.packets))
    shuffled = list(scene.packets)
    if seed == 0:
        shuffled.reverse()
    else:
        random.Random(seed).shuffle(shuffled)  # noqa: S311  seeded on purpose
    assert _orderless(scene, shuffled) == expected


def _orderless(scene: Scene, packets: list) -> dict[str, dict[str, int]]:  # type: ignore[type-arg]
    deeds = deeds_of(scene, watch_packets(packets))
    return {
        name: {field: getattr(deeds[name].counts, field) for field in ORDERLESS}
        | {field: getattr(deeds[name].counts, field) > 0 for field in PROOFS}
        for name in ("phone", "eve", "pbx")
    }


def test_responses_of_one_file_before_requests_of_another() -> None:
    scene = read_scene(PARTIES + "phone REGISTER 201 times=5 > 401 auth=wrong 401")
    packets = scene.packets
    watch = watch_packets([*packets[1::2], *packets[::2]])
    c = deeds_of(scene, watch)["phone"].counts
    assert (c.challenged, c.refused, c.echoed) == (5, 5, 5)
    assert watch._tally.unmatched == 0


# ------------------------------------------------------------ proof


def test_echo_of_our_nonce_proves_the_address() -> None:
    assert count("phone REGISTER 201 > 401 auth=wrong 401").echoed == 1


def test_nonce_that_nobody_gave_proves_nothing() -> None:
    c = count("phone REGISTER 201 nonce=made-up auth=wrong > 401")
    assert (c.echoed, c.invented) == (0, 1)


def test_nonce_given_to_another_proves_nothing() -> None:
    text = """
eve 203.0.113.66
phone REGISTER 201 > 401:n1 auth 200
eve REGISTER 201 nonce=n1 auth=wrong > 401
"""
    assert count(text, "eve").echoed == 0


def test_ack_with_our_tag_proves_the_address() -> None:
    assert count("phone INVITE 202 > 404").dialogs == 1


def test_call_without_ack_proves_nothing() -> None:
    assert count("phone INVITE 202 ack=none > 404").dialogs == 0


def test_invented_tag_proves_nothing() -> None:
    """Else anybody could prove an address that he forges (RFC 3261 8.2.6.2: the tag is kept)."""
    assert count("phone INVITE 202 totag=made-up ack=none > 481").dialogs == 0


def test_tcp_is_counted() -> None:
    text = 'tim 203.0.113.67:4444 tcp agent="Z 3.15"\ntim REGISTER 201 > 401 auth=1 401'
    assert count(text, "tim").tcp == 2


# ------------------------------------------------------------ distinct things


@pytest.mark.parametrize("n", [1, 7, 300])
def test_accounts_are_counted_exactly(n: int) -> None:
    c = count(f"phone REGISTER {{1000..{999 + n}}} every=0.01 times=2 > 404")
    assert c.accounts == n


def test_account_is_that_of_the_credentials() -> None:
    """A gateway registers one account under the names of many."""
    c = count("phone REGISTER {201..206} authuser=gateway > 401 auth 200")
    assert c.accounts == 7


def test_numbers_are_counted_exactly() -> None:
    c = count("phone INVITE 0049309018{100..149} every=0.01 times=2 > 403")
    assert c.numbers == 50


def test_targets_are_whom_options_and_subscribe_ask_for() -> None:
    c = count("phone OPTIONS {100..109} > 404\nphone SUBSCRIBE {105..114} > 404")
    assert c.targets == 15


def test_two_sources_may_try_the_same_accounts() -> None:
    text = "eve 203.0.113.66\nphone REGISTER {201..206} > 404\neve REGISTER {201..206} > 404"
    assert count(text).accounts == count(text, "eve").accounts == 6


def test_phones_behind_nat_come_back_to_their_ports() -> None:
    office = "p{1..5} 198.51.100.7:{20001..20005}\n"
    c = count(office + "p{1..5} REGISTER {201..205} times=3 > 401", "p1")
    assert (c.ports, c.returns) == (5, 10)


def test_a_port_for_each_try_is_never_used_again() -> None:
    c = count("phone{1..9} 198.51.100.7:{20001..20009}\nphone{1..9} REGISTER {201..209} > 401")
    assert (c.ports, c.returns) == (9, 0)


def test_calls_in_which_it_was_refused_are_counted_once() -> None:
    text = "phone REGISTER {201..203} times=4 > 401 auth=old 401\n"
    assert count(text).refused_calls == 3
    assert count(text + "phone REGISTER 204 call=new times=5 > 401 auth=old 401").refused_calls == 8


@pytest.mark.parametrize(
    ("caller", "counts"),
    [
        ("12125550100", (1, 0)),
        ("+442079460123", (1, 0)),
        ("201", (0, 1)),
        ("1212555010x", (0, 1)),
        ("anonymous", (0, 0)),
    ],
)
def test_caller_of_a_carrier_is_no_account(caller: str, counts: tuple[int, int]) -> None:
    c = count(f"phone INVITE 201 user={caller} > 100 180 200 bye=5")
    assert (c.callers, c.accounts) == counts


def test_long_account_is_an_account_where_it_registers() -> None:
    assert count("phone REGISTER 12125550100 > 401 auth 200").accounts == 1


def test_busy_lines_and_forbidden_registrations_are_told_from_other_failures() -> None:
    c = count("phone INVITE {202..208} > {486,480,487,503,404,482,483}\nphone REGISTER 201 > 403")
    assert (c.unreached, c.looped, c.forbidden, c.rejected) == (3, 2, 1, 7)


# ------------------------------------------------------------ marks


@pytest.mark.parametrize(
    ("manners", "mark"),
    [
        ("tag=svwar", f.K_SIPVICIOUS_TAG),
        ("tag=svmap", f.K_SIPVICIOUS_TAG),
        ("tag=svcrack", f.K_SIPVICIOUS_TAG),
        ("tag=3206210844", f.K_SVCRACK_TAG),
        ("tag=3206210845", 0),
        ("tag=32062108", 0),
        ("tag=313030", 0),
        ("agent=friendly-scanner", f.K_TOOL_AGENT),
        ("agent=FRIENDLY-Scanner/2", f.K_TOOL_AGENT),
        ("agent=friend", 0),
        ("call=decimal", f.K_DECIMAL_CALL_ID),
        ("branch=decimal", f.K_DECIMAL_BRANCH),
        ("branch=foo", f.K_NMAP),
        ("branch=food", 0),
        ("agent=sipcli/v1.8", f.K_TOOL_AGENT),
        ("agent=smap", f.K_TOOL_AGENT),
        ("agent=smapple/2", 0),
        ("tag=4711SIPpTag001", f.K_SIPP),
        ("tag=4711SIPpTap001", 0),
        ("tag=SIPpTag", 0),
        ("user=100 fromhost=1.1.1.1", f.K_SVMAP_FROM),
        ("user=1001 fromhost=1.1.1.1", 0),
        ("user=100 fromhost=1.1.1.11", 0),
    ],
)
def test_mark(manners: str, mark: int) -> None:
    assert count(f"phone OPTIONS 100 {manners} > 200").marks == mark


def test_user_agent_that_changes_does_not_hide_the_tool() -> None:
    c = count("phone OPTIONS 100 agent={friendly-scanner,Zoiper,Yealink} > 200")
    assert c.marks & f.K_TOOL_AGENT


# ------------------------------------------------------------ bounds


def test_tables_are_as_large_as_they_say() -> None:
    watch = watch_packets([])
    t = watch._tally
    sizes = (len(t.transactions), len(t.pairs), len(t.agents), len(t.echoes))
    assert sizes == (2 * 4 * TRANSACTION_BUCKETS, PAIR_SLOTS, AGENT_SLOTS, ECHO_SLOTS)


def test_picks_of_one_source_have_a_budget() -> None:
    """A flood cannot make the interpreted half read every message."""
    scene = read_scene(
        PARTIES
        + "phone REGISTER 201 nonce=n1 auth={1000..1799} every=0.01 > 401\n"
        + "phone INVITE 0049309018{100..799} every=0.01 > 403"
    )
    watch = watch_packets(scene.packets)
    picked = deeds_of(scene, watch)["phone"].counts.picked
    groups = [picked >> 16 * group & 0xFFFF for group in range(4)]
    assert [n <= limit for n, limit in zip(groups, (48, 256, 32, 8192), strict=True)] == [True] * 4
    assert groups[0] >= 40, "and what is in the budget is read"


def test_success_is_read_after_any_number_of_failures() -> None:
    scene = read_scene(
        PARTIES
        + "phone REGISTER 201 nonce=n1 auth={1000..1799} every=0.01 > 401\n"
        + "phone REGISTER 201 > 401 auth 200"
    )
    deeds = deeds_of(scene, watch_packets(scene.packets))["phone"]
    assert deeds.profile.texts("accepted_accounts") == ("201",)


def test_call_that_is_answered_after_a_thousand_is_read() -> None:
    scene = read_scene(
        PARTIES
        + "phone INVITE 00493090{1000..1999} every=0.01 > 403\n"
        + "phone INVITE 009011442079460123 > 407 auth 100 183 200 bye=60"
    )
    deeds = deeds_of(scene, watch_packets(scene.packets))["phone"]
    assert [call.number for call in deeds.foreign_answered] == ["009011442079460123"]


# ------------------------------------------------------------ seeds


def test_counts_do_not_depend_on_the_seed() -> None:
    scene = read_scene(NIGHT)
    told = [
        {name: getattr(deeds.counts, name) for name in [*ORDERLESS, "worth", "marks", "since"]}
        for seed in (0, 1, 2**64 - 1)
        for deeds in deeds_of(scene, watch_packets(scene.packets, seed=seed)).values()
    ]
    parties = len(told) // 3
    assert told[:parties] == told[parties : 2 * parties] == told[2 * parties :]


def test_places_in_the_tables_depend_on_the_seed() -> None:
    """Whoever knows the code alone cannot choose addresses that fall together."""
    scene = read_scene(NIGHT)
    tables = [watch_packets(scene.packets, seed=seed)._tally for seed in (1, 2)]
    for name in ("index", "pairs", "transactions", "echoes", "agents"):
        places = [{at for at, entry in enumerate(getattr(t, name)) if entry} for t in tables]
        assert places[0] != places[1], name


def test_full_row_of_places_ends_the_search() -> None:
    """A search through a crowded part of the index is no search through all of it."""
    t = Tally(8, 1024)
    t.index = array.array("I", [1]) * len(t.index)
    t.n = 1
    assert find_source(t, 0, 0xFFFF_C000_0201) == 1
    assert find_source(t, 0, 0xFFFF_C000_0201) == 2, "in a row of its own each time"
