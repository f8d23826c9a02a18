"""Rows of the accused, found by whole columns."""

from __future__ import annotations

from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from ringfence.search.accused import Accused
from tests.search.scene import rows_of

addresses = st.lists(st.ip_addresses().map(str), max_size=30, unique=True)


def numbers(accused: Accused, side: str) -> list[int]:
    with rows_of() as rows:
        return [int(n) for n in accused.numbers(rows, side, rows.all())]


def test_who_sent_and_who_received() -> None:
    accused = Accused(["203.0.113.9", "2001:db8::7", "203.0.113.7"])
    assert numbers(accused, "source") == [2, -1, 2, 2, -1, 1, 0]
    assert numbers(accused, "destination") == [-1, 2, -1, -1, 2, -1, -1]


def test_nobody_is_accused() -> None:
    assert numbers(Accused([]), "source") == [-1] * 7


def test_half_an_address_is_another_one() -> None:
    """High word of the one, low word of the other: a neighbour in IPv6 is not accused."""
    accused = Accused(["2001:db8::1", "2001:db8:1::7"])
    assert numbers(accused, "source") == [-1] * 7


@given(addresses)
def test_the_scenes_addresses_among_any_others(others: list[str]) -> None:
    known = [a for a in others if ip_address(a) != ip_address("203.0.113.7")]
    accused = Accused([*known, "203.0.113.7"])
    assert [n == len(known) for n in numbers(accused, "source")] == [
        True, False, True, True, False, False, False,
    ]  # fmt: skip
