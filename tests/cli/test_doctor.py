"""`ringfence doctor`, as a person and a script see it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from ringfence.cli.doctor import lines
from ringfence.model.finding import FAIL, OK, WARN, Finding
from tests.cli.conftest import Run

WELL = Finding("clock", OK, "the clock is held to the time")
WORSE = Finding("logs", WARN, "Asterisk does not log security events", "security => security")
BAD = Finding("firewall", FAIL, "nft is missing", "sudo apt install nftables")


Found = Callable[..., None]


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Found:
    """Have the machine be like that."""

    def found(*findings: Finding) -> None:
        monkeypatch.setattr("ringfence.flow.doctor.examination.examine", lambda *_: list(findings))

    return found


def test_each_finding_is_a_line_with_what_to_do_below(run: Run, found: Found) -> None:
    found(WELL, WORSE)
    result = run("doctor")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "OK    clock: the clock is held to the time",
        "WARN  logs: Asterisk does not log security events",
        "      > security => security",
        "0 to repair, 1 to look at",
    ]


def test_what_fails_is_the_exit_status(run: Run, found: Found) -> None:
    found(WELL, BAD)
    assert run("doctor").exit_code == 1


def test_all_is_well(run: Run, found: Found) -> None:
    found(WELL)
    assert run("doctor").stdout.splitlines()[-1] == "all well"


def test_findings_for_a_program(run: Run, found: Found) -> None:
    found(WORSE, BAD)
    result = run("doctor", "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["schema"], told["worst"]) == ("ringfence.doctor/1", "fail")
    assert told["findings"][0] == {
        "check": "logs", "state": "warn", "says": WORSE.says, "do": WORSE.do,
    }  # fmt: skip


def test_names_of_files_cannot_steer_the_terminal() -> None:
    assert lines([Finding("logs", OK, "/var/log/\x1b[2J")])[0].endswith(r"/var/log/\x1b[2J")


def test_this_very_machine_can_be_looked_at(run: Run) -> None:
    """Whatever it is: no traceback, and each line in its form."""
    result = run("doctor")
    assert result.exit_code in (0, 1)
    *told, last = result.stdout.splitlines()
    assert all(line.startswith(("OK ", "WARN", "FAIL", "      > ")) for line in told)
    assert last == "all well" or last.endswith("to look at")
