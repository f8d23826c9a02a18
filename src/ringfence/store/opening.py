"""A store, opened: made when it is not there, brought up to date when it is older.

How it works: a path is a SQLite file (WAL: readers never wait, a killed writer leaves
what was there before), an address with :// a server that SQLAlchemy knows. Each
change is one transaction that takes the writer's lock at its beginning, so that
two processes wait for each other instead of failing half-way.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from ringfence.model.case import StoreError

# The newest step of migrations/versions/.
REVISION = "0007"
# How long a writer waits for another one.
BUSY_S = 20.0

_SAYS = (
    ("file is not a database", "it is no store of ringfence: name another file with --store"),
    (
        "database disk image is malformed",
        "it is damaged: restore it from a backup, or move it away",
    ),
    ("database or disk is full", "the disk is full: make room; what was stored before is kept"),
    ("readonly database", "it may not be written: check its owner and mode, or use --store"),
    ("unable to open database file", "it cannot be opened: check the folder and its mode"),
    ("database is locked", f"another program has been writing to it for {BUSY_S:.0f} s: try again"),
    ("disk I/O error", "the disk does not answer as it should: check it and the system's log"),
)


class Database:
    """A store that is open. `reading` and `writing` give a connection in a transaction."""

    def __init__(self, where: str) -> None:
        """Open a path or an address. Raises StoreError."""
        self.where = _without_password(where)
        with self._said():
            self._engine = _engine(where)
            self._bring_up_to_date()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the store. Raises StoreError."""
        with self._said(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """All that is written with it counts, or none of it. Raises StoreError."""
        with self._said(), self._engine.connect() as connection:
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            with connection.begin() if not connection.in_transaction() else _ended(connection):
                yield connection

    def close(self) -> None:
        """Give back files and connections."""
        self._engine.dispose()

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Errors of the database in words that name the store."""
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            cause = str(getattr(error, "orig", error)).strip()
            says = next((says for words, says in _SAYS if words in cause), cause)
            raise StoreError(f"store {self.where}: {says}") from error
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise StoreError(
                f"store {self.where}: {error}; name a file, or postgresql+psycopg://HOST/NAME "
                "(pip install 'ringfence[postgres]')"
            ) from error
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(f"store {self.where}: {error}") from error

    def _bring_up_to_date(self) -> None:
        with self._engine.connect() as connection:
            found = _revision(connection)
        if found == REVISION:
            return
        if found is not None and found > REVISION:
            raise StoreError(
                f"store {self.where}: it was made by a newer ringfence (its form is {found}, "
                f"this one knows {REVISION}): update ringfence"
            )
        with self.writing() as connection:
            _migrate(connection)


def _engine(where: str) -> Engine:
    if "://" in where:
        # The address is the owner's own; its password never goes into a message.
        return create_engine(make_url(where), pool_pre_ping=True, hide_parameters=True)
    path = Path(where)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():  # it tells of real users: nobody else reads it
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": BUSY_S},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:  # noqa: ANN401  sqlite3's own
        connection.isolation_level = None  # transactions begin where we say
        with _alone_in(path.parent):
            connection.execute("PRAGMA journal_mode=WAL").close()
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    return engine


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait for others who open a store there: SQLite itself fails where two make WAL at once."""
    lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextmanager
def _ended(connection: Connection) -> Iterator[None]:
    """The transaction that began already: committed at the end, undone on any error."""
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _revision(connection: Connection) -> str | None:
    """The step that the store stands at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar_one_or_none()
    return found


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "ringfence.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, REVISION)


def _without_password(where: str) -> str:
    if "://" not in where:
        return where
    try:
        return make_url(where).render_as_string(hide_password=True)
    except ArgumentError:
        return where.partition("://")[0] + "://…"
