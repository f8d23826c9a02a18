"""The schema, and what migrations make of an empty store: the same."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect

from ringfence.store.opening import Database
from ringfence.store.schema import METADATA


def test_migrations_make_what_the_schema_says(tmp_path: Path) -> None:
    database = Database(str(tmp_path / "cases.db"))
    with database.reading() as connection:
        found = inspect(connection)
        tables = {t: {c["name"] for c in found.get_columns(t)} for t in found.get_table_names()}
        indexes = {i["name"] for t in tables for i in found.get_indexes(t)}
    tables.pop("alembic_version")
    assert tables == {t.name: {c.name for c in t.columns} for t in METADATA.sorted_tables}
    assert indexes == {i.name for t in METADATA.sorted_tables for i in t.indexes}


def test_migrations_differ_in_nothing_from_the_schema(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    database = Database(str(tmp_path / "cases.db"))
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
