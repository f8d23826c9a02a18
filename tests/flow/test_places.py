"""Where everything is: the user's own, or the installed machine's."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.flow.places import (
    MACHINE,
    Places,
    default_settings_file,
    default_store,
    is_installed,
    places,
    runtime_folder,
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.delenv("RINGFENCE_STORE", raising=False)
    return tmp_path


@pytest.fixture
def machine(tmp_path: Path) -> Places:
    """One where nothing is installed yet."""
    return Places(tmp_path / "etc/settings.toml", tmp_path / "var", tmp_path / "run")


def install(machine: Places) -> None:
    machine.settings.parent.mkdir()
    machine.settings.touch()
    machine.data.mkdir()


def test_user_has_his_own_where_nothing_is_installed(home: Path, machine: Places) -> None:
    assert not is_installed(machine)
    assert places(machine).store == home / "data/ringfence/cases.db"
    assert default_settings_file(machine) == home / "config/ringfence/settings.toml"


def test_installed_machine_has_one_place(machine: Places) -> None:
    install(machine)
    assert places(machine) is machine
    assert default_store({}, machine) == str(machine.data / "cases.db")
    assert default_settings_file(machine) == machine.settings


def test_settings_without_a_place_for_cases_are_not_enough(home: Path, machine: Places) -> None:
    """Removed with its settings kept: the cases go to where they can be written."""
    machine.settings.parent.mkdir()
    machine.settings.touch()
    assert default_store({}, machine) == str(home / "data/ringfence/cases.db")


def test_environment_goes_before_both(machine: Places) -> None:
    install(machine)
    assert default_store({"RINGFENCE_STORE": "postgresql://h/cases"}, machine) == (
        "postgresql://h/cases"
    )


def test_runtime_is_that_of_the_unit_then_of_root_then_of_the_user(
    home: Path, machine: Places
) -> None:
    unit = {"RUNTIME_DIRECTORY": "/run/one:/run/two"}
    assert runtime_folder(unit, as_root=True, machine=machine) == Path("/run/one")
    assert runtime_folder({}, as_root=True, machine=machine) == machine.runtime
    assert runtime_folder({}, as_root=False, machine=machine) == home / "runtime/ringfence"
    install(machine)
    assert runtime_folder({}, as_root=False, machine=machine) == machine.runtime


def test_who_is_not_logged_in_has_no_session_and_still_a_place(
    home: Path, machine: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert places(machine).runtime == home / "data/ringfence/run"


def test_the_machine_has_the_places_that_its_units_name() -> None:
    assert str(MACHINE.store) == "/var/lib/ringfence/cases.db"
    assert str(MACHINE.cases) == "/var/lib/ringfence/cases"
    assert str(MACHINE.status) == "/run/ringfence/status.json"
    assert str(MACHINE.firewall) == "/run/ringfence/firewall.sock"


def test_keys_stand_where_the_cases_do(home: Path, machine: Places) -> None:
    mine = places(machine)
    assert mine.evidence_key == home / "data/ringfence/evidence-key"
    install(machine)
    assert places(machine).evidence_key == machine.data / "evidence-key"
    assert places(machine).pseudonym_key == machine.data / "pseudonym-key"
