"""`ringfence guard`, `guard status`: what is said, and with which exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ringfence.cli.app import app
from ringfence.flow.guard.bearing import write_bearing
from ringfence.model.guard_status import AttackStatus, GuardStatus

STANDS = GuardStatus("", "2026-11-26T11:00:00Z", enforcing=True, messages=7)
IN = AttackStatus(("203.0.113.66",), ("scan",), 7, "", "blocked", ("201",), 1)


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


def stands(folder: Path, status: GuardStatus, at: str = "") -> None:
    write_bearing(folder, replace(status, at=at or f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"))


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["guard", *arguments])
    return result.exit_code, result.output + (result.stderr if result.stderr_bytes else "")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (STANDS, 0),
        (replace(STANDS, problems=("disk full",)), 1),
        (replace(STANDS, attacks=(IN,)), 1),
    ],
)
def test_status_says_how_the_guard_stands(tmp_path: Path, status: GuardStatus, code: int) -> None:
    stands(tmp_path, status)
    found, said = run("status", "--once", "--run", str(tmp_path))
    assert found == code
    assert "Guard: blocking" in said


def test_status_as_json_is_the_whole(tmp_path: Path) -> None:
    stands(tmp_path, replace(STANDS, attacks=(IN,)))
    code, said = run("status", "--json", "--run", str(tmp_path))
    assert code == 1
    assert json.loads(said)["attacks"][0]["accounts_taken"] == ["201"]


def test_guard_that_has_ended_is_no_guard(tmp_path: Path) -> None:
    stands(tmp_path, STANDS, "2026-11-26T11:00:00Z")
    code, said = run("status", "--run", str(tmp_path))
    assert code == 2
    assert "has ended since, or hangs" in said


def test_status_without_a_guard_says_how_to_start_one(tmp_path: Path) -> None:
    code, said = run("status", "--run", str(tmp_path))
    assert code == 2
    assert "start `ringfence guard`" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--interface", "nowhere9"), "there is no interface named nowhere9"),
        (("--log", "exim:/var/log/x"), "say KIND:PATH"),
        (("--hep", "192.0.2.1:9060"), "make up attacks of anybody"),
        (("--interface", "lo", "--trunk", "carrier"), "not an IP address"),
    ],
)
def test_guard_that_cannot_begin_says_why(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    store = str(tmp_path / "cases.db")
    command = [sys.executable, "-m", "ringfence", "guard", *arguments, "--store", store]
    # A process of its own: it gives up its rights.
    found = subprocess.run(
        [*command, "--run", str(tmp_path / "run")], capture_output=True, text=True, check=False
    )
    assert found.returncode == 2
    assert says in found.stderr


def test_nobody_would_have_been_hit_where_nothing_was_decided(tmp_path: Path) -> None:
    code, said = run("--would-have", "--days", "3", "--store", str(tmp_path / "cases.db"))
    assert code == 0
    assert said
