"""`ringfence rehearse`, as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Run


def test_rehearse_tells_each_decision_and_that_nobody_is_hit(run: Run, attack: Path) -> None:
    result = run("rehearse", attack)
    assert result.exit_code == 0, result.output
    assert "block for 1 min: 203.0.113.66 after 1 requests, 0 refused" in result.stdout
    assert "ALARM: 203.0.113.66, account 240" in result.stdout
    assert "THE ATTACKER IS IN" in result.stdout
    assert result.stdout.endswith("Nobody who is not accused would have been hit.\n")


def test_limit_of_the_list_says_how_many_are_left_out(run: Run, attack: Path) -> None:
    result = run("rehearse", attack, "--limit", 1)
    assert "decisions more; --limit shows them" in result.stdout


def test_trunk_that_attacks_is_not_blocked(run: Run, attack: Path) -> None:
    result = run("rehearse", attack, "--trunk", "203.0.113.66", "--json")
    decisions = [json.loads(line) for line in result.stdout.splitlines()]
    assert {d["action"] for d in decisions if d["address"] == "203.0.113.66"} == {"alarm"}


def test_json_is_a_line_a_decision(run: Run, attack: Path) -> None:
    result = run("rehearse", attack, "--json", "--known", "198.51.100.9", "--guesses", 5)
    decisions = [json.loads(line) for line in result.stdout.splitlines()]
    assert [d["account"] for d in decisions if "guessed at account" in d["reason"]]
    assert all(d["verdict_at_the_end"] for d in decisions)


def test_a_file_that_is_none_is_an_error(run: Run, tmp_path: Path) -> None:
    result = run("rehearse", tmp_path / "gone.pcap")
    assert result.exit_code == 2
