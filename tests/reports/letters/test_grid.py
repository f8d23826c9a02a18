"""Tables of letters: aligned whatever stands in them."""

from __future__ import annotations

from ringfence.reports.letters.grid import grid


def test_columns_are_aligned() -> None:
    assert grid(("Who", "Calls"), [("240", "3"), ("3001", "12")], (9, 5), right=1) == [
        "Who   Calls",
        "-----------",
        "240       3",
        "3001     12",
    ]


def test_a_long_cell_is_cut_and_a_line_end_in_it_is_shown() -> None:
    lines = grid(("Who", "What"), [("x" * 99, "a\nb")], (8, 9))
    assert len(lines) == 3
    assert all(len(line) <= 19 for line in lines)
    assert "a\\x0ab" in lines[2]
