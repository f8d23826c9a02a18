"""Dumps of MySQL, PostgreSQL and SQLite, read and never run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from ringfence.audit import sql_dump


def _rows(text: str, name: str = "subscriber") -> list[tuple[str, ...]]:
    found, _ = sql_dump.tables(text, "x.sql")
    return [row.values for row in found[name].rows]


@pytest.mark.parametrize(("text", "rows"), [
    ("-- MySQL dump\nINSERT INTO `subscriber` (`a`,`b`) VALUES ('it\\'s','x\\\\y'),\n(NULL,'z;)');\n",  # noqa: E501
     [("it's", "x\\y"), ("", "z;)")]),
    ("INSERT INTO public.subscriber (a, b) VALUES ('it''s', E'a\\tb');\n", [("it's", "a\tb")]),
    ("INSERT INTO public.subscriber (a, b) VALUES ('back\\', now()::timestamp);\n",
     [("back\\", "now()")]),
    ('INSERT INTO "subscriber" ("a","b") VALUES(1,X\'4142\');\n', [("1", "AB")]),
    ("COPY public.subscriber (a, b) FROM stdin;\nx\\\\y\t\\N\n1\t2\n\\.\n", [("x\\y", ""), ("1", "2")]),  # noqa: E501
    (("CREATE TABLE subscriber (\n a int(10) DEFAULT '0',\n b varchar(64),\n PRIMARY KEY (a)\n);\n"
     "INSERT INTO subscriber VALUES (1,'two');\n"), [("1", "two")]),
    ("INSERT INTO subscriber (a,b) VALUES (1,2);\nINSERT INTO subscriber (b,a) VALUES (4,3);\n",
     [("1", "2"), ("3", "4")]),
])  # fmt: skip
def test_rows_of_every_kind(text: str, rows: list[tuple[str, ...]]) -> None:
    assert sql_dump.suits(text)
    assert _rows(text) == rows


def test_rows_have_their_lines() -> None:
    found, _ = sql_dump.tables("\nINSERT INTO t (a) VALUES ('1'),\n('2\n'),\n('3');\n", "x")
    assert [row.line for row in found["t"].rows] == [2, 3, 5]


def test_a_statement_that_is_not_understood_costs_itself_only() -> None:
    text = (
        "INSERT INTO t (a) VALUES ('1'),(SELECT hidden7 FROM x);\nINSERT INTO t (a) VALUES ('2');\n"
    )
    found, troubles = sql_dump.tables(text, "x")
    assert [row.values for row in found["t"].rows] == [("1",), ("2",)]
    assert len(troubles) == 1
    assert "hidden7" not in troubles[0]


def test_an_insert_without_names_of_columns_is_told() -> None:
    found, troubles = sql_dump.tables("INSERT INTO t VALUES (1);\n", "x")
    assert found == {}
    assert "no names of columns" in troubles[0]


def test_other_texts_are_no_dumps() -> None:
    assert not sql_dump.suits("extension,password\n200,INSERT INTO x VALUES (1)\n")


@given(st.lists(st.sampled_from(
    ["INSERT INTO t (a,b) VALUES ", "(", ")", ",", "'", "''", "\\", "x", "NULL", ";", "\n",
     "COPY t (a) FROM stdin;\n", "\\.", "CREATE TABLE t (", "E'", "--"]
), max_size=40).map("".join))  # fmt: skip
@bounded(max_examples=250)
def test_any_dump_ends(text: str) -> None:
    found, _ = sql_dump.tables(text, "x")
    assert all(len(row.values) == len(one.names) for one in found.values() for row in one.rows)
