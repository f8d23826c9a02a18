from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.cli.fit import MAX_NAME, brief, fitting, listed

NAMES = st.lists(st.text("0123456789abcdef:.", min_size=1, max_size=MAX_NAME), min_size=1)


@pytest.mark.parametrize(
    ("width", "line"),
    [(80, "aaa; bbb; cc"), (12, "aaa; bbb; cc"), (11, "aaa; bbb"), (4, "aaa"), (1, "aaa")],
)
def test_the_first_parts_that_fit(width: int, line: str) -> None:
    assert fitting(["aaa", "bbb", "cc"], width) == line


def test_no_parts_are_no_line() -> None:
    assert fitting([], 80) == ""


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (80, "192.0.2.1, 192.0.2.2, 192.0.2.3"),
        (31, "192.0.2.1, 192.0.2.2, 192.0.2.3"),
        (30, "192.0.2.1 and 2 more"),
        (5, "192.0.2.1 and 2 more"),
    ],
)
def test_names_that_do_not_fit_are_counted(width: int, line: str) -> None:
    assert listed(["192.0.2.1", "192.0.2.2", "192.0.2.3"], width) == line


def test_one_name_is_not_counted() -> None:
    assert listed(["240"], 1) == "240"


@given(NAMES, st.integers(1, 200))
def test_no_name_gets_lost(names: list[str], width: int) -> None:
    line = listed(names, width)
    head, _, rest = line.partition(" and ")
    assert len(head.split(", ")) + int(rest.removesuffix(" more") or 0) == len(names)
    assert len(line) <= width or len(head.split(", ")) == 1
    assert len(line) <= max(width, 30)


def test_a_million_names_take_no_time() -> None:
    names = ["203.0.113.66"] * 1_000_000
    assert listed(names, 60).endswith("and 999,997 more")


def test_the_longest_address_is_a_name_that_fits() -> None:
    address = "2001:0db8:ffff:ffff:ffff:ffff:ffff:ffff"
    assert brief(address) == address


def test_a_name_of_any_length_is_cut() -> None:
    assert brief("a" * 5000) == "a" * (MAX_NAME - 1) + "…"


def test_a_long_name_leaves_room_for_the_rest() -> None:
    assert listed(["a" * 300] * 7, 30) == "a" * 18 + "… and 6 more"
