"""The fourth step: a store with cases keeps them, and learns what is done against sources."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from ringfence.store.migrations.versions import s0003_follow_up, s0004_measures


def test_store_of_the_third_step_keeps_its_cases() -> None:
    config = Config()
    config.set_main_option("script_location", "ringfence.store:migrations")
    with create_engine("sqlite://").connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, s0003_follow_up.revision)
        connection.execute(text("INSERT INTO cases VALUES ('RF-1', 'one', 'open', 't', 't', NULL)"))
        command.upgrade(config, s0004_measures.revision)
        assert {"measures", "allowed"} <= set(inspect(connection).get_table_names())
        assert connection.execute(text("SELECT id FROM cases")).scalar() == "RF-1"
    assert s0004_measures.down_revision == s0003_follow_up.revision
