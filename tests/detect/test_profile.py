"""Samples of one source: bounded, in order of first sight."""

from __future__ import annotations

import pytest

from ringfence.detect.profile import (
    MAX_CALLS,
    MAX_NUMBERS,
    MAX_PLACES,
    MAX_SAMPLES,
    Call,
    Profile,
)

S = 1_000_000_000


def test_texts_are_kept_once_in_order_of_first_sight() -> None:
    profile = Profile()
    for text in ("202", "201", "202"):
        profile.add("accounts", text)
    assert profile.texts("accounts") == ("202", "201")
    assert profile.texts("numbers") == ()


def test_no_text_is_no_sample() -> None:
    profile = Profile()
    profile.add("agents", "")
    assert profile.texts("agents") == ()


@pytest.mark.parametrize(("what", "bound"), [("accounts", MAX_SAMPLES), ("numbers", MAX_NUMBERS)])
def test_stranger_cannot_make_samples_grow(what: str, bound: int) -> None:
    profile = Profile()
    for n in range(5000):
        profile.add(what, str(n))
    assert len(profile.texts(what)) == bound
    assert profile.texts(what)[0] == "0"


def test_five_messages_show_a_clue() -> None:
    profile = Profile()
    for n in range(20):
        profile.note("refused", (0, n, n))
    assert profile.seen["refused"] == [(0, n, n) for n in range(MAX_PLACES)]


@pytest.mark.parametrize(
    ("call", "seconds"),
    [
        (Call("1", "a", 1 * S), None),
        (Call("1", "a", 1 * S, answered_ns=2 * S), None),
        (Call("1", "a", 1 * S, answered_ns=2 * S, ended_ns=62 * S), 60.0),
        (Call("1", "a", 1 * S, answered_ns=2 * S, media_last_ns=12 * S), 10.0),
        (Call("1", "a", 1 * S, answered_ns=2 * S, ended_ns=62 * S, media_last_ns=9 * S), 60.0),
        (Call("1", "a", 1 * S, answered_ns=9 * S, ended_ns=3 * S), None),
    ],
)
def test_call_lasts_from_its_answer_to_its_bye_or_last_sound(
    call: Call, seconds: float | None
) -> None:
    assert call.seconds == seconds


def test_texts_are_counted() -> None:
    profile = Profile()
    for text in ("202", "201", "202"):
        profile.add("refused_accounts", text)
    assert profile.counted("refused_accounts") == {"202": 2, "201": 1}
    assert profile.counted("numbers") == {}


def test_flow_is_kept_once_with_its_first_time_in_whatever_order_it_is_read() -> None:
    profile, other = Profile(), Profile()
    profile.note_flow("refused", "201", 5070, 9)
    profile.note_flow("refused", "201", 5070, 5)
    other.note_flow("refused", "201", 5070, 2)
    other.note_flow("entered", "201", 5070, 11)
    profile.merge(other)
    assert profile.flows == {("refused", "201", 5070): 2, ("entered", "201", 5070): 11}


def test_stranger_cannot_make_flows_grow() -> None:
    profile = Profile()
    for n in range(5000):
        profile.note_flow("refused", str(n), 5070, n)
    assert len(profile.flows) == MAX_CALLS
