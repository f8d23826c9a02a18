"""What calls weigh: hunts, ranges, calls that nobody's answer shows."""

from __future__ import annotations

import pytest

from ringfence.detect.toll_clues import TOLL_RULES
from ringfence.detect.verdict import weigh
from tests.conversations.trial import watch_text

PARTIES = """
pbx 192.0.2.10
eve 203.0.113.66 agent="Z 3.15" user=240
x{1..25} 203.0.113.9:{30001..30025} agent=Yealink user={301..325}
"""
ANSWERED = "> 407 auth 100 200 bye=60\n"


def weights(text: str, party: str = "eve") -> dict[str, float]:
    clues = weigh(watch_text(PARTIES + text)[party]).clues
    return {clue.rule: clue.weight_db for clue in clues}


def test_every_rule_here_is_of_toll_fraud() -> None:
    assert {rule.kind for rule in TOLL_RULES} == {"toll_fraud"}


@pytest.mark.parametrize(("prefixes", "db"), [("00,011,9011", 28.0), ("00,011,9011,900", 36.0)])
def test_hunt_weighs_by_its_prefixes(prefixes: str, db: float) -> None:
    text = f"eve INVITE {{{prefixes}}}972592577956 > 403"
    assert weights(text)["prefix_hunting"] == db


def test_account_halves_a_hunt() -> None:
    hunt = "eve INVITE {00,011,9011,900}972592577956 > 407 auth 404\n"
    assert weights("eve REGISTER 240 > 401 auth 200\n" + hunt)["prefix_hunting"] == 18.0


def test_calls_of_a_thief_tell_though_no_answer_was_captured() -> None:
    text = "captured to pbx\neve INVITE 00025290815500{1..8} every=70 " + ANSWERED
    assert weights(text)["range_calls"] == 32.0
    hardly = "captured to pbx\neve INVITE 00025290815500{1..8} every=70 > 407 auth\n"
    assert "range_calls" not in weights(hardly)


def test_office_of_many_phones_that_calls_extensions_of_one_company_is_no_thief() -> None:
    text = "captured to pbx\nx{1..25} INVITE 0044207946{0101..0125} every=5 " + ANSWERED
    text += "x{1..25} REGISTER {301..325} every=1 times=2 > 401 auth 200\n"
    assert "range_calls" not in weights(text, "x1")
