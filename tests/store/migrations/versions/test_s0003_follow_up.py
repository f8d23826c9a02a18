"""The third step: a store with cases keeps them, and learns to follow them up."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from ringfence.store.migrations.versions import s0002_lookups, s0003_follow_up


def test_store_of_the_second_step_keeps_its_cases() -> None:
    config = Config()
    config.set_main_option("script_location", "ringfence.store:migrations")
    with create_engine("sqlite://").connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, s0002_lookups.revision)
        connection.execute(text("INSERT INTO cases VALUES ('RF-1', 'one', 'open', 't', 't', NULL)"))
        command.upgrade(config, s0003_follow_up.revision)
        tables = {"letters", "mailboxes", "replies", "marks", "attributions", "returns"}
        assert tables <= set(inspect(connection).get_table_names())
        assert connection.execute(text("SELECT id FROM cases")).scalar() == "RF-1"
    assert s0003_follow_up.down_revision == s0002_lookups.revision
