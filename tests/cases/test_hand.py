"""The hand that returns: who is taken for the same, and who is not."""

from __future__ import annotations

import pytest

from ringfence.cases.hand import MAX_TRAITS, SURE_DB, same_hand, traits_of
from tests.cases.incidents import incident, suspect

PHONE = "hand:Yealink SIP-T46S 66.86.0.15 00000000deadbeef"


def test_same_number_from_another_address_is_the_same_hand() -> None:
    (found,) = same_hand(["number:972599123456"], {"RF-1": ["number:972599123456", "hand:x 1"]})
    assert (found.case_id, found.shared) == ("RF-1", ("number:972599123456",))
    assert found.sure_db >= SURE_DB


def test_a_tool_that_everybody_uses_joins_nobody() -> None:
    tool = "hand:friendly-scanner 00000000deadbeef"
    assert same_hand([tool], {"RF-1": [tool]}) == ()


def test_a_common_tool_and_one_account_are_two_strangers_at_one_door() -> None:
    tool = "hand:sipcli/v1.8 00000000deadbeef"
    assert same_hand([tool, "account:240"], {"RF-1": [tool, "account:240"]}) == ()


@pytest.mark.parametrize("kind", ["range", "hand", "target", "crowd", "account"])
def test_one_weak_trait_is_not_enough(kind: str) -> None:
    trait = f"{kind}:something"
    assert same_hand([trait], {"RF-1": [trait]}) == ()


def test_two_weak_traits_are() -> None:
    both = [PHONE, "range:97259912"]
    (found,) = same_hand(both, {"RF-1": both})
    assert found.sure_db == pytest.approx(27.0)


def test_traits_of_one_kind_count_once() -> None:
    many = [f"range:{n}" for n in range(20)]
    assert same_hand(many, {"RF-1": many}) == ()


def test_surest_comes_first() -> None:
    mine = ["number:1", PHONE]
    found = same_hand(mine, {"RF-1": ["number:1"], "RF-2": mine, "RF-3": [PHONE]})
    assert [one.case_id for one in found] == ["RF-2", "RF-1"]


def test_forged_addresses_are_no_trait() -> None:
    one = incident(suspect("203.0.113.66"), suspect("203.0.113.67", proven="none"))
    assert traits_of(one) == ("address:203.0.113.66",)


def test_traits_of_a_crowd_are_bounded() -> None:
    crowd = [suspect(f"198.18.{n // 250}.{n % 250}") for n in range(MAX_TRAITS + 50)]
    assert len(traits_of(incident(*crowd))) == MAX_TRAITS
