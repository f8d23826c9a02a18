"""Behaviour in the terms that clues weigh."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.detect import _fields as f
from ringfence.detect.counts import Counts
from ringfence.detect.deeds import Deeds
from tests.conversations.trial import watch_text

PARTIES = """
pbx 192.0.2.10
eve 203.0.113.66 agent="Z 3.15" user=240
"""


def deeds(text: str, party: str = "eve") -> Deeds:
    return watch_text(PARTIES + text)[party]


def test_rate_is_of_requests_without_retransmissions() -> None:
    d = deeds("eve REGISTER {100..119} every=0.5 > again=3 404")
    assert d.requests == 20
    assert d.rate == pytest.approx(20 / d.span_s)


def test_burst_shorter_than_a_second_counts_as_one() -> None:
    assert deeds("eve REGISTER {100..119} every=0.001 > 404").rate <= 20


def test_failures_are_refusals_missing_users_and_challenges_ignored() -> None:
    d = deeds("eve REGISTER 100 > 404\neve REGISTER 201 > 401\neve REGISTER 202 > 401 auth=x 401")
    assert (d.failures, d.ignored_challenges) == (3, 1)


def test_single_account_is_one_that_is_refused() -> None:
    assert deeds("eve REGISTER 201 times=9 > 401 auth=x 401").is_single_account
    assert not deeds("eve REGISTER {201,202} times=9 > 401 auth=x 401").is_single_account


@pytest.mark.parametrize(
    ("agent", "bears"), [("friendly-scanner", True), ("Zoiper", False), ("SIPvicious", True)]
)
def test_mark_is_what_no_phone_writes(agent: str, bears: bool) -> None:
    assert deeds(f"eve OPTIONS 100 agent={agent} times=2 > 200").bears_mark is bears


def test_hunted_number_is_known_by_its_end() -> None:
    d = deeds("eve INVITE {00,011,9011}972592577956 > 403")
    assert list(d.hunted.values()) == [("00972592577956", "011972592577956", "9011972592577956")]


def test_numbers_of_one_range_are_counted_once_each() -> None:
    d = deeds("eve INVITE 9011449098790{115,162,162,199} > 407 auth 200 bye=5")
    assert d.range_dialled == 3


@pytest.mark.parametrize(("every", "most"), [(5, 3), (700, 1)])
def test_calls_that_are_up_together_are_counted(every: int, most: int) -> None:
    d = deeds(
        f"eve INVITE 9011{{449098790115,442079460123,4930901820111}} every={every} "
        "> 407 auth 200 bye=600"
    )
    assert d.concurrent_foreign == most


@pytest.mark.parametrize(
    ("address", "server", "near"),
    [
        ("192.0.2.77", "192.0.2.10", True),
        ("198.51.100.77", "192.0.2.10", False),
        ("2001:db8:10::77", "2001:db8:10::10", True),
        ("2001:db8:11::77", "2001:db8:10::10", False),
    ],
)
def test_neighbour_is_in_the_network_of_the_server(address: str, server: str, near: bool) -> None:
    text = f"pbx {server}\nbob {address}\nbob REGISTER 201 times=3 > 401 auth=x 401"
    assert watch_text(text)["bob"].is_neighbour is near


def test_peer_is_asked_and_answers() -> None:
    text = "carrier 198.51.100.30\npbx INVITE 201 to=carrier > 100 200 bye=5\n"
    assert deeds(text, "carrier").is_peer
    assert not deeds("carrier 198.51.100.30\npbx INVITE 201 to=carrier", "carrier").is_peer


@pytest.mark.parametrize(
    ("text", "proof"),
    [
        ("eve REGISTER 201 > 401", "none"),
        ("eve REGISTER 201 nonce=x auth=y > 401", "none"),
        ("eve REGISTER 201 > 401 auth=y 401", "nonce"),
        ("eve INVITE 201 > 407", "dialog"),
        ("eve INVITE 201 ack=none > 407", "none"),
        ("eve INVITE 201 > 407 auth 200 bye=5", "dialog"),
        ("tom 203.0.113.67 tcp\ntom REGISTER 201 > 401", "tcp"),
    ],
)
def test_proof_of_path_is_graded(text: str, proof: str) -> None:
    assert deeds(text, "tom" if "tom" in text else "eve").proven == proof


def test_answered_number_of_no_country_casts_doubt_on_numbers_of_nobody() -> None:
    lonely = "eve INVITE 00{303181622,7114746442} > 407 auth 100 200 bye=9\n"
    assert len(deeds(lonely).dear_numbers) == 2
    # Nobody has +69: what reads so is Frankfurt behind an outside line, and so is the rest.
    assert deeds(lonely + "eve INVITE 00694574147 > 407 auth 100 200 bye=9").dear_numbers == ()
    # Two of one range are no chance.
    rented = lonely + "eve INVITE 00694574{147,148} > 407 auth 100 200 bye=9"
    assert deeds(rented).dear_numbers == ("+694574147", "+694574148")


def test_extensions_are_told_from_numbers_and_lists_from_colleagues() -> None:
    listed = deeds("eve INVITE {100..139} every=1 > 407")
    assert listed.extensions_called >= 38  # but for what rounding takes
    assert listed.counts_up
    colleagues = deeds("eve INVITE {201,207,215,230,244,251,260,262,270,281,299} every=9 > 407")
    assert not colleagues.counts_up
    abroad = deeds("eve INVITE 0097259257{7951..7990} every=1 > 407")
    assert (abroad.extensions_called, abroad.counts_up) == (0, False)


def test_calls_one_after_the_other_are_not_at_the_same_time_whoever_hangs_up() -> None:
    """The PBX gives each the ports of the one before; the other side ends half of them."""
    d = deeds(
        "eve INVITE 0037190234{10..23} every=30 rtp=4000 > 407 auth 200 media=9 hangup=20\n"
        "at 5:00\n"
        "eve INVITE 0037190234{10..23} every=30 rtp=4000 > 407 auth 200 media=9 bye=20\n"
    )
    assert d.concurrent_foreign == 1


def test_calls_charged_are_all_answered_calls_in_order() -> None:
    d = deeds(
        "eve INVITE 00371902345{100..199} every=30 > 407 auth 200 bye=20\n"
        "eve INVITE 00371902345{200..209} > 407 auth 486"
    )
    assert [c.number for c in d.calls_charged] == [f"00371902345{n}" for n in range(100, 200)]


def test_account_that_only_the_later_calls_are_of_is_let_in() -> None:
    d = deeds(
        "eve INVITE 00371902345{100..139} every=30 > 407 auth 200 bye=20\n"
        "at 5:00\n"
        "eve INVITE 00371902345{100..139} every=30 user=777 > 407 auth 200 bye=20\n"
    )
    assert set(d.accounts_let_in) == {"240", "777"}


@pytest.mark.parametrize(("ports", "told"), [(1, (7, 420.0)), (3, (0, 0.0))])
def test_calls_that_gave_way_are_not_charged_to_a_shared_address(
    ports: int, told: tuple[int, float]
) -> None:
    """Nobody can say whose they were."""
    d = deeds("eve INVITE 00371902345{10..12} > 407 auth 200 bye=20")
    for account in ("201", "202"):
        d.profile.add("accepted_accounts", account)
    row = list(d.counts.row)
    row[f.CALLS_LEFT], row[f.TALKED_LEFT] = 7, 7 * 60 * 10**9
    row[f.PORTS], row[f.RETURNS] = ports, 9
    left = replace(d, counts=Counts(tuple(row)))
    assert left.is_shared is (ports > 1)
    assert (left.calls_left_out, left.seconds_left_out) == told


# ------------------------------------------------------------ lines, turns, silence


@pytest.mark.parametrize(("every", "lines"), [(5, 8), (1, 0)])
def test_lines_of_a_gateway_try_again_in_their_time_and_guessers_hurry(
    every: int, lines: int
) -> None:
    d = deeds(f"eve REGISTER {{201..208}} every={every} times=10 > 401 auth=old 401")
    assert (d.stations, d.takes_turns) == (lines, False)


def test_who_is_done_with_one_account_before_the_next_is_no_gateway() -> None:
    text = "\n".join(
        f"eve REGISTER {n} every=40 times=10 > 401 auth=old 401" for n in range(201, 209)
    )
    d = deeds(text)
    assert (d.stations, d.takes_turns) == (0, True)


def test_passwords_that_meet_silence_are_refused() -> None:
    d = deeds("eve REGISTER {201..210} > 401 auth=x")
    assert (d.unanswered_passwords, d.failures) == (10, 10)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("eve REGISTER {201..210}", id="no challenge was seen"),
        pytest.param("eve REGISTER {201..210} > 401", id="no password was given"),
        pytest.param(
            "eve REGISTER 201 > 401 auth 200\neve REGISTER {202..205} > 401 auth=x", id="let in"
        ),
    ],
)
def test_silence_alone_refuses_nobody(text: str) -> None:
    assert deeds(text).unanswered_passwords == 0


# ------------------------------------------------------------ calls that were not seen answered


def test_who_hangs_up_was_answered_where_no_answer_was_captured() -> None:
    call = "eve INVITE 9011449098790115 > 407 auth 100 200 bye=60\n"
    assert len(deeds("captured to pbx\n" + call).foreign_answered) == 1
    assert deeds("captured to pbx\neve INVITE 9011449098790115 > 407 auth\n").foreign_answered == ()


def test_prefixes_of_one_number_are_one_hunt() -> None:
    assert deeds("eve INVITE {00,011,9011}972592577956 > 403").hunt == 3
    assert deeds("eve INVITE 0097259{1577956,2577123} > 403").hunt == 0


@pytest.mark.parametrize(("phones", "rings"), [(8, True), (3, False)])
def test_to_be_answered_by_many_telephones_is_no_trust(phones: int, rings: bool) -> None:
    text = f"p{{1..{phones}}} 192.0.2.{{101..{100 + phones}}}\nat 3:00\n"
    text += "".join(f"eve INVITE 20{n} to=p{n} > 100 180 200\n" for n in range(1, phones + 1))
    d = deeds(text)
    assert (d.rings_phones, d.is_trusted) == (rings, not rings)


# ------------------------------------------------------------ a shared address

OFFICE = """
o{1..4} 198.51.100.50:{5061..5064} agent=Yealink
bad 198.51.100.50:5070 agent=Yealink call=new
at 8:00
o{1..4} REGISTER {201..204} every=1 times=4 > 401 auth 200
at 9:00
"""


def test_only_the_guessers_port_is_charged() -> None:
    text = OFFICE + "bad REGISTER {201..203} every=1 times=12 > 401 auth=x 401\n"
    text += "bad REGISTER 202 > 401 auth 200\nbad INVITE 9011449098790115 > 407 auth 200 bye=9\n"
    text += "o1 INVITE 9011442079460123 > 407 auth 200 bye=9\n"
    d = deeds(text, "bad")
    assert d.is_shared
    assert (d.accounts_let_in, list(d.guesser_ports)) == (("202",), [5070])
    assert [call.number for call in d.calls_charged] == ["9011449098790115"]
    assert d.numbers_charged == ("9011449098790115",)


def test_who_guesses_at_his_colleagues_accounts_stands_apart() -> None:
    text = OFFICE + "bad REGISTER {201..203} every=1 times=12 > 401 auth=x 401\n"
    assert deeds(text, "bad").guesses_apart
    assert not deeds(OFFICE + "bad REGISTER 299 > 401 auth=x 401", "bad").guesses_apart


def test_phone_that_was_let_in_first_and_mistypes_later_is_no_guesser() -> None:
    text = OFFICE + "o1 REGISTER 201 times=3 > 401 auth=old 401\n"
    assert deeds(text, "bad").guesser_ports == {}
