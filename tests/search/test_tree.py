"""Trees are values."""

from __future__ import annotations

from ringfence.search.tree import And, Comparison, Not, Or, Present, Value


def test_equal_parts_make_equal_trees() -> None:
    def tree() -> Or:
        return Or((And((Present("a"), Not(Present("b")))), Comparison("c", "==", (Value("1"),))))

    assert tree() == tree()
    assert len({tree(), tree()}) == 1
