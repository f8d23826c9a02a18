"""A table in a text: CSV with any of the usual delimiters, its rows with their lines.

How it works: a line without an open quote is one record, and nearly all are. A record that
goes on over lines is tried within bounds; where that fails, its first line alone is a
trouble, and reading goes on at the next. So a quote that nobody closed costs one row, not the
rest of the file.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ringfence.model.auditing import AuditError
from ringfence.model.text import shown

MAX_ROWS = 200_000
MAX_COLUMNS = 1_000
# A field that is longer holds no secret: somebody pasted a certificate, or a program.
MAX_FIELD = 4_096
# 3CX writes settings of phones over several lines of one field.
_MAX_LINES = 60
MAX_TROUBLES = 200

_DELIMITERS = ",;\t|"
_SEP = re.compile(r"sep=(.)$", re.IGNORECASE)
# What spreadsheets are told so that they leave zeros in front alone.
_AS_TEXT = re.compile(r'="([^"]*)"$')


@dataclass(frozen=True, slots=True)
class Row:
    """One record. `number` counts records from 1, those that could not be read too."""

    number: int
    line: int
    values: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by name, in their order, and the rows that could be read."""

    source: str
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    troubles: tuple[str, ...] = ()


def plain(name: str) -> str:
    """The name of a column without case, spaces and strokes: "Auth ID" is "authid"."""
    return "".join(c for c in name.lower() if c.isalnum())


def names_of(text: str) -> tuple[str, ...]:
    """The names of the columns; empty where the first line is none of names."""
    lines = text.split("\n", 3)
    at, delimiter = _start(lines)
    if at >= len(lines) or len(lines[at]) > MAX_COLUMNS * 100:
        return ()
    found = _fields(lines[at], delimiter)
    names = tuple(name.strip().lstrip("#").strip() for name in found or ())
    return names if 0 < len(names) <= MAX_COLUMNS else ()


def table(text: str, source: str) -> Table:
    """All rows of a text. Raises AuditError where there are no columns."""
    names = names_of(text)
    if not names:
        raise AuditError(f"{shown(source)}: no line with names of columns; export it again")
    lines = text.split("\n")
    at, delimiter = _start(lines)
    rows: list[Row] = []
    troubles = Troubles(shown(source))
    for number, (line, values) in enumerate(_records(lines, at + 1, delimiter, len(names)), 1):
        if number > MAX_ROWS:
            troubles.add(line, f"only the first {MAX_ROWS:,} rows are read; split the file")
            break
        if isinstance(values, str):
            troubles.add(line, f"row {number} {values}")
            continue
        rows.append(Row(number, line, _bounded(values, names, line, troubles)))
    return Table(source, names, tuple(rows), troubles.all())


class Troubles:
    """What could not be read, bounded: a million bad rows are one sentence more."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._said: list[str] = []
        self._more = 0

    def add(self, line: int, says: str) -> None:
        """One more; `says` holds no secret. Line 0: of the whole file."""
        if len(self._said) >= MAX_TROUBLES:
            self._more += 1
            return
        place = f"{self._source} line {line}" if line else self._source
        self._said.append(f"{place}: {says}" if place else says)

    def all(self) -> tuple[str, ...]:
        """As `Pbx.troubles` holds them."""
        more = (f"{self._more:,} more troubles like these",) if self._more else ()
        return (*self._said, *more)


def _start(lines: Sequence[str]) -> tuple[int, str]:
    """Where the line of names is, and the delimiter."""
    at = 0
    while at < len(lines) and not lines[at].strip():
        at += 1
    if at < len(lines) and (told := _SEP.match(lines[at].strip())):
        return at + 1, told[1]
    line = re.sub(r'"[^"]*"', "", lines[at]) if at < len(lines) else ""
    return at, max(_DELIMITERS, key=line.count)


def _fields(line: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return None


def _records(
    lines: Sequence[str], at: int, delimiter: str, columns: int
) -> Iterator[tuple[int, Sequence[str] | str]]:
    """Each record with its line: its fields, or why there are none."""
    while at < len(lines):
        line, used = lines[at], 1
        found: Sequence[str] | str | None
        if not line.strip():
            at += 1
            continue
        if line.count('"') % 2 == 0:
            found = _fields(line, delimiter)
        else:
            found, used = _long(list(lines[at : at + _MAX_LINES]), delimiter, columns)
        if found is None:
            found = "has a quote that is not closed: not read; close it, or export again"
        elif len(found) > columns and any(value.strip() for value in found[columns:]):
            found = (
                f"has {len(found)} fields under {columns} columns: not read, as its values stand"
                " under wrong names; put quotes around fields that hold the delimiter"
            )
        if isinstance(found, str) or any(value.strip() for value in found):
            yield at + 1, found
        at += used


def _long(lines: list[str], delimiter: str, columns: int) -> tuple[list[str] | None, int]:
    """The record that begins with these lines, and how many they are."""
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=True)
    try:
        found = next(reader)
    except (csv.Error, StopIteration):
        return None, 1
    if reader.line_num > 1 and len(found) > columns:
        return None, 1  # it ended in the quotes of another row
    if reader.line_num > 1 and len(found) < columns and reader.line_num == len(lines):
        return None, 1
    return found, reader.line_num


def _bounded(
    values: Sequence[str], names: Sequence[str], line: int, troubles: Troubles
) -> tuple[str, ...]:
    """As many values as there are names, none of them too long."""
    kept = []
    for name, value in zip(names, values, strict=False):
        if len(value) > MAX_FIELD:
            troubles.add(line, f"{shown(name[:60])} has {len(value):,} characters: not read")
            kept.append("")
        elif value.startswith('="') and (told := _AS_TEXT.match(value)):
            kept.append(told[1])
        else:
            kept.append(value)
    return (*kept, *("" for _ in range(len(names) - len(kept))))
