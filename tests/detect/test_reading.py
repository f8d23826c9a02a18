"""Picked messages: what is kept of requests, answers and lies."""

from __future__ import annotations

import pytest

from ringfence.detect.profile import MAX_TEXT, Profile
from tests.conversations.trial import watch_text

PARTIES = """
pbx 192.0.2.10
eve 203.0.113.66 agent="Z 3.15" user=240
"""


def profile(text: str, party: str = "eve") -> Profile:
    return watch_text(PARTIES + text)[party].profile


def test_accounts_refused_missing_and_accepted_are_told_apart() -> None:
    p = profile(
        "eve REGISTER {100,101} > 404\n"
        "eve REGISTER 201 > 401 auth=x 401\n"
        "eve REGISTER 240 > 401 auth 200\n"
    )
    assert p.texts("missing_accounts") == ("100", "101")
    assert p.texts("refused_accounts") == ("201",)
    assert p.texts("accepted_accounts") == ("240",)


def test_account_of_a_refused_call_is_who_called_not_whom() -> None:
    p = profile("eve INVITE 0049309018201234 > 407 auth=x 407")
    assert p.texts("refused_accounts") == ("240",)


def test_account_of_credentials_counts_before_the_one_in_from() -> None:
    p = profile("eve REGISTER {201,202} authuser=9{201,202} > 401 auth=x 401")
    assert "9202" in p.texts("accounts")


def test_call_has_number_account_answer_and_end() -> None:
    p = profile("eve INVITE 9011449098790115 > 407 auth 100 183 200 media=10 bye=300")
    (call,) = p.calls.values()
    assert (call.number, call.account, call.status) == ("9011449098790115", "240", 200)
    assert call.seconds == pytest.approx(300, abs=1)
    assert call.media_packets == 20


def test_call_that_the_far_end_ends_has_its_length() -> None:
    """The BYE of the server is no message of the caller, and ends the call all the same."""
    p = profile("eve INVITE 9011449098790115 > 407 auth 200 media=100 hangup=300")
    (call,) = p.calls.values()
    assert call.seconds == pytest.approx(300, abs=1)


def test_call_whose_end_was_not_seen_is_measured_by_its_sound() -> None:
    p = profile("eve INVITE 9011449098790115 > 407 auth 200 media=100")
    (call,) = p.calls.values()
    assert call.seconds == pytest.approx(2, abs=0.1)


def test_call_that_is_refused_has_its_status() -> None:
    p = profile("eve INVITE 9011449098790115 > 407 auth 100 403")
    (call,) = p.calls.values()
    assert call.answered_ns == 0


def test_svcrack_gives_its_guesses_away() -> None:
    p = profile("eve REGISTER 240 tag=svcrack guess={1000..1002} nonce=n auth={1000..1002} > 401")
    assert p.texts("guesses") == ("240:1000", "240:1001", "240:1002")
    assert len(p.seen["sipvicious_tag"]) == 3


def test_svmap_gives_its_target_away() -> None:
    assert profile("eve OPTIONS 100 tag=svmap > 200").texts("targets") == ("svmap 192.0.2.10:5060",)


def test_user_agents_are_kept_as_they_are_written() -> None:
    p = profile(r'eve REGISTER {201,202,203} agent="a;\x1b[2Jü" > 404')
    assert p.texts("agents") == (r"a;\x1b[2Jü",)


def test_long_text_is_cut() -> None:
    p = profile(f"eve REGISTER {{201,202,203}} agent={'x' * 2000} > 404")
    assert [len(agent) for agent in p.texts("agents")] == [MAX_TEXT]


def test_octets_that_are_no_text_are_escaped() -> None:
    p = profile("eve REGISTER {a,b,c}%ff > 404")
    assert p.texts("missing_accounts")[0] == "a%ff"


@pytest.mark.parametrize(
    ("manners", "lies"),
    [
        ("via=192.0.2.10", {"via_names_target", "empty_uri_user"}),
        ("via=192.0.2.11", {"empty_uri_user"}),
        ("", {"empty_uri_user"}),
    ],
)
def test_lies_of_a_call_are_noted(manners: str, lies: set[str]) -> None:
    p = profile(f'eve INVITE "" uri=sip:@192.0.2.10 {manners} > 404')
    assert set(p.seen) & {"via_names_target", "loopback_uri", "empty_uri_user"} == lies


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:5060"])
def test_call_to_a_loopback_address_is_noted(host: str) -> None:
    assert "loopback_uri" in profile(f"eve INVITE 201 uri=sip:201@{host} > 404").seen


def test_host_that_calls_itself_does_not_lie() -> None:
    p = profile(
        'self 192.0.2.10:5080\nself INVITE "" uri=sip:@127.0.0.1 via=192.0.2.10 > 404', "self"
    )
    assert "via_names_target" not in p.seen


def test_places_say_where_a_message_stands() -> None:
    p = profile("eve REGISTER 201 > 401 auth=x 401")
    assert [(n, packet) for n, packet, _ in p.seen["refused"]] == [(0, 4)]


def test_port_is_that_of_the_side_that_asks() -> None:
    p = profile(
        "low 203.0.113.66:5071\nlow REGISTER 201 > 401 auth=x 401\n"
        "low REGISTER 202 > 401 auth 200\nlow INVITE 9011449098790115 user=202 > 407 auth 200\n"
    )
    assert {flow[:3] for flow in p.flows} == {("refused", "201", 5071), ("entered", "202", 5071)}
    assert [call.port for call in p.calls.values()] == [5071]
