"""`ringfence settings`, as a person uses it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.https_server import https_server
from tests.mail_server import Desk, certificate_of, mail_server
from tests.respond.outside.test_mikrotik import Router

SECRET = "horse, battery"  # of nobody


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    return tmp_path / "home/ringfence/settings.toml"


def test_show_tells_where_settings_would_be_and_what_letters_need(run: Run, home: Path) -> None:
    result = run("settings", "show")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{home}: not there; `ringfence settings init`")
    assert "  isp.email            isp\n" in result.stdout
    assert "  mail.server          --send\n" in result.stdout


def test_show_tells_what_is_set_and_where_but_no_password(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my.toml").write_text('[victim]\nname = "Anna Example"\n')
    monkeypatch.setenv("RINGFENCE_MAIL_PASSWORD", SECRET)
    result = run("settings", "show", "--settings", tmp_path / "my.toml")
    assert result.exit_code == 0
    assert "  victim.name          Anna Example\n" in result.stdout
    assert "  mail.password        set, not shown  (RINGFENCE_MAIL_PASSWORD)\n" in result.stdout
    assert "victim.name          every letter" not in result.stdout
    assert SECRET not in result.output


def test_init_writes_a_file_for_its_owner_alone_and_only_once(run: Run, home: Path) -> None:
    first, second = run("settings", "init"), run("settings", "init")
    assert first.exit_code == 0
    assert "fill it in, then: ringfence settings show" in first.stdout
    assert home.stat().st_mode & 0o777 == 0o600
    assert second.exit_code == 2
    assert "is there already; --force writes over it" in second.stderr
    assert run("settings", "init", "--force").exit_code == 0


def test_init_writes_where_it_is_told(run: Run, tmp_path: Path) -> None:
    assert run("settings", "init", "--out", tmp_path / "a/b.toml").exit_code == 0
    assert run("settings", "show", "--settings", tmp_path / "a/b.toml").exit_code == 0


@pytest.mark.parametrize("command", ["show", "check-mail"])
def test_settings_that_are_not_there_are_an_error(run: Run, tmp_path: Path, command: str) -> None:
    result = run("settings", command, "--settings", tmp_path / "gone.toml")
    assert result.exit_code == 2
    assert "gone.toml: no such settings" in result.stderr


def test_check_mail_logs_in_over_tls_and_sends_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_of(tmp_path)
    monkeypatch.setenv("RINGFENCE_MAIL_PASSWORD", SECRET)
    desk = Desk(password=SECRET)
    with mail_server(desk, starttls=certificate) as port:
        path = tmp_path / "my.toml"
        path.write_text(
            f'[victim]\nemail = "anna@office.example"\n[mail]\nserver = "localhost"\n'
            f'port = {port}\nuser = "anna"\nauthority_file = "{certificate.root}"\n'
        )
        result = run("settings", "check-mail", "--settings", path)
    assert result.exit_code == 0, result.stderr
    assert f"localhost:{port} would take letters from anna@office.example" in result.stdout
    assert "  TLSv1." in result.stdout
    assert "  logged in\n" in result.stdout
    assert (desk.letters, desk.attempts) == ([], ["PLAIN"])


def test_check_mail_in_the_clear_says_so(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    with mail_server(Desk()) as port:
        path.write_text(
            f'[mail]\nserver = "127.0.0.1"\nsecurity = "none"\nport = {port}\n'
            'sender = "anna@office.example"\n'
        )
        result = run("settings", "check-mail", "--settings", path)
    assert result.exit_code == 0, result.stderr
    assert "  in the clear, without TLS\n  not logged in: no mail.user is set\n" in result.stdout


def test_check_mail_that_cannot_log_in_is_an_error(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_of(tmp_path)
    monkeypatch.setenv("RINGFENCE_MAIL_PASSWORD", "wrong horse")
    path = tmp_path / "my.toml"
    with mail_server(Desk(password=SECRET), starttls=certificate) as port:
        path.write_text(
            f'[mail]\nserver = "localhost"\nport = {port}\nuser = "anna"\n'
            f'authority_file = "{certificate.root}"\n'
        )
        result = run("settings", "check-mail", "--settings", path)
    assert result.exit_code == 2
    assert "mail.user or mail.password is wrong" in result.stderr
    assert "wrong horse" not in result.output


def test_machines_are_asked_and_nothing_is_changed(run: Run, tmp_path: Path) -> None:
    router, certificate = Router(), certificate_of(tmp_path)
    router.lists["ip"] = [{".id": "*A", "list": "ringfence", "address": "198.51.100.1"}]
    router.rules = []
    with https_server(certificate, router.answer) as server:
        text = (
            f'[mikrotik]\nurl = "{server.url}"\nuser = "ringfence"\npassword = "s3cret"\n'
            f'authority_file = "{certificate.root}"\n'
        )
        path = tmp_path / "machines.toml"
        path.write_text(text)
        path.chmod(0o600)
        result = run("settings", "check-machines", "--settings", path)
        assert result.exit_code == 0, result.output
        path.write_text(text.replace("s3cret", "wr0ng"))
        refused = run("settings", "check-machines", "--settings", path)
    assert "MikroTik at localhost: answers; 0 of ours, 1 of others" in result.stdout
    assert "but no rule of the router drops the list ringfence" in result.stdout
    assert refused.exit_code == 2
    assert "NOT usable: localhost: 401, refuses the login" in refused.stdout
    assert "wr0ng" not in refused.output
    assert server.changes == []


def test_no_machine_is_an_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text("")
    result = run("settings", "check-machines", "--settings", tmp_path / "my.toml")
    assert result.exit_code == 2
    assert "no machine is named" in result.stderr
