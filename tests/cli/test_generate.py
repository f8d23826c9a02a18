"""`ringfence generate`: the one command that prints secrets."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_each_secret_is_a_line_of_its_own(run: Run) -> None:
    result = run("generate", "pin", "--count", 3, "--for", "201")
    assert result.exit_code == 0, result.output
    pins = result.stdout.split()
    assert len(set(pins)) == 3
    assert all(pin.isdigit() for pin in pins)


def test_a_password_for_the_keypad_is_as_long_as_asked_for(run: Run) -> None:
    result = run("generate", "password", "--keypad", "--length", 24)
    assert len(result.stdout.strip()) == 24


def test_what_a_phone_system_has_is_not_made_again(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_text("extension,name,password\n201,Ada,Planted-0ld\n")
    result = run("generate", "id", "--against", source, "--for", "201")
    assert result.exit_code == 0, result.output
    assert "Planted" not in result.output


def test_a_pin_needs_no_keypad_of_its_own(run: Run) -> None:
    assert run("generate", "pin", "--keypad").exit_code == 2


def test_a_source_that_is_not_there_is_an_error(run: Run, tmp_path: Path) -> None:
    result = run("generate", "pin", "--against", tmp_path / "none.csv")
    assert result.exit_code == 2
    assert "none.csv" in result.stderr


def test_a_pin_that_is_too_short_is_refused(run: Run) -> None:
    assert run("generate", "pin", "--length", 3).exit_code == 2
