"""Investigations of one case as one incident."""

from __future__ import annotations

from dataclasses import replace

from ringfence.cases.whole import combine
from ringfence.model.incident import Clue, MessageReference, UnlistedCalls
from tests.cases.incidents import incident, suspect

THIEF, OTHER = "203.0.113.66", "203.0.113.91"
CLUE = Clue("guesses", 9.0, "said", [MessageReference(0, 7, "2026-10-02T19:05:00Z")])


def test_one_investigation_is_itself() -> None:
    one = incident(suspect(THIEF))
    assert combine([one]) is one


def test_source_of_both_is_accused_once() -> None:
    first = suspect(
        THIEF, weight_db=30.0, proven="none", kinds=["scan"], messages=5, guesses=0,
        estimated_cost=None, methods={"OPTIONS": 5},
    )  # fmt: skip
    second = suspect(
        THIEF, weight_db=60.0, kinds=["toll_fraud"], last_seen="2026-10-05T00:00:00Z",
        accounts_taken=["240"], estimated_cost=10.0, currency="EUR",
        calls_unlisted=UnlistedCalls(2, 3.0, 1.0, 0),
    )  # fmt: skip
    whole = combine([incident(first), incident(second, capture="b" * 64)])
    (found,) = whole.suspects
    assert (found.kinds, found.proven, found.weight_db) == (["toll_fraud", "scan"], "nonce", 60.0)
    assert (found.messages, found.guesses, found.estimated_cost) == (45, 39, 10.0)
    assert found.methods == {"OPTIONS": 5, "REGISTER": 40}
    assert (found.first_seen, found.last_seen) == ("2026-10-02T19:05:00Z", "2026-10-05T00:00:00Z")
    assert (found.accounts_taken, found.calls_total) == (["240"], 2)
    assert [one.sha256[0] for one in whole.inputs] == ["a", "b"]
    assert whole.defended == ["192.0.2.10"]


def test_proof_of_the_weaker_counts() -> None:
    strong, weak = suspect(THIEF, weight_db=60.0, proven="none"), suspect(THIEF, weight_db=40.0)
    assert combine([incident(weak), incident(strong)]).suspects[0].proven == "nonce"


def test_clues_name_messages_of_their_own_file() -> None:
    later = incident(suspect(OTHER, clues=[CLUE]), capture="b" * 64)
    whole = combine([incident(suspect(THIEF, clues=[CLUE])), later])
    places = {s.address: s.clues[0].messages[0].input for s in whole.suspects}
    assert places == {THIEF: 0, OTHER: 1}
    assert whole.inputs[places[OTHER]].sha256 == "b" * 64


def test_hands_of_one_name_are_one() -> None:
    two = [incident(suspect(THIEF), traits=("a:1",)), incident(suspect(OTHER), traits=("b:2",))]
    (hand,) = combine(two).campaigns
    assert (hand.sources, hand.traits) == ([THIEF, OTHER], ["a:1", "b:2"])


def test_times_that_are_not_known_do_not_win() -> None:
    without = suspect(THIEF, first_seen="", last_seen="")
    (found,) = combine([incident(without), incident(suspect(THIEF))]).suspects
    assert found.first_seen == "2026-10-02T19:05:00Z"


def test_order_of_suspects_is_that_of_certainty() -> None:
    first = incident(suspect(THIEF, weight_db=20.0))
    second = replace(incident(suspect(OTHER, weight_db=50.0)), ordinary=9)
    whole = combine([first, second])
    assert [one.address for one in whole.suspects] == [OTHER, THIEF]
    assert whole.ordinary == 9
