"""A real PostgreSQL for tests of the store."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.store.opening import Database
from ringfence.store.schema import METADATA


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of its own on a socket in a folder of its own; no port is opened."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("no PostgreSQL: apt-get install postgresql")
    pytest.importorskip("psycopg", reason="pip install 'ringfence[postgres]'")
    folder = Path("/tmp" if os.geteuid() == 0 else tmp_path_factory.mktemp("pg"))  # noqa: S108
    folder = folder / f"ringfence-pg-{os.getpid()}"  # a socket's name is bounded
    folder.mkdir(mode=0o700)
    as_user: list[str | Path] = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:  # it refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
    data, control = folder / "data", [*as_user, programs[-1] / "pg_ctl", "-w", "-D"]
    initdb = [*as_user, programs[-1] / "initdb", "-A", "trust", "-U", "ringfence", "-D", data]
    _run(*initdb, "--no-sync")
    options = f"-k {folder} -c listen_addresses= -c fsync=off"
    _run(*control, data, "-o", options, "-l", folder / "log", "start")
    try:
        yield f"postgresql+psycopg://ringfence@/postgres?host={folder}"
    finally:
        _run(*control, data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty store, in a file and on the server."""
    where = str(tmp_path / "cases.db")
    if request.param == "postgresql":
        where = request.getfixturevalue("server")
    database = Database(where)
    if request.param == "postgresql":
        with database.writing() as connection:
            for table in reversed(METADATA.sorted_tables):
                connection.execute(table.delete())
    yield database
    database.close()


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")
