"""`ringfence install` and `uninstall`, as a person calls them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ringfence.cli.install import this_program
from tests.cli.conftest import Run

PROGRAM = "/opt/ringfence/bin/ringfence"


@pytest.fixture(autouse=True)
def _where_everybody_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program as it was called; this checkout may lie in a home."""
    monkeypatch.setattr("sys.argv", [PROGRAM])


def test_below_a_folder_it_can_be_looked_at(run: Run, tmp_path: Path) -> None:
    result = run("install", "--root", str(tmp_path), "-i", "wan0", "--enforce")
    assert result.exit_code == 0, result.stderr
    assert "/etc/ringfence/settings.toml: written" in result.stdout
    unit = (tmp_path / "etc/systemd/system/ringfence-guard.service").read_text()
    assert f"ExecStart={PROGRAM} guard\n" in unit
    assert 'interfaces = ["wan0"]' in (tmp_path / "etc/ringfence/settings.toml").read_text()
    drop_in = tmp_path / "etc/systemd/system/ringfence-guard.service.d/machine.conf"
    assert "guard --enforce" in drop_in.read_text()


def test_dry_run_says_what_it_would_do(run: Run, tmp_path: Path) -> None:
    result = run("install", "--root", str(tmp_path), "--dry-run")
    assert "would: /var/lib/ringfence: made" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_taken_away_again(run: Run, tmp_path: Path) -> None:
    run("install", "--root", str(tmp_path))
    result = run("uninstall", "--root", str(tmp_path))
    assert "/var/lib/ringfence: stays, with the cases" in result.stdout
    result = run("uninstall", "--purge", "--yes", "--root", str(tmp_path))
    assert result.exit_code == 0
    assert not (tmp_path / "var/lib/ringfence").exists()


def test_purge_asks_first(run: Run, tmp_path: Path) -> None:
    run("install", "--root", str(tmp_path))
    assert run("uninstall", "--purge", "--root", str(tmp_path)).exit_code == 1
    assert (tmp_path / "var/lib/ringfence").exists()


def test_program_that_was_called_otherwise_is_that_of_its_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert this_program() == PROGRAM
    monkeypatch.setattr("sys.argv", ["/opt/ringfence/lib/ringfence/__main__.py"])
    assert this_program() == str(Path(sys.prefix) / "bin/ringfence")


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_this_machine_takes_root(run: Run, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    result = run(command)
    assert result.exit_code == 2
    assert "use sudo" in result.stderr


def test_what_is_wrong_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/ringfence").touch()
    result = run("install", "--root", str(tmp_path))
    assert result.exit_code == 2
    assert result.stderr == "ringfence: /etc/ringfence: is there, and is no folder\n"
