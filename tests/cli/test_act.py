"""`ringfence act`, as a person uses it in the night."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ringfence.cli.app import app
from tests.cli.conftest import Run
from tests.https_server import https_server
from tests.mail_server import certificate_of
from tests.respond.act.test_threecx import Played


@pytest.fixture
def pbx() -> Played:
    return Played()


@pytest.fixture
def settings(pbx: Played, tmp_path: Path) -> Iterator[Path]:
    """Settings that name a 3CX, which is there."""
    certificate = certificate_of(tmp_path)
    with https_server(certificate, pbx.answer) as server:
        path = tmp_path / "my.toml"
        path.write_text(
            f'[threecx]\nurl = "{server.url}"\nclient_id = "ringfence"\nsecret = "s3cret"\n'
            f'authority_file = "{certificate.root}"\n[act]\nnever = ["103"]\n'
        )
        path.chmod(0o600)
        yield path


def open_calls(pbx: Played) -> list[object]:
    return [call["Id"] for call in pbx.calls]


def is_on(pbx: Played) -> bool:
    return pbx.users[0]["Enabled"] is True


def test_calls_are_shown_and_ended(run: Run, settings: Path, pbx: Played) -> None:
    shown = run("act", "end-calls", "101", "--dry-run", "--settings", settings)
    assert shown.exit_code == 0, shown.output
    assert r"3CX at localhost: 101 Anna Example to 00882 \x1b" in shown.stdout
    assert open_calls(pbx)[:2] == [1, 2]
    result = run("act", "end-calls", "101", "--yes", "--settings", settings)
    assert result.exit_code == 0, result.output
    assert "3CX at localhost: 2 calls of 101 ended" in result.stdout
    assert open_calls(pbx) == [3, 4, "5", 6]
    again = run("act", "end-calls", "101", "--settings", settings)
    assert (again.exit_code, again.stdout) == (0, "101 has no calls\n")


def test_it_asks_first_and_a_no_does_nothing(settings: Path, pbx: Played) -> None:
    for command, question in (("end-calls", "End 2 calls of 101?"), ("lock", "Lock 101?")):
        arguments = ["act", command, "101", "--settings", str(settings)]
        result = CliRunner().invoke(app, arguments, input="n\n")
        assert result.exit_code == 0
        assert question in result.stdout
    assert open_calls(pbx)[:2] == [1, 2]
    assert is_on(pbx)


def test_an_account_is_locked_and_unlocked(run: Run, settings: Path, pbx: Played) -> None:
    dry = run("act", "lock", "101", "--dry-run", "--settings", settings)
    assert "the extension of Anna Example is switched off" in dry.stdout
    assert is_on(pbx)
    result = run("act", "lock", "101", "--yes", "--settings", settings)
    assert result.exit_code == 0, result.output
    assert "undo: ringfence act unlock 101" in result.stdout
    assert not is_on(pbx)
    assert run("act", "unlock", "101", "--settings", settings).exit_code == 0
    assert is_on(pbx)


@pytest.mark.parametrize(("account", "says"), [
    ("100", "runs 3CX"), ("103", "never locked"), ("999", "no extension 999"),
    ("101' or 1 eq 1", "no account of a user"),
])  # fmt: skip
def test_who_is_not_locked_is_told_why(
    run: Run, settings: Path, pbx: Played, account: str, says: str
) -> None:
    result = run("act", "lock", account, "--yes", "--settings", settings)
    assert result.exit_code == 2
    assert says in result.output
    assert "s3cret" not in result.output
    assert all(user["Enabled"] for user in pbx.users)


def test_what_was_done_stands_in_the_journal(
    run: Run, settings: Path, attack: Path, tmp_path: Path
) -> None:
    store = tmp_path / "cases.db"
    run("investigate", attack, "--store", store, "--out", tmp_path / "cases")
    listed = run("case", "list", "--store", store).stdout
    number = next(word for word in listed.split() if word.startswith("RF-"))
    result = run("act", "lock", "101", "--yes", "--case", number, "--settings", settings,
                 "--store", store)  # fmt: skip
    assert result.exit_code == 0, result.output
    journal = run("case", "journal", number, "--store", store).stdout
    assert "101 is locked" in " ".join(journal.split())


def test_without_a_phone_system_it_says_where_to_name_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "none.toml").write_text("")
    result = run("act", "lock", "101", "--settings", tmp_path / "none.toml")
    assert result.exit_code == 2
    assert "[asterisk], [freeswitch] or [threecx]" in result.stderr
