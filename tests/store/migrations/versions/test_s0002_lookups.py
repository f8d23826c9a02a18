"""The second step: a store with cases keeps them, and learns to remember look-ups."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from ringfence.store.migrations.versions import s0001_cases, s0002_lookups


def test_store_of_the_first_step_keeps_its_cases() -> None:
    config = Config()
    config.set_main_option("script_location", "ringfence.store:migrations")
    with create_engine("sqlite://").connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, s0001_cases.revision)
        connection.execute(text("INSERT INTO cases VALUES ('RF-1', 'one', 'open', 't', 't', NULL)"))
        command.upgrade(config, s0002_lookups.revision)
        assert {"lookups", "pauses"} <= set(inspect(connection).get_table_names())
        assert connection.execute(text("SELECT id FROM cases")).scalar() == "RF-1"
    assert s0002_lookups.down_revision == s0001_cases.revision
