"""The sum of clues: thresholds, kinds, and who is only in trouble."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringfence.detect.clues import RULES
from ringfence.detect.verdict import (
    ATTACKER,
    ATTACKER_DB,
    IN_TROUBLE,
    ORDINARY,
    PRIOR_DB,
    SUSPECT,
    SUSPECT_DB,
    Verdict,
    WeighedClue,
    add_clues,
    weigh,
)
from tests.conversations.trial import watch_text

PARTIES = """
pbx 192.0.2.10
eve 203.0.113.66 agent="Z 3.15" user=240
"""
QUIET = "eve OPTIONS 100 > 200"


def verdict(text: str) -> Verdict:
    return weigh(watch_text(PARTIES + text)["eve"])


def with_weight(weight_db: float) -> Verdict:
    return add_clues(verdict(QUIET), [WeighedClue("test", "", weight_db, "says the test")])


@pytest.mark.parametrize(
    ("sum_db", "name"),
    [
        (ATTACKER_DB, ATTACKER),
        (ATTACKER_DB - 0.1, SUSPECT),
        (SUSPECT_DB, SUSPECT),
        (SUSPECT_DB - 0.1, ORDINARY),
        (-200.0, ORDINARY),
    ],
)
def test_verdict_is_the_sum(sum_db: float, name: str) -> None:
    v = with_weight(sum_db - PRIOR_DB)
    assert v.verdict == name
    assert v.weight_db == pytest.approx(sum_db)


def test_prior_counts_once() -> None:
    v = add_clues(with_weight(5.0), [WeighedClue("more", "", 5.0, "")])
    assert v.weight_db == pytest.approx(PRIOR_DB + 10.0)


def test_prior_is_the_owners_to_choose() -> None:
    deeds = watch_text(PARTIES + QUIET)["eve"]
    assert weigh(deeds, prior_db=12.0).verdict == SUSPECT
    assert add_clues(weigh(deeds, prior_db=12.0), []).weight_db == 12.0


def test_sum_does_not_depend_on_the_order_of_clues() -> None:
    v = verdict("eve REGISTER {100..140} tag=svwar > 404")
    turned = add_clues(replace(v, clues=v.clues[::-1]), [])
    assert (turned.weight_db, turned.kinds) == (v.weight_db, v.kinds)


def test_every_clue_is_a_rule_with_a_sentence_and_the_places_that_it_names() -> None:
    v = verdict("eve REGISTER 201 tag=svcrack nonce=n auth={1..9} > 401")
    assert {clue.rule for clue in v.clues} <= {rule.name for rule in RULES}
    assert all(clue.says for clue in v.clues)
    placed = {clue.rule: len(clue.places) for clue in v.clues}
    assert placed["sipvicious_tag"] == 5
    assert placed["password_changes"] == 5


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("eve OPTIONS 100 tag=svmap > 200", ("scan",)),
        ("eve REGISTER {100..103} tag=svwar > 404", ("enumeration",)),
        ("eve REGISTER 201 tag=svcrack nonce=n auth={1..9} > 401", ("password_guessing",)),
        (
            "eve INVITE {00,011,9011,900}972592577956 > 403\neve INVITE 004420794601{23,24} > 403",
            ("toll_fraud",),
        ),
        (
            (
                "eve OPTIONS 100 tag=svmap > 200\n"
                "eve REGISTER {100..110} tag=svwar > 404\n"
                "eve REGISTER 201 tag=svcrack nonce=n auth={1..9} > 401\n"
                "eve INVITE 9011449098790115 > 407 auth 100 200 bye=9"
            ),
            ("scan", "enumeration", "password_guessing", "toll_fraud"),
        ),
    ],
)
def test_kinds_are_those_of_the_deeds_in_the_order_of_an_attack(
    text: str, kinds: tuple[str, ...]
) -> None:
    assert verdict(text).kinds == kinds


def test_who_is_not_accused_has_no_kinds() -> None:
    v = verdict("eve REGISTER 201 times=20 every=60 > 401 auth=old 401")
    assert (v.verdict, v.kinds) == (IN_TROUBLE, ())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("eve REGISTER 201 times=2 every=9 > 401 auth=old 401", ORDINARY),
        ("eve REGISTER 201 times=3 every=9 > 401 auth=old 401", IN_TROUBLE),
        ("eve REGISTER 201 times=3 every=300 > 404", IN_TROUBLE),
        ("eve REGISTER 201 times=2 every=300 > 404", ORDINARY),
        ("eve REGISTER 201 times=3 every=300 > again=2", IN_TROUBLE),
        ("eve REGISTER 201 times=9 every=300 > 401 auth 200", ORDINARY),
        ("eve INVITE 299 times=9 every=300 > 407 auth 404", ORDINARY),
    ],
)
def test_user_in_trouble_asks_in_vain(text: str, name: str) -> None:
    assert verdict(text).verdict == name


def test_user_who_corrects_himself_is_out_of_trouble() -> None:
    text = "eve REGISTER 201 times=4 every=9 > 401 auth=typo 401\n"
    assert verdict(text + "eve REGISTER 201 > 401 auth 200").verdict == ORDINARY


@pytest.mark.parametrize("rule", ["ours", "may_be_forged"])
def test_what_others_did_in_its_name_is_no_trouble_of_its_own(rule: str) -> None:
    v = verdict("eve REGISTER 201 times=9 every=9 > 401 auth=old 401")
    assert add_clues(v, [WeighedClue(rule, "", -1.0, "")]).verdict == ORDINARY
