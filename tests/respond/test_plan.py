"""Who is blocked, who never is, and why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ringfence.model.endpoint import plain_address
from ringfence.model.incident import Suspect
from ringfence.model.measure import BlockPlan, Sharing
from ringfence.respond.plan import MAX_PORTS, plan_blocks, why_never
from tests.respond.accused import CASE, NOW, UNTIL, WEEK, accused, call, clue, incident

KNOWN = (ip_address("198.51.100.7"), ip_network("198.51.100.128/25"))
OWN = (ip_address("192.0.2.10"), ip_address("2001:db8:2::10"))


def planned(*suspects: Suspect, **how: object) -> BlockPlan:
    return plan_blocks(incident(*suspects), KNOWN, OWN, CASE, NOW, WEEK, **how)  # type: ignore[arg-type]


def why_not(*suspects: Suspect, **how: object) -> str:
    made = planned(*suspects, **how)
    assert made.blocks == ()
    return made.withheld[0].reason


def test_a_proven_attacker_is_blocked_until_the_day_that_was_asked_for() -> None:
    made = planned(accused("203.0.113.66", kinds=["scan", "password_guessing"]))
    assert (made.case_id, made.made_at) == (CASE, "2026-11-25T03:12:00Z")
    (blocked,) = made.blocks
    assert (blocked.address, blocked.until, blocked.ports) == ("203.0.113.66", UNTIL, ())
    assert blocked.reason == (
        "scan, password guessing, +62 dB, its address is proven: "
        "it answered a challenge that we had sent to it"
    )
    assert made.withheld == ()


@pytest.mark.parametrize("proven", ["tcp", "dialog", "nonce"])
def test_each_proof_of_the_path_is_enough(proven: str) -> None:
    assert len(planned(accused("203.0.113.66", proven=proven)).blocks) == 1


@pytest.mark.parametrize("proven", ["none", "", "TCP", "believe me"])
def test_a_forged_source_does_not_have_somebody_blocked(proven: str) -> None:
    assert "limit its rate instead" in why_not(accused("203.0.113.66", proven=proven))


@pytest.mark.parametrize("verdict", ["suspect", "ordinary", ""])
def test_a_suspect_is_watched_and_not_blocked(verdict: str) -> None:
    assert "not certain" in why_not(accused("203.0.113.66", verdict=verdict))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("192.0.2.10", "our own"),
        ("::ffff:192.0.2.10", "our own"),
        ("2001:DB8:2:0::10", "our own"),
        ("198.51.100.7", "you named it"),
        ("198.51.100.200", "you named it"),
        ("::ffff:c633:6407", "you named it"),
    ],
)
def test_an_attacker_in_the_name_of_our_trunk_does_not_cut_it_off(
    address: str, reason: str
) -> None:
    assert reason in why_not(accused(address))


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("fd00::1", "private"),
        ("100.64.0.1", "carrier"),
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("0.0.0.0", "no address"),  # noqa: S104  this is the mistake
        ("::", "no address"),
        ("255.255.255.255", "reserved"),
        ("64:ff9b::c633:6407", "translator"),
    ],
)
def test_what_is_no_stranger_on_the_internet_is_left_alone(address: str, reason: str) -> None:
    assert reason in why_not(accused(address))


@pytest.mark.parametrize(
    "address", ["192.0.2.77", "198.51.100.9", "203.0.113.66", "2001:db8::66", "198.18.0.1"]
)
def test_documentation_addresses_can_be_tried_out(address: str) -> None:
    assert [b.address for b in planned(accused(address)).blocks] == [address]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "evil.example",
        "203.0.113.66; reboot",
        "$(reboot)",
        "203.0.113.66\n0.0.0.0/0",
        "2001:db8::66%$(reboot)",
        "2001:db8::66%eth0",
        "203.0.113.0/24",
        "0",
        "203.0.113.066",
        "٢٠٣.0.113.66",  # digits, but not ours
    ],
)
def test_an_address_that_is_a_command_is_no_address(address: str) -> None:
    assert "no address" in why_not(accused(address))


def test_what_the_incident_names_as_defended_is_ours_as_well() -> None:
    attack = incident(accused("203.0.113.9"), defended=("192.0.2.10", "203.0.113.9"))
    assert plan_blocks(attack, (), (), CASE, NOW, WEEK).blocks == ()


def test_a_user_in_trouble_is_helped_and_not_blocked() -> None:
    attack = incident(accused("203.0.113.9"), in_trouble=("203.0.113.9",))
    (left,) = plan_blocks(attack, (), (), CASE, NOW, WEEK).withheld
    assert "help him first" in left.reason


# ------------------------------------------------------------ shared with users


def test_an_office_behind_the_attackers_address_keeps_its_phones() -> None:
    """Only his own source ports are dropped."""
    seen = (Sharing("198.51.100.9", users=24, attack_ports=(40001, 40000, 40000)),)
    (blocked,) = planned(accused("198.51.100.9"), sharing=seen).blocks
    assert blocked.ports == (40000, 40001)
    assert "users share the address" in blocked.reason


@pytest.mark.parametrize("ports", [(), tuple(range(1024, 1024 + MAX_PORTS + 1)), (0, 65536)])
def test_an_attacker_whose_ports_are_unclear_does_not_cut_off_an_office(
    ports: tuple[int, ...],
) -> None:
    seen = (Sharing("198.51.100.9", users=2, attack_ports=ports),)
    assert "users send from this address" in why_not(accused("198.51.100.9"), sharing=seen)


def test_a_thief_who_took_accounts_is_blocked_when_a_closer_look_finds_no_user() -> None:
    thief = accused("203.0.113.66", accounts_taken=["200", "201"], accounts_tried=2)
    assert len(planned(thief, sharing=(Sharing("203.0.113.66", users=0),)).blocks) == 1
    assert "--known" in why_not(thief)


@pytest.mark.parametrize(
    ("facts", "blocked"),
    [
        # guessed one of two hundred
        ({"accounts_taken": ["200"], "accounts_tried": 200}, True),
        # one account, and satellites called with it
        ({"accounts_taken": ["200"], "accounts_tried": 1, "calls_answered": [call()]}, True),
        ({"accounts_taken": ["200", "201"], "accounts_tried": 2, "calls_answered": [call()]}, True),
        # 24 of 25 accounts are let in: an office, and a guesser in it
        ({"accounts_taken": [str(n) for n in range(24)], "accounts_tried": 25}, False),
        (
            {
                "accounts_taken": ["1", "2", "3"],
                "accounts_tried": 9,
                "clues": [clue("many_phones")],
                "calls_answered": [call()],
            },
            False,
        ),
        ({"clues": [clue("trusted")]}, False),
        ({"clues": [clue("many_phones")]}, True),  # anybody can claim to be many phones
    ],
)
def test_users_are_seen_in_the_document_alone(facts: dict[str, object], blocked: bool) -> None:
    assert bool(planned(accused("203.0.113.66", **facts)).blocks) is blocked


# ------------------------------------------------------------ hostile documents


def test_a_reason_holds_no_word_of_the_attacker() -> None:
    evil = "$(reboot)\n`id`"
    made = planned(
        accused("203.0.113.66", kinds=["scan", evil], accounts_taken=[evil],
                claimed_user_agents=[evil], clues=[clue(evil)], campaign=evil)
    )  # fmt: skip
    assert "reboot" not in made.blocks[0].reason
    assert "id`" not in made.blocks[0].reason


def test_one_who_is_listed_twice_is_blocked_once_or_not_at_all() -> None:
    twice = planned(accused("203.0.113.66"), accused("::ffff:203.0.113.66"))
    assert [b.address for b in twice.blocks] == ["203.0.113.66"]
    doubted = planned(accused("203.0.113.66"), accused("203.0.113.66", proven="none"))
    assert doubted.blocks == ()
    assert [w.address for w in doubted.withheld] == ["203.0.113.66"]


_ADDRESSES = some.one_of(
    some.ip_addresses().map(str),
    some.ip_addresses(v=4, network=IPv4Network("198.51.100.0/24")).map(str),
    some.sampled_from(["192.0.2.10", "::ffff:192.0.2.10", "2001:db8:2::10", "198.51.100.7"]),
    some.text(max_size=20),
)
_ACCUSED = some.builds(
    accused,
    _ADDRESSES,
    verdict=some.sampled_from(["attacker", "suspect", "x"]),
    proven=some.sampled_from(["tcp", "dialog", "nonce", "none", "x"]),
    kinds=some.lists(some.text(max_size=9), max_size=2),
    accounts_taken=some.lists(some.text(max_size=4), max_size=3),
)


@given(
    suspects=some.lists(_ACCUSED, max_size=6),
    defended=some.lists(_ADDRESSES, max_size=2),
    sharing=some.lists(
        some.builds(Sharing, _ADDRESSES, some.integers(0, 3), some.tuples(some.integers())),
        max_size=2,
    ),
)
def test_whatever_an_incident_says_friends_are_never_blocked(
    suspects: list[Suspect], defended: list[str], sharing: list[Sharing]
) -> None:
    attack = incident(*suspects, defended=tuple(defended))
    made = plan_blocks(attack, KNOWN, OWN, CASE, NOW, WEEK, sharing)
    friends = [ip_network(str(one)) for one in (*KNOWN, *OWN)]
    friends += [ip_network(a) for text in defended if (a := plain_address(text)) is not None]
    for blocked in made.blocks:
        address = ip_address(blocked.address)
        assert not any(address in network for network in friends)
        assert not (isinstance(address, IPv6Address) and address.ipv4_mapped)
        assert not any((address.is_loopback, address.is_multicast, address.is_link_local))
    named = [b.address for b in made.blocks] + [w.address for w in made.withheld]
    assert len(named) == len(set(named))


# ------------------------------------------------------------ the clock


@pytest.mark.parametrize(
    ("now", "lasts"),
    [
        (datetime(2026, 11, 25), WEEK),  # noqa: DTZ001  this is the mistake
        (NOW, timedelta(0)),
        (NOW, timedelta(days=-1)),
        (NOW, timedelta(days=366)),
    ],
)
def test_a_plan_without_an_end_is_refused(now: datetime, lasts: timedelta) -> None:
    with pytest.raises(ValueError, match=r"zone|lasts"):
        plan_blocks(incident(), (), (), CASE, now, lasts)


def test_times_are_utc_wherever_the_clock_stands() -> None:
    here = NOW.astimezone(datetime.now(UTC).astimezone().tzinfo)
    made = plan_blocks(incident(accused("203.0.113.66")), (), (), CASE, here, WEEK)
    assert (made.made_at, made.blocks[0].until) == ("2026-11-25T03:12:00Z", UNTIL)


@pytest.mark.parametrize(("address", "why"), [
    ("192.168.1.5", "private"), ("10.0.0.0/24", "private"), ("::ffff:10.1.2.3", "private"),
    ("2001:db8::1", ""), ("203.0.113.0/24", ""), ("fe80::/64", "link-local"),
])  # fmt: skip
def test_networks_that_no_stranger_sends_from(address: str, why: str) -> None:
    found = why_never(address)
    assert (found or "").startswith(why)
    assert bool(found) is bool(why)
