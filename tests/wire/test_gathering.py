"""What is put together lies behind the buffer, and goes with its table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ringfence.wire import _columns as columns
from ringfence.wire import gathering
from ringfence.wire.anomaly import Anomaly
from ringfence.wire.gathering import Gathering
from ringfence.wire.reassembly import Piece
from ringfence.wire.records import Record
from ringfence.wire.table import MessageTable
from tests.wire_cases.compile import message

ARENA = 64
HERE, THERE = (bytes(10) + b"\xff\xff" + bytes((192, 0, 2, n)) for n in (1, 2))


class Desk(Gathering):
    """A gathering that is fed pieces by hand."""

    def record_at(self, position: int, packet: int, time_ns: int) -> Record | None:
        raise NotImplementedError(position, packet, time_ns)

    def add(self, octets: bytes, kind: str = "message", depth: int = 0) -> Iterator[MessageTable]:
        piece = Piece(kind, octets, HERE, THERE, 5060, 5062, 9, columns.T_TCP, 17, Anomaly(0))
        return self._piece(piece, depth)


def desk(room: int, rows: int = 8) -> Desk:
    return Desk(bytearray(ARENA + room), ARENA, rows)


def test_messages_stand_one_behind_the_other_in_the_arena() -> None:
    one, two = message("OPTIONS", "one"), message("REGISTER", "two")
    gathered = desk(1000)
    assert [*gathered.add(one), *gathered.add(two)] == []
    table = next(gathered.finish())
    assert [table.message(row) for row in table.rows()] == [one, two]
    assert [table.number(row, "text") for row in table.rows()] == [ARENA, ARENA + len(one)]
    assert table.address(0, "source") == bytes((192, 0, 2, 1))


def test_full_arena_hands_the_table_over_first() -> None:
    one = message("OPTIONS", "one")
    gathered = desk(len(one) + 10)
    assert list(gathered.add(one)) == []
    assert [len(table) for table in gathered.add(one)] == [1]
    assert [table.number(0, "text") for table in gathered.finish()] == [ARENA]


def test_full_rows_hand_the_table_over_first() -> None:
    one = message("OPTIONS", "one")
    gathered = desk(5000, rows=2)
    assert [len(table) for _ in range(5) for table in gathered.add(one)] == [2, 2]


@pytest.mark.parametrize(("size", "depth"), [(2000, 0), (100, gathering.MAX_DEPTH + 1)])
def test_piece_too_large_or_too_deep_is_counted(size: int, depth: int) -> None:
    gathered = desk(1000)
    assert list(gathered.add(bytes(size), depth=depth)) == []
    assert gathered.batch.counts[columns.R_LAYERS_TOO_MANY] == 1
