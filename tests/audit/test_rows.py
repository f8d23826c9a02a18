"""Tables of CSV: delimiters, quotes that nobody closed, bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from ringfence.audit import rows
from ringfence.model.auditing import AuditError


@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_the_delimiter_is_found(delimiter: str) -> None:
    found = rows.table(delimiter.join(("a", '"b,;"', "c")) + "\n" + delimiter.join("123"), "x")
    assert found.names == ("a", "b,;", "c")
    assert found.rows[0].values == ("1", "2", "3")


def test_a_spreadsheet_says_its_delimiter() -> None:
    found = rows.table("sep=;\na;b\n1,5;2\n", "x")
    assert [(row.line, row.values) for row in found.rows] == [(3, ("1,5", "2"))]


def test_an_open_quote_costs_its_row_only() -> None:
    found = rows.table('a,b\n1,2\n3,"x\n5,6\n"7","8"\n', "x")
    assert [row.values[0] for row in found.rows] == ["1", "5", "7"]
    assert found.troubles == (
        "x line 3: row 2 has a quote that is not closed: not read; close it, or export again",
    )


def test_a_field_of_several_lines_is_one() -> None:
    found = rows.table('a,b\n1,"<p>\n</p>"\n2,3\n', "x")
    assert [(row.line, row.values) for row in found.rows] == [
        (2, ("1", "<p>\n</p>")),
        (4, ("2", "3")),
    ]


def test_a_comma_too_many_moves_no_secret_under_another_name() -> None:
    found = rows.table("number,name,secret\n200,Lee, Ann,hidden7\n201,Bo,x\n", "x")
    assert [row.values for row in found.rows] == [("201", "Bo", "x")]
    assert "4 fields under 3 columns" in found.troubles[0]
    assert "hidden7" not in found.troubles[0]


def test_a_row_that_is_too_short_is_filled_up() -> None:
    assert rows.table("a,b,c\n1\n", "x").rows[0].values == ("1", "", "")


def test_a_field_that_is_too_long_is_left_out() -> None:
    found = rows.table(f"a,b\n1,{'z' * 5000}\n", "x")
    assert found.rows[0].values == ("1", "")
    assert "5,000 characters" in found.troubles[0]


def test_rows_end_at_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MAX_ROWS", 3)
    found = rows.table("a,b\n" + "1,2\n" * 9, "x")
    assert len(found.rows) == 3
    assert "only the first 3 rows" in found.troubles[0]


def test_zeros_that_a_spreadsheet_was_told_to_keep() -> None:
    assert rows.table('a,b\n1,"=""0042"""\n', "x").rows[0].values[1] == "0042"


def test_a_million_troubles_are_a_sentence_more() -> None:
    found = rows.table("a,b\n" + '1,"y\n' * (rows.MAX_TROUBLES + 50), "x")
    assert len(found.troubles) == rows.MAX_TROUBLES + 1
    assert found.troubles[-1] == "50 more troubles like these"


def test_nothing_has_no_columns() -> None:
    with pytest.raises(AuditError, match="names of columns"):
        rows.table("\n\n", "x")


def test_a_row_shows_no_values() -> None:
    assert "s3cret" not in repr(rows.table("a,b\n1,s3cret\n", "x"))


@given(st.text(alphabet='ab",;\n\t|= ', max_size=200))
@bounded(max_examples=200)
def test_any_text_is_a_table_or_one_error(text: str) -> None:
    try:
        found = rows.table(text, "x")
    except AuditError:
        return
    assert all(len(row.values) == len(found.names) for row in found.rows)
    lines = [row.line for row in found.rows]
    assert lines == sorted(lines)
