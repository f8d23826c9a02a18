"""Sources that look alike and were never let in; one that was let in speaks for all."""

from __future__ import annotations

import pytest

from ringfence.detect import _fields as f
from ringfence.detect.crowds import MAX_MEMBERS, MIN_SOURCES, NO_CROWD, find_crowds

SECOND = 1_000_000_000
SCANNER, PHONE = (0xAA, 0x01), (0xBB, 0x02)


def row(fingerprint: tuple[int, int] = SCANNER, **fields: int) -> list[int]:
    """One source's numbers: two messages within its first second."""
    agent, order = fingerprint
    numbers = [0] * f.ROW_WIDTH
    given = {"messages": 2, "first": SECOND, "last": 2 * SECOND, "agent": agent, "order": order}
    for name, value in (given | fields).items():
        numbers[getattr(f, name.upper())] = value
    return numbers


def flat(rows: list[list[int]]) -> list[int]:
    return [number for numbers in rows for number in numbers]


@pytest.mark.parametrize(("sources", "found"), [(MIN_SOURCES - 1, 1), (MIN_SOURCES, MIN_SOURCES)])
def test_five_look_alikes_are_a_crowd(sources: int, found: int) -> None:
    crowds = find_crowds(flat([row()] * sources), sources)
    assert crowds.of(*SCANNER).sources == found
    assert len(crowds.members) == (found if found > 1 else 0)


@pytest.mark.parametrize("success", ["credentials", "succeeded"])
@pytest.mark.parametrize("place", [0, 3, 20])
def test_one_that_was_let_in_dissolves_the_crowd(success: str, place: int) -> None:
    rows = [row() for _ in range(20)]
    rows.insert(place, row(SCANNER, **{success: 1}))
    crowds = find_crowds(flat(rows), len(rows))
    assert crowds.of(*SCANNER) == NO_CROWD
    assert crowds.members == frozenset()


def test_user_of_another_make_dissolves_nothing() -> None:
    rows = [row() for _ in range(6)] + [row(PHONE, credentials=4, succeeded=4)]
    assert find_crowds(flat(rows), len(rows)).members == frozenset(range(6))


@pytest.mark.parametrize(
    ("one", "other"),
    [((0xAA, 1), (0xAB, 1)), ((0xAA, 1), (0xAA, 2))],
    ids=["agent differs", "order of headers differs"],
)
def test_look_alikes_agree_in_agent_and_order(one: tuple[int, int], other: tuple[int, int]) -> None:
    rows = [row(one) for _ in range(4)] + [row(other) for _ in range(4)]
    assert find_crowds(flat(rows), len(rows)).members == frozenset()


@pytest.mark.parametrize(
    "bystander", [{"messages": 0}, {"served": 1}], ids=["sent nothing", "was asked: a server"]
)
def test_bystander_is_no_member(bystander: dict[str, int]) -> None:
    rows = [row() for _ in range(4)] + [row(SCANNER, **bystander)]
    assert find_crowds(flat(rows), len(rows)).members == frozenset()


def test_rate_is_of_all_together() -> None:
    rows = [row(first=n * SECOND, last=(n + 1) * SECOND, messages=3) for n in range(1, 11)]
    assert find_crowds(flat(rows), 10).of(*SCANNER).rate == pytest.approx(30 / 10)


def test_burst_shorter_than_a_second_counts_as_one() -> None:
    rows = [row(first=SECOND, last=SECOND + 1) for _ in range(60)]
    assert find_crowds(flat(rows), 60).of(*SCANNER).rate == 120.0


def test_clock_of_the_earliest_member_counts_whoever_stands_first() -> None:
    rows = [row(first=100 * SECOND, last=101 * SECOND) for _ in range(5)]
    rows.append(row(first=SECOND, last=2 * SECOND))
    assert find_crowds(flat(rows), 6).of(*SCANNER).rate == pytest.approx(12 / 100)


def test_members_are_bounded_and_the_rest_counted() -> None:
    n = MAX_MEMBERS + 500
    crowds = find_crowds(flat([row()] * n), n)
    assert len(crowds.members) == MAX_MEMBERS
    assert len(crowds.beyond) == 500
    assert crowds.of(*SCANNER).sources == n


def test_bound_is_of_all_crowds_together() -> None:
    rows = [row((n % 7, 1)) for n in range(2 * MAX_MEMBERS)]
    crowds = find_crowds(flat(rows), len(rows))
    assert len(crowds.by_fingerprint) == 7
    assert len(crowds.members) + len(crowds.beyond) == len(rows)
    assert len(crowds.members) == MAX_MEMBERS


def test_rows_beyond_the_last_source_are_not_read() -> None:
    assert find_crowds(flat([row()] * 10), 4).members == frozenset()


def test_nobody_is_no_crowd() -> None:
    crowds = find_crowds([], 0)
    assert (crowds.members, crowds.beyond) == (frozenset(), frozenset())
    assert crowds.of(*SCANNER) == NO_CROWD
