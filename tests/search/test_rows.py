"""Columns of a table, for some of its rows."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.wire import _columns as columns
from tests.search.scene import rows_of


@pytest.mark.parametrize("wanted", [[0], [6], [1, 3], [0, 1, 2, 3, 4, 5, 6], []])
def test_columns_are_those_of_the_table(wanted: list[int]) -> None:
    with rows_of() as rows:
        picked = np.array(wanted, np.intp)
        rows.fill(picked)
        table = rows.table
        for name in columns.NUMBERS:
            assert rows.numbers(name, picked).tolist() == [
                table.number(row, name) for row in wanted
            ]
        for name in columns.WIDE:
            assert rows.numbers(name, picked).tolist() == [
                table.number(row, name) for row in wanted
            ]
        for name in columns.SPANS:
            assert rows.texts(name, picked) == [table.text(row, name) for row in wanted]
            assert rows.lengths(name, picked).tolist() == [
                len(table.text(row, name)) for row in wanted
            ]


def test_few_rows_are_filled_alone() -> None:
    with rows_of() as rows:
        rows.fill(rows.one(0))
        assert rows.texts("from_user", rows.all())[:2] == [b"240", b""]


def test_methods_are_spelled_as_they_came() -> None:
    with rows_of() as rows:
        assert rows.method_texts(rows.all())[-2:] == [b"OPTIONS", b"PING"]
        assert rows.cseq_method_texts(rows.all())[-1] == b"PING"


def test_ipv4_is_mapped() -> None:
    with rows_of() as rows:
        assert rows.packed("source", rows.one(0)) == [0xFFFF << 32 | 0xCB007107]
        assert rows.packed("source", rows.one(5)) == [0x20010DB8 << 96 | 7]
