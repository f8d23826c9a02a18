"""The fifth step: a store with cases keeps them, and learns to hold alarms back."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from ringfence.store.migrations.versions import s0005_alerts


def test_store_of_the_step_before_keeps_its_cases() -> None:
    config = Config()
    config.set_main_option("script_location", "ringfence.store:migrations")
    with create_engine("sqlite://").connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, s0005_alerts.down_revision or "")
        connection.execute(text("INSERT INTO cases VALUES ('RF-1', 'one', 'open', 't', 't', NULL)"))
        command.upgrade(config, s0005_alerts.revision)
        assert "alerts" in inspect(connection).get_table_names()
        assert connection.execute(text("SELECT id FROM cases")).scalar() == "RF-1"
