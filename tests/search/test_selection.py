"""Selections over tables: limits, counts, one call out of many."""

from __future__ import annotations

from itertools import chain

import pytest

from ringfence.model.question import Question, QuestionError
from ringfence.search.selection import (
    MAX_CALLS,
    Selection,
    exchange_of_address,
    exchange_of_call,
)
from ringfence.wire.decoder import Decoder
from tests.search.scene import CALL, capture, fed
from tests.wire_cases.compile import packets_of

EVERYTHING = Question()


def select(question: Question = EVERYTHING, limit: int | None = None, rows: int = 2) -> Selection:
    """The scene, two messages a table."""
    return Selection(fed(capture(), Decoder(rows)), question, limit)


def test_counts_go_with_what_was_read() -> None:
    selection = select(Question(methods=("INVITE",)))
    assert [line.packet for line in selection.lines()] == [1, 3, 4]
    assert (selection.read, selection.chosen, selection.stopped) == (7, 3, False)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_limit_stops_reading(limit: int) -> None:
    selection = select(Question(methods=("INVITE",)), limit)
    assert [line.packet for line in selection.lines()] == [1, 3, 4][:limit]
    assert selection.stopped
    assert selection.read < 7


def test_limit_beyond_the_end() -> None:
    selection = select(limit=100)
    assert len(list(selection.lines())) == 7
    assert not selection.stopped


def test_mistake_is_told_before_anything_is_read() -> None:
    with pytest.raises(QuestionError):
        Selection(iter(()), Question(where="nonsense ="))


@pytest.mark.parametrize("asked", [CALL, "call-1", "c"])
def test_beginning_of_a_call_id_is_enough(asked: str) -> None:
    exchange = exchange_of_call(select(Question(call_ids=(asked,))), asked, 100)
    assert exchange.of == f"Call-ID {CALL}"
    assert [event.packet for event in exchange.events] == [1, 2, 3, 4, 5]


def test_unclear_beginning_lists_what_it_may_be() -> None:
    with pytest.raises(QuestionError, match="begins several: a1, a2"):
        _call("a", ["a1", "a2"])


def test_whole_call_id_wins_over_longer_ones() -> None:
    names = [*(f"a{n}" for n in range(2 * MAX_CALLS)), "a"]
    assert _call("a", names) == 1


def test_no_such_call() -> None:
    with pytest.raises(QuestionError, match="no Call-ID begins with zzz"):
        exchange_of_call(select(Question(call_ids=("zzz",))), "zzz", 100)


def test_what_the_limit_leaves_out_is_counted() -> None:
    exchange = exchange_of_call(select(Question(call_ids=("call",))), "call", 2)
    assert (len(exchange.events), exchange.omitted) == (2, 3)
    exchange = exchange_of_address(select(), "192.0.2.1", 3)
    assert (len(exchange.events), exchange.omitted) == (3, 4)


def test_two_captures_are_put_in_order_of_time() -> None:
    packets = packets_of(_messages(["x"]) + _messages(["x"]))
    later, earlier = (fed(capture([packet]), Decoder()) for packet in (packets[1], packets[0]))
    selection = Selection(chain(later, earlier), Question())
    times = [event.time_ns for event in exchange_of_call(selection, "x", 10).events]
    assert times == sorted(times)


def test_silent_address() -> None:
    with pytest.raises(QuestionError, match=r"192\.0\.2\.99"):
        exchange_of_address(select(Question(addresses=("192.0.2.99",))), "192.0.2.99", 10)


def _messages(names: list[str]) -> str:
    return "".join(
        f"packet\neth\nip4 203.0.113.7 > 192.0.2.1\nudp 5060 > 5060\n"
        f"| OPTIONS sip:1@192.0.2.1 SIP/2.0\n| Call-ID: {name}\n|\n"
        for name in names
    )


def _call(asked: str, names: list[str]) -> int:
    octets = capture(packets_of(_messages(names)))
    selection = Selection(fed(octets, Decoder()), Question(call_ids=(asked,)))
    return len(exchange_of_call(selection, asked, 10).events)
