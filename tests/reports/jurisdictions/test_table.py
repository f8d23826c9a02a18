"""Tables of facts: rows of the width that is said, comments left out."""

from __future__ import annotations

import pytest

from ringfence.reports.jurisdictions.table import read_table


@pytest.mark.parametrize(("name", "columns", "rows"), [
    ("field_offices.tsv", 5, 56),
    ("coverage.tsv", 5, 74),
    ("desks.tsv", 9, 62),
])  # fmt: skip
def test_every_row_is_whole(name: str, columns: int, rows: int) -> None:
    assert len(read_table(name, columns)) == rows


def test_a_row_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match=r"desks\.tsv"):
        read_table("desks.tsv", 8)
