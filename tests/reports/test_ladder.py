"""The text ladder, compared with one that was looked at; and that nothing breaks its frame."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from ringfence.model.exchange import Event, Exchange
from ringfence.model.ladder import TONES
from ringfence.reports.ladder import MIN_WIDTH, draw_text
from tests.reports.scene import CALL, FIRST, after, back

# fmt: off
WIDE = """\
Call-ID x@203.0.113.7
10 messages, and 3 more that are not shown, from 2026-01-01T00:00:00.000000Z

           203.0.113.7                          192.0.2.10                         198.51.100.20
           port 5071                             port 5060                             port 5060
           │                                         │                                         │
           │ INVITE 900442079460706 · SDP port 4000  │                                         │
   +0.000  │────────────────────────────────────────▶│                                         │
           │ 401 Unauthorized (INVITE) · challenge   │                                         │
   +0.010  │◀────────────────────────────────────────│                                         │
   +0.020  │─── ACK 900442079460706 ────────────────▶│                                         │
           │ INVITE 900442079460706 · credentials 240│                                         │
   +0.050  │────────────────────────────────────────▶│                                         │
           │ INVITE 900442079460706 · again · credentials 240                                  │
   +0.550  │╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌▶│                                         │
           │                                         │ INVITE 900442079460706 · SDP port 15000 │
   +0.560  │                                         │────────────────────────────────────────▶│
   +0.900  │                                         │◀── 183 Session Progress (INVITE) ───────│
           │ 200 OK (INVITE) · SDP 198.51.100.99:20000                                         │
   +1.500  │◀────────────────────────────────────────│                                         │
           ┊  1 min 33 s later                       ┊                                         ┊
  +95.250  │─── BYE 900442079460706 ────────────────▶│                                         │
           │ 481 Call/Transaction Does Not… (BYE)    │                                         │
  +95.260  │◀────────────────────────────────────────│                                         │
"""
NARROW = """\
Call-ID x@203.0.113.7
10 messages, and 3 more that are not shown
from 2026-01-01T00:00:00.000000Z

           203.0.113.7          192.0.2.10         198.51.100.20
           port 5071             port 5060             port 5060
           |                         |                         |
           | INVITE 900442079460706, SDP port 4000             |
   +0.000  |------------------------>|                         |
           | 401 Unauthorized (INVITE), challenge              |
   +0.010  |<------------------------|                         |
           | ACK 900442079460706     |                         |
   +0.020  |------------------------>|                         |
           | INVITE 900442079460706, credentials 240           |
   +0.050  |------------------------>|                         |
           | INVITE 900442079460706, again, credentials 240    |
   +0.550  |........................>|                         |
           |              INVITE 900442079460706, SDP port 15000
   +0.560  |                         |------------------------>|
           |                       183 Session Progress (INVITE)
   +0.900  |                         |<------------------------|
           | 200 OK (INVITE), SDP 198.51.100.99:20000          |
   +1.500  |<------------------------|                         |
           :  1 min 33 s later       :                         :
           | BYE 900442079460706     |                         |
  +95.250  |------------------------>|                         |
           | 481 Call/Transaction Does Not~ (BYE)              |
  +95.260  |<------------------------|                         |
"""
# fmt: on


def text(exchange: Exchange, width: int, *, ascii_only: bool = False) -> str:
    return "\n".join(line.text for line in draw_text(exchange, width, ascii_only=ascii_only)) + "\n"


def test_wide() -> None:
    assert text(CALL, 96) == WIDE


def test_narrow_and_ascii() -> None:
    assert text(CALL, 64, ascii_only=True) == NARROW


def test_tones_cover_the_label() -> None:
    lines = draw_text(CALL, 96)
    toned = {line.text[line.start : line.end].strip(): line.tone for line in lines if line.end}
    assert toned["ACK 900442079460706"] == "request"
    assert toned["401 Unauthorized (INVITE) · challenge"] == "challenge"
    assert {line.tone for line in lines} <= set(TONES)


def test_long_addresses_become_letters() -> None:
    addresses = [f"2001:db8:1111:2222:3333:4444:5555:{n}666" for n in range(1, 4)]
    events = tuple(after(0, source=addresses[n], destination=addresses[n + 1]) for n in range(2))
    drawn = text(Exchange("x", events), 80)
    assert f"A = {addresses[0]}, port 5071\n" in drawn
    assert f"C = {addresses[2]}, port 5060\n" in drawn


def test_address_talks_to_itself() -> None:
    event = after(0, source_port=5060, destination=FIRST.source)
    assert "│ ↺ INVITE 900442079460706" in text(Exchange("x", (event,)), 80)


def test_nobody_says_anything() -> None:
    assert "0 messages" in text(Exchange("x", ()), 80)


def test_many_addresses_are_named_where_they_speak() -> None:
    events = tuple(after(n, source=f"203.0.113.{n}") for n in range(1, 20))
    drawn = text(Exchange("192.0.2.10", events), 80)
    assert "16 addresses" in drawn
    assert "203.0.113.19:5071" in drawn


hostile = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    ["\x1b[2J", "a\u0301" * 30, "漢字" * 20, "\u202e", "\n" * 5, "x" * 300, ""]
)
addresses = st.sampled_from(
    [
        "203.0.113.7",
        "192.0.2.10",
        "2001:db8::1",
        "198.51.100.20",
        *(f"203.0.113.{n}" for n in range(20, 40)),
    ]
)
ports = st.integers(1, 65535)
events = st.builds(
    after,
    st.floats(0, 10**6),
    source=addresses,
    source_port=ports,
    destination=addresses,
    destination_port=ports,
    method=hostile,
    status=st.sampled_from([0, 100, 200, 302, 401, 407, 486, 503, 999]),
    reason=hostile,
    user=hostile,
    credentials=st.none() | hostile,
    repeats=st.booleans(),
    sdp_address=hostile,
    sdp_port=st.sampled_from([0, 4000]),
)


@settings(max_examples=300)
@given(st.lists(events, max_size=8), st.integers(20, 160), hostile, st.booleans())
def test_no_text_leaves_the_sheet(
    found: list[Event], width: int, of: str, ascii_only: bool
) -> None:
    for line in draw_text(Exchange(of, tuple(found)), width, ascii_only=ascii_only):
        assert cell_len(line.text) <= max(width, MIN_WIDTH)
        assert "\n" not in line.text
        assert "\x1b" not in line.text
        assert 0 <= line.start <= line.end <= len(line.text)
        assert line.text.isascii() or not ascii_only


@pytest.mark.parametrize("width", [48, 80, 200])
def test_lifelines_stay_in_their_columns(width: int) -> None:
    exchange = Exchange("x", (FIRST, back(1, 200, "OK"), back(2, 180, "漢字 a\u0301")))
    *_, foot, _first, _second, third = draw_text(exchange, width)
    ends = [foot.text.index("│"), foot.text.rindex("│")]
    assert [third.text.index("│"), cell_len(third.text) - 1] == ends
