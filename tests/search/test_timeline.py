"""What the accused did over time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.flow import investigate, read_messages
from ringfence.search.timeline import MAX_BINS, ROUND_S, bin_length_s, timeline_of
from tests.search.incidents import (
    BEGIN_S,
    PHONE,
    SUSPECT,
    answers,
    asks,
    at,
    incident,
    tables,
)

WHOLE_NIGHT = ("scan", "enumeration", "password_guessing", "toll_fraud")


def sums(*packets: str, kinds: tuple[str, ...] = ("password_guessing",)) -> dict[str, int]:
    found = timeline_of(tables(*packets), incident(replace(SUSPECT, kinds=list(kinds))))
    assert found is not None
    return {name: sum(values) for name, values in found.series.items()}


def test_a_guess_refused_and_one_that_is_let_in() -> None:
    found = timeline_of(
        tables(
            asks(0, "REGISTER", "a"), answers(0.1, 401, "REGISTER", "a"),
            asks(50, "REGISTER", "a", 2, auth=True), answers(50.1, 401, "REGISTER", "a", 2),
            asks(99, "REGISTER", "a", 3, auth=True), answers(99.1, 200, "REGISTER", "a", 3),
        ),
        incident(SUSPECT),
    )  # fmt: skip
    assert found is not None
    assert (found.begins_ns, found.bin_s) == (BEGIN_S * 10**9, 1.0)
    bins = {name: [i for i, v in enumerate(vs) if v] for name, vs in found.series.items()}
    assert bins == {"password_guessing": [0, 50, 99], "refused": [50], "accepted": [99]}
    assert {len(values) for values in found.series.values()} == {101}


def test_the_first_challenge_is_no_refusal() -> None:
    assert "refused" not in sums(asks(0, "REGISTER", "a"), answers(0.1, 401, "REGISTER", "a"))


def test_a_missing_user_is_a_refusal() -> None:
    assert sums(asks(0, "REGISTER", "a"), answers(0.1, 404, "REGISTER", "a"))["refused"] == 1


def test_an_answer_to_options_lets_nobody_in() -> None:
    assert sums(asks(0, "OPTIONS", "a"), answers(0.1, 200, "OPTIONS", "a"), kinds=("scan",)) == {
        "scan": 1
    }


def test_what_others_do_is_not_counted() -> None:
    assert sums(
        asks(0, "REGISTER", "p", source=PHONE, auth=True),
        answers(0.1, 200, "REGISTER", "p", to=PHONE),
    ) == {}  # fmt: skip


@pytest.mark.parametrize(("method", "auth", "kinds", "kind"), [
    ("REGISTER", True, WHOLE_NIGHT, "password_guessing"),
    ("REGISTER", False, WHOLE_NIGHT, "enumeration"),
    ("INVITE", True, WHOLE_NIGHT, "toll_fraud"),
    ("INVITE", False, ("toll_fraud", "flood"), "flood"),
    ("INVITE", True, ("toll_fraud", "flood"), "toll_fraud"),
    ("OPTIONS", False, ("scan", "toll_fraud"), "scan"),
    ("OPTIONS", False, ("toll_fraud",), "toll_fraud"),
    ("SUBSCRIBE", False, ("exploit",), "exploit"),
    ("INVITE", False, (), "scan"),
])  # fmt: skip
def test_a_request_belongs_to_the_likeliest_kind_of_its_sender(
    method: str, auth: bool, kinds: tuple[str, ...], kind: str
) -> None:
    assert sums(asks(0, method, "a", auth=auth), kinds=kinds) == {kind: 1}


@pytest.mark.parametrize("method", ["ACK", "BYE", "CANCEL"])
def test_what_belongs_to_a_call_is_no_new_attack(method: str) -> None:
    assert sums(asks(0, method, "a"), kinds=("toll_fraud",)) == {}


def test_nobody_is_accused() -> None:
    assert timeline_of(tables(asks(0, "OPTIONS", "a")), incident()) is None


def test_a_suspect_without_times_has_no_line() -> None:
    accused = replace(incident(SUSPECT), suspects=[SUSPECT])
    assert timeline_of(tables(asks(0, "OPTIONS", "a")), accused) is None


def test_a_clock_that_jumps_leaves_the_picture() -> None:
    assert sums(asks(-5000, "REGISTER", "a"), asks(9000, "REGISTER", "b")) == {}


def test_a_clock_of_centuries_still_has_bounded_bins() -> None:
    suspect = replace(SUSPECT, first_seen="1970-01-01T00:00:01.000000Z", last_seen=at(0))
    late = replace(SUSPECT, last_seen="2554-07-21T00:00:00.000000Z", first_seen=at(0))
    accused = replace(incident(SUSPECT), suspects=[suspect, late])
    found = timeline_of(tables(asks(0, "REGISTER", "a")), accused)
    assert found is not None
    assert [len(values) for values in found.series.values()] == [MAX_BINS]
    assert sum(found.series["password_guessing"]) == 1


@given(st.floats(0, 2e10))
def test_bins_are_round_and_few(duration_s: float) -> None:
    length = bin_length_s(duration_s)
    assert duration_s / length <= MAX_BINS
    if duration_s <= ROUND_S[-1] * 100:
        assert length in ROUND_S
    if 1.2 < duration_s < ROUND_S[-1] * 100:
        assert duration_s / length >= 39


def test_example_shows_scan_then_guessing_then_calls(root: Path) -> None:
    path = str(root / "examples/attack.pcap")
    found = timeline_of(read_messages([path]), investigate([path]).incident)
    assert found is not None
    first = {name: next(i for i, v in enumerate(vs) if v) for name, vs in found.series.items()}
    assert first["scan"] <= first["enumeration"] < first["password_guessing"] < first["toll_fraud"]
    assert first["accepted"] <= first["toll_fraud"]
