"""Stores that are opened: new, old, newer, damaged, read-only, full, killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from ringfence.model.case import Case, JournalEntry, StoreError
from ringfence.store.cases import CaseStore
from ringfence.store.opening import REVISION, Database

AT = "2026-10-03T08:00:00Z"
CASE = Case("RF-1", "one", "open", AT, AT)


def test_store_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    where = tmp_path / "new" / "cases.db"
    Database(str(where)).close()
    assert stat.S_IMODE(where.stat().st_mode) == 0o600
    assert stat.S_IMODE(where.parent.stat().st_mode) == 0o700


def test_writers_do_not_disturb_readers(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "cases.db"))
    with database.reading() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    where = str(tmp_path / "cases.db")
    database = Database(where)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(StoreError, match=f"newer ringfence .*9999.*{REVISION}"):
        Database(where)


def test_other_files_are_refused(tmp_path: Path) -> None:
    where = tmp_path / "cases.db"
    where.write_bytes(b"this is not a database, it is a long text" * 100)
    with pytest.raises(StoreError, match="no store of ringfence"):
        Database(str(where))
    assert where.read_bytes().startswith(b"this is not")


def test_damaged_store_says_so(tmp_path: Path) -> None:
    where = tmp_path / "cases.db"
    store = CaseStore(Database(str(where)))
    for n in range(200):
        store.file(CASE, [JournalEntry(AT, "w", "note", "x" * 500 + str(n))])
    with sqlite3.connect(where) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    octets = bytearray(where.read_bytes())
    octets[4096 * 3 :] = b"\xff" * (len(octets) - 4096 * 3)
    where.write_bytes(octets)
    with pytest.raises(StoreError, match=r"cases\.db"):
        CaseStore(Database(str(where))).journal("RF-1")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match=r"cases\.db"):
        Database(str(tmp_path / "cases.db"))


def test_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/cases\.db"):
        Database(str(tmp_path / "file" / "cases.db"))


def test_full_disk_loses_nothing(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "cases.db"))
    store = CaseStore(database)
    store.file(CASE, [JournalEntry(AT, "w", "note", "kept")])
    with pytest.raises(StoreError, match="the disk is full: make room"):
        _fill(database)
    assert [e.text for e in store.journal("RF-1")] == ["kept"]


def _fill(database: Database) -> None:
    """Write until there is no page left: a bound on pages stands for the end of the disk."""
    entry = text(
        "INSERT INTO journal (case_id, at, who, kind, text) VALUES ('RF-1', '', '', '', :x)"
    )
    with database.writing() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        for _ in range(100):
            connection.execute(entry, {"x": "x" * 5000})


def test_busy_store_is_waited_for_and_then_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.store.opening.BUSY_S", 0.05)
    where = tmp_path / "cases.db"
    database = Database(str(where))
    other = sqlite3.connect(where, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreError, match="another program has been writing"):
            CaseStore(database).file(CASE, [])
    finally:
        other.close()


@pytest.mark.parametrize(
    "where", ["nonsense://x", "postgresql+psycopg://u:secret@[bad", "mysql://u:secret@h/d"]
)
def test_addresses_that_cannot_be_used(where: str) -> None:
    with pytest.raises(StoreError) as caught:
        Database(where)
    assert "secret" not in str(caught.value)


def test_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError) as caught:
        Database(f"postgresql+psycopg://anna:secret@/cases?host={tmp_path}")
    assert "anna" in str(caught.value)
    assert "secret" not in str(caught.value)


WRITER = """
import sys
from ringfence.model.case import Case, JournalEntry
from ringfence.store.cases import CaseStore
from ringfence.store.opening import Database
store = CaseStore(Database(sys.argv[1]))
case = Case("RF-1", "one", "open", "t", "t")
n = 0
while True:
    entries = [JournalEntry("t", "w", "note", f"{n} {m}") for m in range(5)]
    store.file(case, entries, traits=[f"number:{n}"])
    print(n, flush=True)
    n += 1
"""


@pytest.mark.parametrize("after", range(8))
def test_killed_writer_leaves_whole_transactions(tmp_path: Path, after: int) -> None:
    where = str(tmp_path / "cases.db")
    command = [sys.executable, "-c", WRITER, where]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [-1] + [int(writer.stdout.readline()) for _ in range(after)]
        writer.send_signal(signal.SIGKILL)
        said += [int(line) for line in writer.stdout.read().split()]
    store = CaseStore(Database(where))
    texts = [e.text for e in store.journal("RF-1")]
    assert texts == [f"{n} {m}" for n in range(len(texts) // 5) for m in range(5)]
    assert len(texts) // 5 > said[-1], "what was reported as stored is there"
    assert (
        len(store.traits([f"number:{n}" for n in range(400)], but="").get("RF-1", []))
        == len(texts) // 5
    )


def test_many_who_make_one_store_at_once_wait_for_each_other(tmp_path: Path) -> None:
    where = str(tmp_path / "cases.db")
    program = (
        "import sys; from ringfence.store.opening import Database; sys.stdin.read();"
        "Database(sys.argv[1]).close()"
    )
    command = [sys.executable, "-c", program, where]
    many = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(4)]
    for one in many:
        assert one.stdin is not None
        one.stdin.close()
    assert [one.wait(60) for one in many] == [0] * len(many)
