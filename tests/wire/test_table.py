"""Columns over untouched octets."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.wire import _columns as columns
from ringfence.wire.decoder import Decoder
from ringfence.wire.table import MessageTable, unmapped
from tests.wire_cases.compile import message, packets_of
from tests.wire_cases.files import Pcapng
from tests.wire_cases.reading import tables

TEXT = """
packet 12.5
eth
ip4 203.0.113.7 > 192.0.2.1
udp 5071 > 5060
sip OPTIONS one

packet 13.5
eth
ip6 2001:db8::7 > 2001:db8::1
udp 5071 > 5060
sip INVITE two
"""


@pytest.fixture
def table() -> MessageTable:
    return next(tables(Decoder(), Pcapng().file(packets_of(TEXT))))


def test_a_row_is_a_message(table: MessageTable) -> None:
    assert len(table) == 2
    assert list(table.rows()) == [0, 1]
    assert [table.message(row) for row in table.rows()] == [
        message("OPTIONS", "one"),
        message("INVITE", "two"),
    ]


def test_numbers_of_both_widths_by_name(table: MessageTable) -> None:
    assert [table.number(row, "method") for row in (0, 1)] == [columns.M_OPTIONS, columns.M_INVITE]
    assert [table.number(row, "time") for row in (0, 1)] == [12_500_000_000, 13_500_000_000]
    with pytest.raises(KeyError):
        table.number(0, "call_id")


def test_spans_by_name(table: MessageTable) -> None:
    assert table.text(1, "call_id") == b"two@203.0.113.7"
    assert table.text(1, "user_agent") == b""
    with pytest.raises(KeyError):
        table.text(0, "method")


def test_addresses_are_packed(table: MessageTable) -> None:
    assert table.address(0, "source") == bytes([203, 0, 113, 7])
    assert table.address(0, "destination") == bytes([192, 0, 2, 1])
    assert table.address(1, "source") == bytes.fromhex("20010db8" + "0" * 23 + "7")


def test_columns_as_arrays(table: MessageTable) -> None:
    for name, column in table.numbers.items():
        assert column.dtype == np.int32
        assert column.tolist() == [table.number(row, name) for row in table.rows()]
    for name, wide in table.wide.items():
        assert wide.dtype == np.uint64
        assert wide.tolist() == [table.number(row, name) for row in table.rows()]
    assert set(table.numbers) == set(columns.NUMBERS)
    assert set(table.wide) == set(columns.WIDE)


def test_arrays_are_views_not_copies(table: MessageTable) -> None:
    assert table.numbers["method"].base is not None
    table.batch.slots[columns.METHOD] = 77
    assert table.numbers["method"][0] == 77


def test_finer_columns_come_when_asked_for(table: MessageTable) -> None:
    assert table.text(0, "from_user") == b""
    table.fill_parts_of(1)
    assert [table.text(row, "from_user") for row in (0, 1)] == [b"", b"200"]
    table.fill_parts()
    table.fill_parts()
    table.fill_parts_of(0)
    assert [table.text(row, "from_user") for row in (0, 1)] == [b"200", b"200"]


@pytest.mark.parametrize(
    ("high", "low", "packed"),
    [
        (0, 0xFFFF_CB00_7107, "cb007107"),
        (0, 0xFFFE_CB00_7107, "0000000000000000 0000fffecb007107"),
        (1, 0xFFFF_CB00_7107, "0000000000000001 0000ffffcb007107"),
        (0, 1, "0000000000000000 0000000000000001"),
        (2**64 - 1, 2**64 - 1, "f" * 32),
    ],
)
def test_mapped_addresses_become_those_of_ipv4(high: int, low: int, packed: str) -> None:
    assert unmapped(high, low) == bytes.fromhex(packed)
