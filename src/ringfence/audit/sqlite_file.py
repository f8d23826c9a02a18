"""Tables of an SQLite file, which is only read: no journal, no lock, no function of its own."""

from __future__ import annotations

import re
import sqlite3
import urllib.parse
from collections.abc import Iterable
from pathlib import Path

from ringfence.audit.contents import MAX_OCTETS
from ringfence.audit.rows import MAX_COLUMNS, MAX_FIELD, MAX_ROWS, Row, Table
from ringfence.model.auditing import AuditError
from ringfence.model.text import shown

MAGIC = b"SQLite format 3\0"
# Steps of SQLite's machine in thousands: reading 200,000 rows takes some thousands of them.
_MAX_STEPS = 100_000
_NAME = re.compile(r"[\w$]+\Z")


def tables(path: Path, wanted: Iterable[str]) -> tuple[dict[str, Table], tuple[str, ...]]:
    """Those of the wanted tables that a file has, and what could not be read."""
    troubles = []
    log = path.with_name(path.name + "-wal")
    if log.is_file() and log.stat().st_size:
        troubles.append(
            f"{shown(str(path))}: changes in {shown(log.name)} are not read; stop the server, or"
            " run PRAGMA wal_checkpoint"
        )
    # immutable: no -wal and no -shm is made beside the owner's file.
    address = f"file:{urllib.parse.quote(str(path.resolve()))}?mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(address, uri=True)
    except sqlite3.Error:
        raise AuditError(f"{shown(str(path))}: SQLite cannot open it; make a dump") from None
    try:
        _guard(connection)
        return {name: _table(connection, path, name) for name in _there(connection, wanted)}, (
            tuple(troubles)
        )
    except (sqlite3.Error, OverflowError):
        raise AuditError(
            f"{shown(str(path))}: SQLite cannot read it: damaged, or made to be slow; make a dump"
        ) from None
    finally:
        connection.close()


def _guard(connection: sqlite3.Connection) -> None:
    steps = iter(range(_MAX_STEPS))
    connection.set_progress_handler(lambda: next(steps, None) is None, 1_000)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_OCTETS)
    connection.text_factory = lambda octets: octets.decode("utf-8", "replace")
    for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0"):
        connection.execute(f"PRAGMA {pragma}")


def _there(connection: sqlite3.Connection, wanted: Iterable[str]) -> list[str]:
    """Tables only: a view or a virtual table would run what its maker wrote."""
    names = set(wanted)
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
    return [
        name
        for name, made in found.fetchmany(10_000)
        if isinstance(name, str)
        and name.lower() in names
        and _NAME.match(name)
        and isinstance(made, str)
        and not re.match(r"\s*CREATE\s+VIRTUAL", made, re.IGNORECASE)
    ]


def _table(connection: sqlite3.Connection, path: Path, name: str) -> Table:
    # The name is one of ours, of letters only: no value of a stranger's in the statement.
    cursor = connection.execute(f'SELECT * FROM "{name}" LIMIT {MAX_ROWS}')  # noqa: S608
    names = tuple(column[0] for column in cursor.description)[:MAX_COLUMNS]
    rows = [
        Row(number, 0, tuple(_text(value) for value in values[: len(names)]))
        for number, values in enumerate(cursor, 1)
    ]
    return Table(str(path), names, tuple(rows))


def _text(value: object) -> str:
    if value is None:
        return ""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= MAX_FIELD else ""
