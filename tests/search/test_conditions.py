"""Conditions on columns say what asking row by row would say, however they are joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ringfence.search.choose import compile_tree
from ringfence.search.conditions import MAX_REMEMBERED, All, AnyOf, Everything, Inverse, TextLike
from ringfence.search.where import parse_where
from tests.search.scene import rows_of

if TYPE_CHECKING:
    from ringfence.search.rows import Answers, Numbers, Rows

ATOMS = (
    "method == INVITE", "method ~ P*", "status == 4xx", "status", "expires < 100", "auth",
    "source == 203.0.113.0/24", "address == 2001:db8::7", "user == 240", "user ~ 24*",
    "user_agent ~ scan", "call_id == ping-1", "anomaly == BARE_LF", "packet >= 4", "sdp_port",
    "anomaly == NO_TAG", "auth_qop == auth", "time > 2026-01-01T00:00:00.5",
)  # fmt: skip
Shape = int | tuple[str, list["Shape"]]
shapes: st.SearchStrategy[Shape] = st.recursive(
    st.integers(0, len(ATOMS) - 1),
    lambda parts: st.one_of(
        st.tuples(st.just("not"), st.lists(parts, min_size=1, max_size=1)),
        st.tuples(st.sampled_from(["and", "or"]), st.lists(parts, min_size=2, max_size=3)),
    ),
    max_leaves=6,
)


def written(shape: Shape) -> str:
    if isinstance(shape, int):
        return ATOMS[shape]
    word, parts = shape
    if word == "not":
        return f"not ({written(parts[0])})"
    return f" {word} ".join(f"({written(part)})" for part in parts)


def slowly(shape: Shape, alone: dict[int, list[bool]], row: int) -> bool:
    """The answer for one row, from what each atom says of it alone."""
    if isinstance(shape, int):
        return alone[shape][row]
    word, parts = shape
    answers = [slowly(part, alone, row) for part in parts]
    return not answers[0] if word == "not" else {"and": all, "or": any}[word](answers)


def one_by_one(text: str) -> list[bool]:
    """An atom asked of a fresh table, one row at a time."""
    with rows_of() as rows:
        condition = compile_tree(parse_where(text), text)
        return [bool(condition.holds(rows, rows.one(row))[0]) for row in range(len(rows))]


ALONE = {n: one_by_one(atom) for n, atom in enumerate(ATOMS)}


@given(shapes)
def test_whole_tables_and_single_rows_agree(shape: Shape) -> None:
    text = written(shape)
    with rows_of() as rows:
        answers = compile_tree(parse_where(text), text).holds(rows, rows.all()).tolist()
        assert answers == [slowly(shape, ALONE, row) for row in range(len(rows))]


class Spy:
    """A condition that notes which rows it was asked about."""

    def __init__(self, cost: int, answers: list[bool]) -> None:
        self.cost = cost
        self.asked: list[int] = []
        self._answers = np.array(answers)

    def holds(self, table: Rows, rows: Numbers) -> Answers:
        del table
        self.asked += rows.tolist()
        answers: Answers = self._answers[rows]
        return answers


def test_dear_parts_are_asked_last_and_only_of_rows_still_open() -> None:
    cheap = Spy(1, [True, False, True, False, False, False, False])
    dear = Spy(100, [False] * 7)
    with rows_of() as rows:
        All((dear, cheap)).holds(rows, rows.all())
        assert dear.asked == [0, 2]
        dear.asked.clear()
        AnyOf((dear, cheap)).holds(rows, rows.all())
        assert dear.asked == [1, 3, 4, 5, 6]


def test_nothing_left_nothing_asked() -> None:
    never, dear = Spy(1, [False] * 7), Spy(100, [True] * 7)
    with rows_of() as rows:
        All((dear, never)).holds(rows, rows.all())
        AnyOf((dear, Inverse(never))).holds(rows, rows.all())
    assert dear.asked == []


def test_everything_holds() -> None:
    with rows_of() as rows:
        assert Everything().holds(rows, rows.all()).all()


def test_a_text_is_judged_once() -> None:
    judged: list[bytes] = []

    def judge(text: bytes) -> bool:
        judged.append(text)
        return True

    with rows_of() as rows:
        condition = TextLike(("user_agent",), judge)
        condition.holds(rows, rows.all())
        condition.holds(rows, rows.all())
    assert judged == [b"friendly-scanner", b"Asterisk PBX"]


def test_invented_texts_do_not_pile_up() -> None:
    condition = TextLike(("user_agent",), lambda _: True)
    for start in range(0, 4 * MAX_REMEMBERED, 1000):
        condition._answers([str(n).encode() for n in range(start, start + 1000)])
        assert len(condition._known) <= MAX_REMEMBERED + 1000
    condition._answers([b"x" * 100_000])
    assert b"x" * 100_000 not in condition._known
