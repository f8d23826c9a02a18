"""One request, told by packets and by logs: it counts once, whoever tells of it first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from ipaddress import ip_address
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.detect import once as module
from ringfence.detect.once import LATE_S, MAX_HELD, NEAR_S, Once
from ringfence.model import event as kinds
from ringfence.model.event import Event
from ringfence.wire.feed import Feed
from ringfence.wire.table import MessageTable

S = 10**9
T = 1_791_158_400 * S
SERVER, EVE = "192.0.2.10", "203.0.113.66"
REFUSED = Event(
    kinds.REFUSED, "asterisk.security", EVE, 5062, "udp", T, "REGISTER", "100", call_id="one"
)


def answers(
    *asked: tuple[str, int, str], time_ns: int = T, status: int = 401
) -> Iterator[MessageTable]:
    """A table of the answers that went to these addresses and ports, for these methods."""
    feed = Feed()
    for number, (address, port, method) in enumerate(asked):
        text = (
            f"SIP/2.0 {status} No\r\nVia: SIP/2.0/UDP {address}:{port};branch=z9hG4bK{number}\r\n"
            f"From: <sip:100@x>;tag=a\r\nTo: <sip:100@x>\r\nCall-ID: c\r\nCSeq: 1 {method}\r\n\r\n"
        )
        server, asker = ip_address(SERVER), ip_address(address)
        assert feed.put(text.encode(), server, 5060, asker, port, "udp", time_ns)
    return feed.tables()


def see(
    once: Once, *asked: tuple[str, int, str], time_ns: int = T, now_ns: int = 0, status: int = 401
) -> None:
    for table in answers(*asked, time_ns=time_ns, status=status):
        once.packets(table, now_ns or time_ns)


def told(once: Once, *events: Event, now_ns: int = T) -> list[Event]:
    once.take(events, now_ns)
    return once.due(now_ns + S)


def test_with_no_packets_at_all_logs_alone_count_at_once() -> None:
    once = Once(1, packets_come=False)
    once.take([REFUSED], T)
    assert once.due(T) == [REFUSED]


def test_an_event_waits_a_moment_for_its_packet() -> None:
    once = Once(1)
    once.take([REFUSED], T)
    assert once.due(T + 499_999_999) == []
    assert once.due(T + 500_000_000) == [REFUSED]
    assert once.due(T + S) == []


@pytest.mark.parametrize("event", [
    REFUSED, replace(REFUSED, port=0), replace(REFUSED, method=""),
    replace(REFUSED, port=0, method=""), replace(REFUSED, source="::ffff:203.0.113.66"),
], ids=["all", "no port", "no method", "neither", "mapped"])  # fmt: skip
def test_what_packets_showed_is_not_told_again(event: Event) -> None:
    once = Once(1)
    see(once, (EVE, 5062, "REGISTER"))
    assert told(once, event) == []
    assert once.figures.seen_in_packets == 1


@pytest.mark.parametrize("event", [
    replace(REFUSED, source="203.0.113.67"),
    replace(REFUSED, port=5063),
    replace(REFUSED, method="INVITE"),
    replace(REFUSED, time_ns=T - (NEAR_S + 1) * S),
], ids=["address", "port", "method", "time"])  # fmt: skip
def test_another_request_counts(event: Event) -> None:
    once = Once(1)
    see(once, (EVE, 5062, "REGISTER"))
    assert told(once, event) == [event]


def test_packet_that_comes_after_its_event_wins_as_well() -> None:
    once = Once(1)
    once.take([REFUSED], T)
    see(once, (EVE, 5062, "REGISTER"), time_ns=T + S // 3)
    assert once.due(T + S) == []


@pytest.mark.parametrize("skew_s", range(-NEAR_S, NEAR_S + 1))
def test_clocks_that_differ_a_little_do_not_matter(skew_s: int) -> None:
    once = Once(1)
    see(once, (EVE, 5062, "REGISTER"))
    assert told(once, replace(REFUSED, time_ns=T + skew_s * S), now_ns=T + 3 * S) == []


@pytest.mark.parametrize("late_s", [1, 5, LATE_S])
def test_log_that_is_late_is_known_all_the_same(late_s: int) -> None:
    once = Once(1)
    see(once, (EVE, 5062, "REGISTER"))
    for second in range(1, late_s + 1):  # others go on
        see(once, ("198.51.100.7", 5060, "REGISTER"), time_ns=T + second * S)
    assert told(once, REFUSED, now_ns=T + late_s * S) == []


def test_log_that_is_too_late_does_not_count_while_packets_come() -> None:
    once = Once(1)
    see(once, ("198.51.100.7", 5060, "REGISTER"), time_ns=T + 11 * S)
    assert told(once, REFUSED, now_ns=T + 11 * S) == []
    assert once.figures.too_late == 1
    assert told(Once(1), REFUSED, now_ns=T + 11 * S) == [REFUSED]


@pytest.mark.parametrize("wrong_s", [-3600, 3600, 60])
def test_packets_whose_clock_is_wrong_wipe_out_no_notes(wrong_s: int) -> None:
    once = Once(1)
    see(once, (EVE, 5062, "REGISTER"))
    for n in range(100):
        see(once, (EVE, n, "INVITE"), time_ns=T + wrong_s * S + n * S, now_ns=T)
    assert told(once, REFUSED) == []


def test_log_of_tomorrow_is_of_now() -> None:
    """Its zone is set wrong."""
    once = Once(1)
    see(once, (EVE, 5062, "REGISTER"))
    assert told(once, replace(REFUSED, time_ns=T + 86_400 * S)) == []


def test_clock_that_is_set_back_an_hour_holds_no_event_back() -> None:
    """Whoever guesses in that hour would not be heard of in logs until it is over."""
    once = Once(1)
    once.take([REFUSED], T)
    later = replace(REFUSED, time_ns=T - 3600 * S, call_id="two")
    once.take([later], T - 3600 * S)
    assert once.due(T - 3599 * S) == [REFUSED, later]


def test_requests_without_an_answer_are_no_outcome() -> None:
    once = Once(1)
    see(once, (EVE, 5062, "REGISTER"), status=100)
    assert told(once, REFUSED) == [REFUSED]


# -- two logs ------------------------------------------------------------------------------


def test_two_logs_of_one_request_count_once() -> None:
    once = Once(1)
    other = replace(REFUSED, origin="asterisk.ami", port=0, call_id="", time_ns=T + S)
    assert told(once, REFUSED, other, now_ns=T + S) == [REFUSED]
    assert once.figures.told_by_another_log == 1


def test_one_log_that_says_it_twice_means_two_requests() -> None:
    assert told(Once(1), REFUSED, REFUSED) == [REFUSED, REFUSED]


def test_ten_guesses_in_two_logs_are_ten() -> None:
    once = Once(1)
    mine = [replace(REFUSED, call_id="", time_ns=T + n) for n in range(10)]
    theirs = [replace(event, origin="kamailio.log", kind=kinds.NO_ACCOUNT) for event in mine]
    assert told(once, *mine[:5], *theirs, *mine[5:]) == [*mine[:5], *theirs[5:]]


@pytest.mark.parametrize("other", [
    replace(REFUSED, account="101"), replace(REFUSED, call_id="other"), replace(REFUSED, port=9),
    replace(REFUSED, kind=kinds.ACCEPTED), replace(REFUSED, kind=kinds.CHALLENGED),
    replace(REFUSED, source="203.0.113.9"), replace(REFUSED, time_ns=T - 3 * S),
    replace(REFUSED, count=3), replace(REFUSED, method="INVITE"),
])  # fmt: skip
def test_logs_that_differ_mean_two_requests(other: Event) -> None:
    second = replace(other, origin="asterisk.ami")
    assert told(Once(1), REFUSED, second) == [REFUSED, second]


def test_another_log_may_tell_when_the_first_has_counted_already() -> None:
    once = Once(1)
    assert told(once, REFUSED) == [REFUSED]
    other = replace(REFUSED, origin="asterisk.ami")
    assert told(once, other, now_ns=T + 9 * S) == []
    assert told(once, replace(other, origin="third"), now_ns=T + 30 * S) != []


# -- floods --------------------------------------------------------------------------------


def test_a_flood_of_answers_hides_no_other_source() -> None:
    """It fills the notes of its second, and no event of somebody else is taken for one of it."""
    once = Once(1)
    octets = once._notes.nbytes
    for n in range(40):
        flood = ((f"198.18.{n}.{m % 256}", 1024 + m, "REGISTER") for m in range(1000))
        see(once, *flood, time_ns=T + n)
    assert once._notes.nbytes == octets
    assert (once._notes[T // S % 16] > 0).mean() > 0.7
    others = [replace(REFUSED, source=f"203.0.113.{n}", port=n) for n in range(250)]
    assert told(once, *others) == others


def test_places_do_not_show_without_the_seed() -> None:
    """Whoever floods cannot choose the addresses whose notes fall together with another's."""
    places = set()
    for seed in range(50):
        once = Once(seed)
        see(once, (EVE, 5062, "REGISTER"))
        places.add(tuple(once._notes[T // S % 16].nonzero()[0].tolist()))
    assert len(places) == 50


def test_a_flood_of_events_waits_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TOLD", 100)
    once = Once(1)
    events = [replace(REFUSED, account=str(n)) for n in range(MAX_HELD + 10)]
    assert told(once, *events) == events[:MAX_HELD]
    assert once.figures.too_many == 10
    assert len(once._told) == len(once._by_name) == 100


def test_what_is_over_is_forgotten() -> None:
    once = Once(1)
    told(once, *(replace(REFUSED, account=str(n)) for n in range(50)))
    once.take([], T + 60 * S)
    assert not once._told
    assert not once._by_name


def test_an_event_of_no_address_is_left_to_who_tells_it() -> None:
    odd = replace(REFUSED, source="pbx.example")
    assert told(Once(1), odd) == [odd]


requests = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 3), st.booleans(), st.booleans()), max_size=30
)


@given(requests, st.randoms(use_true_random=False))
def test_each_request_counts_once_in_whatever_order_it_is_told(
    made: list[tuple[int, int, bool, bool]], order: Random
) -> None:
    """Each by a packet, by a log, or by both, shuffled within the moment."""
    once, alone = Once(7), list[Event]()
    steps: list[Callable[[], None]] = []
    packets = {(f"203.0.113.{n}", 5060 + port) for n, port, packet, _ in made if packet}
    for number, (n, port, packet, log) in enumerate(made):
        address = f"203.0.113.{n}", 5060 + port
        event = replace(REFUSED, source=address[0], port=address[1], call_id=str(number))
        if packet:
            steps.append(partial(see, once, (*address, "REGISTER")))
        if log or not packet:
            steps.append(partial(once.take, [event], T))
            if address not in packets:
                alone.append(event)
    order.shuffle(steps)
    for step in steps:
        step()
    found = once.due(T + S)
    assert sorted(e.call_id for e in found) == sorted(e.call_id for e in alone)
