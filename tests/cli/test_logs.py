"""`ringfence logs`, as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.scene import ringfence

ATTACK = (
    b"[2026-11-23 09:34:16] NOTICE[1] chan_sip.c: Registration from '<sip:%s@x>' failed for "
    b"'203.0.113.66:5071' - Wrong password\n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "messages"
    place.write_bytes(b"".join(ATTACK % user for user in (b"101", b"102", b"\x1b[2J\xff")))
    return place


def test_sources_are_shown(path: Path) -> None:
    answer = ringfence("logs", path)
    assert answer.status == 0
    first, second, third = answer.out.splitlines()
    assert first.endswith("asterisk.log, 3 lines, 3 of 3 about logins understood")
    assert second == "203.0.113.66  3 refused"
    assert "accounts" in third


def test_escape_sequences_do_not_reach_the_terminal(path: Path) -> None:
    answer = ringfence("logs", path)
    assert "\x1b" not in answer.out
    assert r"\x1b[2J" in answer.out


def test_events_as_json_one_a_line(path: Path, tmp_path: Path) -> None:
    answer = ringfence("logs", path, "--json", "-")
    assert [json.loads(line)["account"] for line in answer.out.splitlines()][:2] == ["101", "102"]
    out = tmp_path / "events"
    shown = ringfence("logs", path, "--json", out)
    assert out.read_text() == answer.out
    assert "203.0.113.66" in shown.out


def test_the_limit_leaves_a_count(tmp_path: Path) -> None:
    path = tmp_path / "log"
    lines = (
        f"2026-11-23 09:34:16.0 [WARNING] sofia_reg.c:1 Can't find user [1@x] from 203.0.113.{n}\n"
        for n in range(5)
    )
    path.write_text("".join(lines))
    assert "and 3 more sources; --limit shows them" in ringfence("logs", path, "--limit", "2").out


def test_what_was_not_understood_is_told(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("2026-11-23 09:34:16.0 [WARNING] sofia_reg.c:1 SIP auth failure by x\n")
    assert "1 not understood: a line of sofia_reg.c" in ringfence("logs", path).out


@pytest.mark.parametrize(("arguments", "words"), [
    (["absent.log"], "absent.log: No such file"),
    (["--kind", "3com", "x"], "kinds are asterisk"),
])  # fmt: skip
def test_mistakes_end_in_a_line_and_status_2(arguments: list[str], words: str) -> None:
    answer = ringfence("logs", *arguments)
    assert answer.status == 2
    assert words in answer.err


def test_an_export_that_cannot_be_written_is_named(path: Path) -> None:
    answer = ringfence("logs", path, "--json", "/nowhere/x")
    assert answer.status == 2
    assert "/nowhere/x: No such file" in answer.err
