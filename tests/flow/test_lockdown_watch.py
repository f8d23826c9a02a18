"""Who tidies up: asked for in words that systemd and a process of its own understand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ringfence.flow.lockdown_watch import timer, watch
from tests.flow.machines import machine


class _Started:
    """What was started, and how."""

    def __init__(self) -> None:
        self.command: list[str] = []
        self.options: dict[str, object] = {}

    def __call__(self, command: list[str], **options: object) -> _Started:
        self.command, self.options = command, options
        return self


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> _Started:
    found = _Started()
    monkeypatch.setattr(subprocess, "Popen", found)
    return found


def test_process_is_of_its_own_session_and_holds_no_terminal(
    tmp_path: Path, started: _Started
) -> None:
    assert watch("0123abcd", 120, machine(tmp_path)) == ("process",)
    assert started.command[-5:] == ["lockdown", "settle", "--after", "123", "0123abcd"]
    assert started.options["start_new_session"] is True
    assert {started.options[one] for one in ("stdin", "stdout", "stderr")} == {subprocess.DEVNULL}


def test_timer_is_asked_for_where_systemd_rules(tmp_path: Path, started: _Started) -> None:
    rules = {"/run/systemd/system/x": ""}
    assert watch("0123abcd", 120, machine(tmp_path, rules, {"systemd-run": ""})) == (
        "process", "timer",
    )  # fmt: skip
    assert watch("0123abcd", 120, machine(tmp_path, rules)) == ("process",)
    assert started.command[0] == sys.executable


def test_timer_takes_along_where_the_plan_is() -> None:
    words = timer("0123abcd", 120, {"XDG_DATA_HOME": "/srv/x", "MAIL": "y"})
    assert words[:2] == ["systemd-run", "--on-active=123"]
    assert "--setenv=XDG_DATA_HOME=/srv/x" in words
    assert not [one for one in words if "MAIL" in one]
    assert words[-4:] == ["ringfence", "lockdown", "settle", "0123abcd"]


def test_machine_that_starts_no_process_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", fails)
    assert watch("0123abcd", 120, machine(tmp_path)) == ()
