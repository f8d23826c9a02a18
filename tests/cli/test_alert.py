"""`ringfence alert test`, as a person uses it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ringfence.cli.app import app
from tests.cli.conftest import Run


@pytest.fixture
def log() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        yield server


def settings(folder: Path, log: socket.socket, more: str = "") -> Path:
    path = folder / "my.toml"
    path.write_text(f'[alerts]\nsyslog = "udp://127.0.0.1:{log.getsockname()[1]}"\n{more}')
    path.chmod(0o600)
    return path


def test_trial_arrives(run: Run, tmp_path: Path, log: socket.socket) -> None:
    result = run("alert", "test", "--yes", "--settings", settings(tmp_path, log))
    assert result.exit_code == 0, result.output
    assert result.stdout == "syslog: handed over\n"
    assert b"Nobody attacks" in log.recv(9000)


def test_it_asks_first_and_a_no_sends_nothing(tmp_path: Path, log: socket.socket) -> None:
    arguments = ["alert", "test", "--settings", str(settings(tmp_path, log))]
    result = CliRunner().invoke(app, arguments, input="n\n")
    assert result.exit_code == 0
    assert "Send a trial alarm to syslog?" in result.stdout
    log.setblocking(False)
    with pytest.raises(BlockingIOError):
        log.recv(9000)


def test_failure_is_told_without_the_secret(run: Run, tmp_path: Path, log: socket.socket) -> None:
    path = settings(tmp_path, log, 'urls = ["nonsense://horsebattery"]')
    result = run("alert", "test", "--yes", "--settings", path)
    assert result.exit_code == 2
    assert "nonsense:1: NOT delivered: nonsense: " in result.stdout
    assert "horsebattery" not in result.output


def test_nobody_to_tell_is_an_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("")
    result = run("alert", "test", "--yes", "--settings", tmp_path / "my.toml")
    assert result.exit_code == 2
    assert "nobody is told: write [alerts] in the settings" in result.stderr


def test_settings_show_no_address_of_a_service(
    run: Run, tmp_path: Path, log: socket.socket
) -> None:
    path = settings(tmp_path, log, 'urls = ["slack://horsebattery"]')
    result = run("settings", "show", "--settings", path)
    assert "  alerts.urls          set, not shown\n" in result.stdout
    assert "horsebattery" not in result.output
