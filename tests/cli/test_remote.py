"""`ringfence remote`, as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    made = tmp_path / "register"
    result = run("remote", "init", "--endpoint", "pbx.example.com", "--rtp", "10000-20000",
                 "--interface", "rfnone0", "--no-start", "--folder", made)  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert "pbx.example.com:51820" in result.stdout
    return made


def test_added_listed_revoked(run: Run, folder: Path, tmp_path: Path) -> None:
    added = run(
        "remote", "add", "anna", "--extension", "201", "--out", tmp_path, "--folder", folder
    )
    assert added.exit_code == 0, added.stderr
    assert "anna.conf" in added.stdout
    listed = run("remote", "list", "--folder", folder)
    assert "anna" in listed.stdout
    assert "201" in listed.stdout
    assert run("remote", "revoke", "anna", "--folder", folder).exit_code == 0
    assert "revoked" in run("remote", "list", "--folder", folder).stdout


def test_no_key_is_printed(run: Run, folder: Path, tmp_path: Path) -> None:
    added = run("remote", "add", "anna", "--out", tmp_path, "--folder", folder)
    listed = run("remote", "list", "--json", "--folder", folder)
    lines = (tmp_path / "anna.conf").read_text().splitlines()
    keys = [line.partition(" = ")[2] for line in lines if line.startswith(("Private", "Preshared"))]
    assert len(keys) == 2
    for key in keys:
        assert key not in added.stdout + added.stderr + listed.stdout
    assert json.loads(listed.stdout)["peers"][0]["name"] == "anna"


def test_a_code_is_shown_only_when_asked_for(run: Run, folder: Path, tmp_path: Path) -> None:
    plain = run("remote", "add", "anna", "--out", tmp_path, "--folder", folder)
    shown = run("remote", "add", "ben", "--qr", "--out", tmp_path, "--folder", folder)
    assert "█" not in plain.stdout
    assert "█" in shown.stdout


def test_a_site_has_an_archive(run: Run, folder: Path, tmp_path: Path) -> None:
    made = run("remote", "site", "branch", "--lan", "192.168.77.0/24", "--out", tmp_path,
               "--folder", folder)  # fmt: skip
    assert made.exit_code == 0, made.stderr
    assert (tmp_path / "branch.tar.gz").stat().st_mode & 0o777 == 0o600
    assert "192.168.77.0/24" in made.stdout


def test_a_tunnel_that_is_down_is_said_to_be(run: Run, folder: Path) -> None:
    told = run("remote", "status", "--folder", folder)
    assert told.exit_code == 1
    assert "DOWN" in told.stdout


@pytest.mark.parametrize(("words", "says"), [
    (("revoke", "nobody"), "nobody is called"),
    (("add", "an na"), "a name is"),
    (("site", "x", "--lan-interface", "eth1; reboot"), "--lan-interface"),
    (("site", "x", "--lan", "odd"), "192.168.77.0/24"),
    (("init", "--endpoint", "192.0.2.1"), "there already"),
    (("init", "--rtp", "many"), "like 10000-20000"),
])  # fmt: skip
def test_what_is_wrong_is_one_line(
    run: Run, folder: Path, words: tuple[str, ...], says: str
) -> None:
    result = run("remote", *words, "--folder", folder)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["list", "status", "up", "down"])
def test_before_anything_was_begun(run: Run, tmp_path: Path, command: str) -> None:
    result = run("remote", command, "--folder", tmp_path)
    assert result.exit_code == 2
    assert "ringfence remote init" in result.stderr
