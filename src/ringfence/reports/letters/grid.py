"""Tables in letters: columns padded with blanks, for a font of one width."""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.model.text import shown
from ringfence.reports.lanes import cut
from ringfence.reports.letters.text import WIDTH

_GAP = 2


def grid(
    head: Sequence[str], rows: Sequence[Sequence[str]], most: Sequence[int], right: int = 0
) -> list[str]:
    """Lines of a table: head, rule, rows; cells are cut at `most`, the last `right` lean right."""
    cells = [[cut(shown(cell), width) for cell, width in zip(row, most, strict=True)]
             for row in (head, *rows)]  # fmt: skip
    widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
    lines = [_line(row, widths, right) for row in cells]
    rule = "-" * min(WIDTH, sum(widths) + _GAP * (len(widths) - 1))
    return [lines[0], rule, *lines[1:]]


def _line(row: Sequence[str], widths: Sequence[int], right: int) -> str:
    first_right = len(row) - right
    padded = [
        cell.rjust(width) if n >= first_right else cell.ljust(width)
        for n, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return (" " * _GAP).join(padded).rstrip()
