"""Lines of a list: what fits, what is cut, what is escaped."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ringfence.cli.listing import Listing
from ringfence.model.message_line import MessageLine

NEW_YEAR_NS = 1_767_225_600_123_000_000
REQUEST = MessageLine(
    0, 1, NEW_YEAR_NS, "203.0.113.7", 5071, "192.0.2.10", 5060, "REGISTER", 0, "240", "240",
    "a1b2c3d4e5f6@203.0.113.7", "friendly-scanner",
)  # fmt: skip
RESPONSE = replace(
    REQUEST, source="192.0.2.10", destination="203.0.113.7", status=401, claimed_user_agent="PBX"
)
COLOUR = re.compile(r"\x1b\[\d+m")


def test_narrow_terminal() -> None:
    listing = Listing(80)
    assert listing.lines(REQUEST) == [
        "2026-01-01 (UTC)",
        "00:00:00.123 203.0.113.7    → 192.0.2.10     REGISTER     240        a1b2c3d4",
    ]
    assert listing.lines(RESPONSE) == [
        "00:00:00.123 192.0.2.10     → 203.0.113.7    401 REGISTER 240        a1b2c3d4",
    ]


def test_wide_terminal() -> None:
    listing = Listing(130)
    assert listing.lines(replace(REQUEST, to_user="100"))[1] == (
        "00:00:00.123  203.0.113.7:5071     → 192.0.2.10:5060       REGISTER      240 → 100"
        "   a1b2c3d4e5f6  friendly-scanner"
    )


def test_no_terminal_nothing_cut() -> None:
    listing = Listing(None)
    long = replace(REQUEST, call_id="x" * 300, claimed_user_agent="y" * 300)
    (line,) = listing.lines(long)
    assert line.startswith("2026-01-01T00:00:00.123000Z  203.0.113.7:5071 ")
    assert line.endswith(f"240 → 240   {'x' * 300}  {'y' * 300}")


def test_a_new_day_is_told_once() -> None:
    listing = Listing(80)
    tomorrow = replace(REQUEST, time_ns=NEW_YEAR_NS + 86_400_000_000_000)
    counts = [len(listing.lines(message)) for message in (REQUEST, REQUEST, tomorrow, tomorrow)]
    assert counts == [2, 1, 2, 1]


def test_lines_stand_below_each_other_after_a_long_address() -> None:
    listing = Listing(120)
    long = replace(REQUEST, source="2001:db8:1111:2222:3333:4444:5555:6666")
    (_, first), (second,) = listing.lines(long), listing.lines(REQUEST)
    assert first.index("→") == second.index("→")


def test_narrow_terminal_shortens_ipv6_in_its_middle() -> None:
    (_, line) = Listing(80).lines(replace(REQUEST, source="2001:db8:1111:2222:3333:4444:5555:6666"))
    assert " 2001:db…55:6666 → " in line


def test_colour_tells_the_kind_and_moves_nothing() -> None:
    plain, coloured = Listing(100), Listing(100, colour=True)
    for message in (REQUEST, RESPONSE):
        line = coloured.lines(message)[-1]
        assert COLOUR.sub("", line) == plain.lines(message)[-1]
    assert "\x1b[33m401 REGISTER\x1b[0m" in line


def test_no_user_and_no_time() -> None:
    (line,) = Listing(None).lines(replace(REQUEST, time_ns=0, from_user="", to_user=""))
    assert line.startswith("unknown time")
    assert " - → - " in line


def test_whole_text_is_escaped_line_by_line() -> None:
    message = replace(REQUEST, text=b"REGISTER sip:a SIP/2.0\r\nFrom: \x1b[2J\xff\r\n\r\n")
    assert Listing(80).lines(message)[2:] == [
        "    REGISTER sip:a SIP/2.0",
        r"    From: \x1b[2J\xff",
        "    ",
        "",
    ]


hostile = st.text(st.characters(codec="utf-8"), max_size=60)


@given(
    st.integers(40, 200),
    hostile,
    hostile,
    hostile,
    hostile,
    hostile,
    st.integers(0, 999),
    st.booleans(),
)
def test_no_text_leaves_its_line(
    width: int,
    method: str,
    sender: str,
    to: str,
    call_id: str,
    agent: str,
    status: int,
    colour: bool,
) -> None:
    message = replace(
        REQUEST, method=method, from_user=sender, to_user=to, call_id=call_id,
        claimed_user_agent=agent, status=status,
    )  # fmt: skip
    for line in Listing(width, colour=colour).lines(message):
        bare = COLOUR.sub("", line)
        assert bare.isprintable()
        assert cell_len(bare) <= width


@pytest.mark.parametrize("arrow", [">", "→"])
def test_arrow_is_that_of_the_terminal(arrow: str) -> None:
    assert f" {arrow} 192.0.2.10" in Listing(None, arrow=arrow).lines(REQUEST)[0]
