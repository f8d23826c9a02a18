"""Columns of chosen rows as plain values: numbers, names, addresses, escaped text."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

from ringfence.model.text import shown
from ringfence.search.fields import EXPORTED, Field, Kind
from ringfence.wire import _columns as columns
from ringfence.wire.anomaly import Anomaly
from ringfence.wire.counts import utc

if TYPE_CHECKING:
    from ringfence.search.rows import Numbers, Rows

Cell = str | int | None

# Addresses written out before: a flood of forged ones pushes out the idle.
_KNOWN_ADDRESSES = 16_384
# Sets of anomalies met so far; a capture has a few dozen.
_KNOWN_SETS = 1024
_MAPPED_PREFIX = 0xFFFF


def header() -> tuple[str, ...]:
    """Names of the columns, in their order."""
    return ("input", *(field.name for field in EXPORTED))


def cells(table: Rows, rows: Numbers, source_input: int) -> list[list[Cell]]:
    """The columns of these rows, in the order of `header`; None: not there."""
    table.fill(rows)
    first: list[Cell] = [source_input] * len(rows)
    return [first, *(_column(table, rows, field) for field in EXPORTED)]


def _column(table: Rows, rows: Numbers, field: Field) -> list[Cell]:
    name = field.columns[0]
    if field.kind is Kind.TEXT:
        return [decoded(text) if text else None for text in table.texts(name, rows)]
    if field.kind is Kind.ADDRESS:
        return [address(packed) for packed in table.packed(name, rows)]
    return _numbers(table, rows, field)


def _numbers(table: Rows, rows: Numbers, field: Field) -> list[Cell]:
    name = field.columns[0]
    numbers = table.numbers(name, rows).tolist()
    if field.kind is Kind.TIME:
        return [utc(number) for number in numbers]
    if field.kind is Kind.FLAGS:
        return [anomaly_names(number) or None for number in numbers]
    if field.kind is Kind.NAME:
        return _names(table, rows, field, numbers)
    if name == "order_hash":
        return [f"{number:016x}" if number else None for number in numbers]
    return [number if number >= field.least else None for number in numbers]


def _names(table: Rows, rows: Numbers, field: Field, numbers: list[int]) -> list[Cell]:
    if field.names is columns.METHODS:
        return [shown(name) or None for name in methods(table, rows, field.columns[0])]
    return [field.names[number] or None for number in numbers]


def methods(table: Rows, rows: Numbers, name: str) -> list[str]:
    """Methods as spelled, of column "method" or "cseq_method"; "" where there is none."""
    numbers = table.narrow(name, rows).tolist()
    names = [columns.METHODS[number] for number in numbers]
    if columns.M_OTHER in numbers:
        texts = table.method_texts(rows) if name == "method" else table.cseq_method_texts(rows)
        for i, number in enumerate(numbers):
            if number == columns.M_OTHER:
                names[i] = plain(texts[i])
    return names


def plain(octets: bytes) -> str:
    """A stranger's text as it is: escape it before it is shown."""
    return octets.decode("utf-8", "backslashreplace")


def decoded(octets: bytes) -> str:
    """A stranger's text, safe to show."""
    return shown(plain(octets))


@lru_cache(_KNOWN_ADDRESSES)
def address(packed: int) -> str:
    """An address of 128 bits, IPv4 as ::ffff:a.b.c.d, in its usual spelling."""
    if packed >> 32 == _MAPPED_PREFIX:
        return str(IPv4Address(packed & 0xFFFFFFFF))
    return str(IPv6Address(packed))


@lru_cache(_KNOWN_SETS)
def anomaly_names(bits: int) -> str:
    """Names of a set of anomalies, with blanks between."""
    return " ".join(anomaly.name or "" for anomaly in Anomaly(bits))
