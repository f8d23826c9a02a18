"""SQLite files, read and left as they are."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ringfence.audit import sqlite_file
from ringfence.model.auditing import AuditError


def _file(folder: Path, *statements: str) -> Path:
    path = folder / "kamailio db?.sqlite"
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def test_a_table_is_read_and_nothing_is_left_beside(tmp_path: Path) -> None:
    path = _file(
        tmp_path, "CREATE TABLE subscriber (a, b, c)",
        "INSERT INTO subscriber VALUES ('x', NULL, x'4142'), (7, 'y', 'z')",
    )  # fmt: skip
    before = path.read_bytes()
    found, troubles = sqlite_file.tables(path, ["subscriber", "gone"])
    assert [row.values for row in found["subscriber"].rows] == [("x", "", "AB"), ("7", "y", "z")]
    assert (list(found), troubles) == (["subscriber"], ())
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_view_is_not_run(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "CREATE VIEW subscriber AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
        " SELECT i AS username FROM n",
    )
    assert sqlite_file.tables(path, ["subscriber"])[0] == {}


def test_a_table_that_is_made_to_be_slow_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _file(
        tmp_path, "CREATE TABLE subscriber (a)",
        "INSERT INTO subscriber WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        " LIMIT 50000) SELECT i FROM n",
    )  # fmt: skip
    monkeypatch.setattr(sqlite_file, "_MAX_STEPS", 2)
    with pytest.raises(AuditError, match="made to be slow"):
        sqlite_file.tables(path, ["subscriber"])


def test_changes_that_stand_beside_are_told(tmp_path: Path) -> None:
    path = _file(tmp_path, "CREATE TABLE subscriber (a)")
    path.with_name(path.name + "-wal").write_bytes(b"x")
    assert "are not read" in sqlite_file.tables(path, ["subscriber"])[1][0]


def test_a_damaged_file_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(sqlite_file.MAGIC + b"\xff" * 500)
    with pytest.raises(AuditError, match="SQLite cannot read it"):
        sqlite_file.tables(path, ["subscriber"])
