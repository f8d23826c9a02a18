"""`ringfence verify`, `key` and `stamp`: what they say and how they end."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence import flow
from ringfence.evidence.signature import read_key_line
from ringfence.flow.places import places
from ringfence.model.evidence import SealOptions
from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without a key."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))


@pytest.fixture
def sealed(attack: Path, tmp_path: Path) -> Path:
    """A case folder with one bag."""
    incident = flow.investigate([str(attack)]).incident
    (tmp_path / "case").mkdir()
    folder = tmp_path / "case/evidence"
    options = SealOptions("ringfence 1", "anna", "RF-1", key_file=str(places().evidence_key))
    flow.seal_evidence(
        str(folder), incident, [str(attack)], options, lambda: "2026-11-25T20:00:00Z"
    )
    return tmp_path / "case"


def test_verify_says_that_all_is_as_it_was_sealed(run: Run, sealed: Path) -> None:
    result = run("verify", sealed)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "All of it is as it was sealed."
    assert "bag-0001: whole, 4 files, seal sha256:" in result.stdout
    assert "the key of this machine" in result.stdout


def test_verify_says_what_differs(run: Run, sealed: Path) -> None:
    (sealed / "evidence/bag-0001/data/incident.json").write_text("{}")
    result = run("verify", sealed / "evidence/bag-0001")
    assert result.exit_code == 1
    assert "! data/incident.json was changed: SHA-256 is 44136fa3" in result.stdout
    assert result.stdout.splitlines()[-1].startswith("NOT as it was sealed: ")


def test_verify_counts_what_differs(run: Run, sealed: Path) -> None:
    (sealed / "evidence/bag-0001/data/more").touch()
    result = run("verify", sealed)
    assert "! data/more was added: no manifest lists it" in result.stdout
    assert result.stdout.splitlines()[-1] == "NOT as it was sealed: 2 things differ."


def test_a_key_of_somebody_else_is_said_to_be_unknown(
    run: Run, sealed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "court"))
    result = run("verify", sealed)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "All of it is as it was sealed, by an unknown key."


def test_a_key_that_was_named_has_to_be_the_one_that_signed(
    run: Run, sealed: Path, tmp_path: Path
) -> None:
    run("key", "--key", tmp_path / "other")
    result = run("verify", sealed, "--key", tmp_path / "other")
    assert result.exit_code == 1
    assert "is by another key than the one named" in result.stdout
    mine = tmp_path / "mine.pub"
    mine.write_text((tmp_path / "home/ringfence/evidence-key.pub").read_text())
    assert run("verify", sealed, "--key", mine).exit_code == 0


@pytest.mark.parametrize("option", ["--key", "--authority"])
def test_a_file_that_is_not_there_is_an_error(run: Run, sealed: Path, option: str) -> None:
    result = run("verify", sealed, option, sealed / "gone")
    assert result.exit_code == 2
    assert "gone: " in result.stderr
    assert result.stdout == ""


def test_where_there_is_no_evidence_is_an_error(run: Run, tmp_path: Path) -> None:
    result = run("verify", tmp_path)
    assert result.exit_code == 2
    assert "no evidence here" in result.stderr


def test_a_hostile_bag_does_not_steer_the_terminal(run: Run, sealed: Path) -> None:
    (sealed / "evidence/bag-0001/data/\x1b]0;owned\x07").touch()
    result = run("verify", sealed)
    assert result.exit_code == 1
    assert "\x1b" not in result.stdout


def test_key_is_made_once_and_shown(run: Run, tmp_path: Path) -> None:
    first, second = run("key"), run("key")
    assert first.exit_code == second.exit_code == 0
    assert first.stdout == second.stdout
    assert len(read_key_line(first.stdout)) == 51
    assert re.search(r"^SHA256:\S{43}  .*made now", first.stderr)
    assert "made now" not in second.stderr
    assert (tmp_path / "home/ringfence/evidence-key").is_file()


def test_key_that_cannot_be_used_is_an_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("x")
    (tmp_path / "key").chmod(0o600)
    result = run("key", "--key", tmp_path / "key")
    assert result.exit_code == 2
    assert "key: no OpenSSH key" in result.stderr


def test_stamp_that_gets_no_answer_is_an_error_and_changes_nothing(run: Run, sealed: Path) -> None:
    pytest.importorskip("rfc3161_client")
    bag = sealed / "evidence/bag-0001"
    before = sorted(bag.rglob("*"))
    result = run("stamp", bag, "--timestamp", "file:///etc/passwd")
    assert result.exit_code == 2
    assert "--timestamp file:///etc/passwd" in result.stderr
    assert sorted(bag.rglob("*")) == before


def test_captures_that_cannot_be_read_again_are_an_error(attack: Path, tmp_path: Path) -> None:
    from ringfence.model.evidence import EvidenceError

    incident = flow.investigate([str(attack)]).incident
    options = SealOptions("ringfence 1", "anna", key_file=str(places().evidence_key))
    gone = replace(incident, inputs=[replace(incident.inputs[0], path="gone")])
    with pytest.raises(EvidenceError, match=r"cannot be read again: .*gone"):
        flow.seal_evidence(
            str(tmp_path / "evidence"), gone, [str(tmp_path / "gone")], options, lambda: ""
        )
    assert not (tmp_path / "evidence").exists()
