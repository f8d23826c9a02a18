"""`ringfence drill`, as a person calls it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ringfence.flow.drill import start
from ringfence.model.drill import DOORS, FAIL, OK, OWNERSHIP, Drilled, Sent, Step

if TYPE_CHECKING:
    from tests.cli.conftest import Run

SENT = Sent("2026-11-26T12:00:00.000Z", "OPTIONS", "192.0.2.10", 5060, "UDP", 1, "answer")
STEP = Step(DOORS, FAIL, "open from here: \x1b[2J", "it is bad", "close it")


def drilled(*steps: Step, stopped: bool = False) -> Drilled:
    return Drilled("192.0.2.10", "m4rk", "2026-11-26T12:00:00Z", steps, (SENT, SENT), stopped)


def carry_out(monkeypatch: pytest.MonkeyPatch, done: Drilled) -> None:
    def carried_out(*arguments: object) -> Drilled:
        tell = arguments[-1]
        assert callable(tell)
        for step in done.steps:
            tell(step)
        return done

    monkeypatch.setattr(start, "drill", carried_out)


def test_machine_of_another_needs_a_code(run: Run) -> None:
    result = run("drill", "192.0.2.10")
    assert result.exit_code == 2
    assert "nothing was sent: run `ringfence drill token`" in result.stderr


def test_what_is_no_code_is_said_and_not_repeated(run: Run) -> None:
    result = run("drill", "192.0.2.10", "--token", "SECRET-1")
    assert result.exit_code == 2
    assert "SECRET" not in result.output + result.stderr


@pytest.mark.parametrize("words", [["drill", "127.0.0.1", "--json"],
                                   ["drill", "--json", "127.0.0.1"],
                                   ["drill", "at", "127.0.0.1", "--json"]])  # fmt: skip
def test_json_is_one_object(run: Run, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    carry_out(monkeypatch, drilled(Step(OWNERSHIP, OK, "it is ours")))
    result = run(*words)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["schema"], found["failed"], found["packets"]) == ("ringfence.drill/1", False, 2)
    assert found["steps"][0]["name"] == OWNERSHIP


def test_what_fails_is_told_with_what_to_do_and_what_was_sent(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out(monkeypatch, drilled(STEP))
    result = run("drill", "127.0.0.1")
    assert result.exit_code == 1
    assert r"other doors: open from here: \x1b[2J" in result.stdout
    assert "> close it" in result.stdout
    assert " 2 x OPTIONS to 192.0.2.10 port 5060/UDP: answer" in result.stdout


def test_drill_that_was_stopped_passed_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    carry_out(monkeypatch, drilled(stopped=True))
    result = run("drill", "127.0.0.1")
    assert result.exit_code == 2
    assert "Stopped." in result.stdout


def test_token_for_what_is_no_address_is_an_error(run: Run) -> None:
    result = run("drill", "token", "--pbx", "somewhere")
    assert result.exit_code == 2
    assert "--pbx takes an address" in result.stderr
