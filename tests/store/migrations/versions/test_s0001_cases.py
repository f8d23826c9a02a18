"""The first step: from an empty database to cases."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from ringfence.store.migrations.versions import s0001_cases


def test_an_empty_database_gets_its_tables() -> None:
    config = Config()
    config.set_main_option("script_location", "ringfence.store:migrations")
    with create_engine("sqlite://").connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, s0001_cases.revision)
        assert {"cases", "filed", "journal", "sources", "traits"} <= set(
            inspect(connection).get_table_names()
        )
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    assert found == s0001_cases.revision
    assert s0001_cases.down_revision is None
