"""The seventh step: a store keeps its cases, and learns who was let in."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from ringfence.store.migrations.versions import s0007_regulars
from ringfence.store.opening import REVISION


def test_store_of_the_step_before_keeps_its_cases() -> None:
    config = Config()
    config.set_main_option("script_location", "ringfence.store:migrations")
    with create_engine("sqlite://").connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, s0007_regulars.down_revision or "")
        connection.execute(text("INSERT INTO cases VALUES ('RF-1', 'one', 'open', 't', 't', NULL)"))
        command.upgrade(config, s0007_regulars.revision)
        assert "regulars" in inspect(connection).get_table_names()
        assert connection.execute(text("SELECT id FROM cases")).scalar() == "RF-1"
    assert s0007_regulars.revision == REVISION
