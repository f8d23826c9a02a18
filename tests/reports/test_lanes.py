"""Lifelines and words of a ladder."""

from __future__ import annotations

import pytest

from ringfence.reports.lanes import OTHERS, cut, label, lanes_of, marks, offset, pause, summary
from tests.reports.scene import ATTACKER, CALL, FIRST, PBX, TRUNK, after, back

SECOND = 1_000_000_000


def test_addresses_stand_in_order_of_appearance() -> None:
    lanes = lanes_of(CALL.events, 9)
    assert [lane.name for lane in lanes.lanes] == [ATTACKER, PBX, TRUNK]
    assert lanes.ends(CALL.events[0]) == (0, 1)
    assert lanes.ends(CALL.events[6]) == (2, 1)


def test_scanner_changes_port_each_call() -> None:
    lanes = lanes_of((FIRST, after(1, source_port=5072), after(2, source_port=5073)), 9)
    assert [(lane.name, lane.ports) for lane in lanes.lanes] == [
        (ATTACKER, "3 ports"),
        (PBX, "port 5060"),
    ]


def test_ports_tell_apart_what_shares_an_address() -> None:
    lanes = lanes_of((after(0, destination=ATTACKER),), 9)
    assert [lane.name for lane in lanes.lanes] == ["203.0.113.7:5071", "203.0.113.7:5060"]


def test_too_many_addresses_share_the_last_lifeline() -> None:
    events = tuple(after(n, source=f"203.0.113.{n}") for n in range(1, 40))
    lanes = lanes_of(events, 4)
    assert [lane.name for lane in lanes.lanes] == ["203.0.113.1", PBX, "203.0.113.2", OTHERS]
    assert lanes.lanes[3].ports == "37 addresses"
    assert lanes.ends(events[30]) == (3, 1)


@pytest.mark.parametrize(("event", "text"), [
    (FIRST, "INVITE 900442079460706"),
    (after(0, method="REGISTER", user=""), "REGISTER"),
    (back(0, 401, "Unauthorized"), "401 Unauthorized (INVITE)"),
    (back(0, 200, "", method=""), "200"),
    (back(0, 200, "OK\x1b[2J"), r"200 OK\x1b[2J (INVITE)"),
    (after(0, method="\u202eETIVNI", user="1"), r"\u202eETIVNI 1"),
    (back(0, 999, "x" * 500), f"999 {'x' * 25}… (INVITE)"),
])  # fmt: skip
def test_label(event: object, text: str) -> None:
    assert label(event) == text  # type: ignore[arg-type]


@pytest.mark.parametrize(("changes", "expected"), [
    ({}, ()),
    ({"repeats": True}, ("again",)),
    ({"credentials": "240"}, ("credentials 240",)),
    ({"credentials": ""}, ("credentials",)),
    ({"challenges": True}, ("challenge",)),
    ({"sdp_address": ATTACKER, "sdp_port": 4000}, ("SDP port 4000",)),
    ({"sdp_address": TRUNK, "sdp_port": 4000}, ("SDP 198.51.100.20:4000",)),
    ({"sdp_address": "2001:db8::1", "sdp_port": 4000}, ("SDP [2001:db8::1]:4000",)),
    ({"sdp_address": TRUNK}, ("SDP 198.51.100.20 no port",)),
    ({"repeats": True, "credentials": "a\x07"}, ("again", r"credentials a\x07")),
])  # fmt: skip
def test_marks(changes: dict[str, object], expected: tuple[str, ...]) -> None:
    assert marks(after(0, **changes)) == expected


@pytest.mark.parametrize(("seconds", "text"), [
    (0, "+0.000"),
    (0.0004, "+0.000"),
    (999.999, "+999.999"),
    (1000, "+0:16:40"),
    (86_399, "+23:59:59"),
    (90_000, "+1d 01:00"),
    (-5, "+0.000"),
])  # fmt: skip
def test_offset(seconds: float, text: str) -> None:
    assert offset(100 * SECOND + round(seconds * SECOND), 100 * SECOND) == text


@pytest.mark.parametrize(("seconds", "text"), [
    (19, ""),
    (20, "20 s later"),
    (60, "1 min later"),
    (192, "3 min 12 s later"),
    (7260, "2 h 1 min later"),
    (180_000, "2 d 2 h later"),
    (-100, ""),
])  # fmt: skip
def test_pause(seconds: int, text: str) -> None:
    assert pause(0, seconds * SECOND) == text


def test_summary_says_what_is_missing() -> None:
    assert summary((FIRST,), 0) == "1 message"
    assert summary((FIRST, FIRST), 1234) == "2 messages, and 1,234 more that are not shown"


def test_cut() -> None:
    assert (cut("abc", 3), cut("abcd", 3)) == ("abc", "ab…")
