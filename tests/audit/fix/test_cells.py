"""Cells of a CSV changed where they stand: every other octet stays as it was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.audit.fix.cells import Edit, changed
from ringfence.model.new_secret import FixError

TEXT = 'Number,AuthPassword,Note\r\n201,old201,"a, ""b"""\r\n202,"old202",x\r\n'


def edit(
    line: int = 2, old: str = "old201", new: str = "new1", column: str = "AuthPassword"
) -> Edit:
    return Edit(line, column, old, new)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_in_each_encoding_only_the_cell_changes(encoding: str) -> None:
    text = TEXT.replace("x\r\n", "Zoë\x81\r\n" if encoding == "latin-1" else "Zoë\r\n")
    found, left = changed(text.encode(encoding), [edit()], "s")
    assert not left
    assert found == text.replace("old201", "new1").encode(encoding)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_line_ends_and_delimiters_stay(ends: str, delimiter: str) -> None:
    text = ends.join(["Number,AuthPassword,Note", "201,old201,", '202,"old202",x', ""])
    text = text.replace(",", delimiter)
    found, left = changed(text.encode(), [edit(), edit(3, "old202", "new2")], "s")
    assert not left
    assert found.decode() == text.replace("old201", "new1").replace("old202", "new2")


def test_a_record_over_several_lines_is_found_by_its_first() -> None:
    text = 'N,Set,P\n201,"one\ntwo",old\n202,,old\n'
    found, left = changed(text.encode(), [edit(2, "old", "new", "P")], "s")
    assert not left
    assert found.decode() == 'N,Set,P\n201,"one\ntwo",new\n202,,old\n'


def test_what_a_spreadsheet_marked_as_text_stays_marked() -> None:
    text = 'N,PIN\n201,="0042"\n202,"=""0043"""\n'
    edits = [edit(2, "0042", "10000001", "PIN"), edit(3, "0043", "10000002", "PIN")]
    found, left = changed(text.encode(), edits, "s")
    assert not left
    assert found.decode() == 'N,PIN\n201,="10000001"\n202,"=""10000002"""\n'


def test_excel_says_its_delimiter_first() -> None:
    text = "sep=;\nN;P\n201;old\n"
    assert changed(text.encode(), [edit(3, "old", "new", "P")], "s")[0] == b"sep=;\nN;P\n201;new\n"


@pytest.mark.parametrize("wrong", [
    edit(2, old="another"), edit(3), edit(9), edit(0), edit(column="PIN"),
])  # fmt: skip
def test_what_is_not_as_it_was_audited_is_left_and_said(wrong: Edit) -> None:
    found, left = changed(TEXT.encode(), [wrong], "s")
    assert found == TEXT.encode()
    assert [number for number, _ in left] == [0]
    assert "old20" not in left[0][1]


def test_a_value_with_the_delimiter_is_quoted() -> None:
    assert b'201,"a,b",' in changed(TEXT.encode(), [edit(new="a,b")], "s")[0]


def test_an_odd_number_of_octets_is_no_text_and_the_error_holds_none_of_it() -> None:
    with pytest.raises(FixError) as caught:
        changed("Number,P\n201,old".encode("utf-16") + b"\0", [edit()], "s")
    assert "old" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_quote_that_nobody_closed_ends_with_the_file() -> None:
    found, left = changed(b'N,P\n201,"old\n', [edit(2, "old", "new", "P")], "s")
    assert len(left) <= 1
    assert found.startswith(b"N,P\n201,")


@given(st.binary(max_size=200), st.integers(-2, 6))
def test_octets_of_any_kind_come_back_or_are_refused(content: bytes, line: int) -> None:
    try:
        found, left = changed(content, [Edit(line, "no such column", "x", "y")], "s")
    except FixError:
        return
    assert found == content
    assert len(left) == 1
