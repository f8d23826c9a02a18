"""A dialling plan is what our server makes of what its users dial."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from ringfence.detect.plan import NO_PLAN, Plan, learn_plan
from tests.conversations.trial import watch_text

PARTIES = """
pbx 192.0.2.10
own 198.51.100.50 agent="Yealink SIP-T46S 66.86.0.15" user=240
trunk 203.0.113.30
"""
# 0 for a line, then as Germans dial; the server sends on full numbers.
OFFICE = {
    "0030303181622": "+4930303181622",
    "00404667413": "+49404667413",
    "002214614491": "+492214614491",
    "000431234917023": "+431234917023",
    "000390212345678": "+390212345678",
    "00033140205050": "+33140205050",
}


def plan_of(passed_on: dict[str, str], after_s: float = 0.5) -> Plan:
    text = PARTIES
    for n, (dialled, sent) in enumerate(passed_on.items()):
        text += f"at 1:{n:02}\nown INVITE {dialled} > 407 auth 100 200\n"
        text += f"at 1:{n:02}:{after_s:04.1f}\npbx INVITE {sent} to=trunk > 100 200\n"
    deeds = watch_text(text)
    return learn_plan(list(deeds.values()), [ip_address("192.0.2.10")])


@pytest.mark.parametrize(
    ("dialled", "stays"),
    [
        ("00404667413", True),  # as it was sent on
        ("000431234917023", False),
        ("00897654321", True),  # as its likes were
        ("000252906621111", False),  # the longest rule that fits
    ],
)
def test_number_behind_an_outside_line_is_at_home(dialled: str, stays: bool) -> None:
    assert plan_of(OFFICE).stays_home(dialled, by_rule=True) is stays


def test_stranger_who_does_not_dial_by_the_plan_is_not_cleared_by_its_rules() -> None:
    plan = plan_of(OFFICE)
    assert plan.is_used_by(OFFICE)
    assert not plan.is_used_by(["0037190245167", "0037190245168"])
    assert not plan.stays_home("0037190245167", by_rule=False)


def test_country_code_that_the_server_puts_on_is_that_at_home() -> None:
    assert plan_of(OFFICE).home_code == "49"


def test_server_that_only_takes_off_the_line_makes_national_calls() -> None:
    plan = plan_of({f"0{n}": n for n in ("030303181622", "0404667413", "02214614491")})
    assert plan.home_code == ""
    assert plan.stays_home("00404667413", by_rule=False)


def test_islands_of_north_america_are_abroad() -> None:
    plan = Plan(rules=(("90", "+1"),), home_code="1")
    assert plan.stays_home("902125550100", by_rule=True)
    assert not plan.stays_home("908095550103", by_rule=True)


def test_call_that_comes_long_after_is_another_call() -> None:
    assert plan_of(OFFICE, after_s=40.0).passed_on == {}


def test_nothing_passed_on_shows_no_plan() -> None:
    assert learn_plan([], []) == NO_PLAN
    assert not NO_PLAN.stays_home("00404667413", by_rule=True)
