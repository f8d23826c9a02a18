"""The sixth step: a store with cases keeps them, and learns what the guard decides."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from ringfence.store.migrations.versions import s0006_decisions


def test_store_of_the_step_before_keeps_its_cases() -> None:
    config = Config()
    config.set_main_option("script_location", "ringfence.store:migrations")
    with create_engine("sqlite://").connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, s0006_decisions.down_revision or "")
        connection.execute(text("INSERT INTO cases VALUES ('RF-1', 'one', 'open', 't', 't', NULL)"))
        command.upgrade(config, s0006_decisions.revision)
        assert "decisions" in inspect(connection).get_table_names()
        assert connection.execute(text("SELECT id FROM cases")).scalar() == "RF-1"
