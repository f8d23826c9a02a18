"""A drill from the question to its journal: nothing is sent that was not proven or told."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from ringfence.flow.drill import start
from ringfence.flow.drill.course import Course
from ringfence.flow.drill.start import drill, hold_token, resolved
from ringfence.model.drill import OK, STEPS, UNCHECKED, DrillError, Step

HOME = "127.0.0.1"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "ringfence" / start.JOURNAL


def test_own_machine_needs_no_code_and_is_never_attacked(home: Path) -> None:
    done = drill(HOME, "", Course())
    assert {one.name: one.state for one in done.steps} == {
        name: OK if name in STEPS[:1] else UNCHECKED for name in STEPS
    } | {STEPS[2]: done.steps[2].state}
    lines = [json.loads(line) for line in home.read_text().splitlines()]
    assert len(lines) == len(done.sent)
    assert {line["drill"] for line in lines} == {done.drill}
    assert not any("attack" in line["what"] or line["port"] == 5060 for line in lines)
    assert home.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("code", ["", "ABCD"])
def test_machine_of_another_is_refused_without_a_packet(home: Path, code: str) -> None:
    with pytest.raises(DrillError, match="nothing was sent"):
        drill("192.0.2.10", code, Course())
    assert not home.exists() or home.read_text() == ""


def test_drill_that_is_stopped_says_what_it_sent_and_did_not_do() -> None:
    def stop(step: Step) -> None:
        if step.name == STEPS[0]:
            raise KeyboardInterrupt

    done = drill(HOME, "", Course(), tell=stop)
    assert done.stopped
    assert [one.state for one in done.steps] == [OK, *[UNCHECKED] * 5]
    assert done.sent == ()


def test_name_without_an_address_is_said() -> None:
    with pytest.raises(DrillError, match="nothing was sent"):
        resolved("pbx.invalid")


def test_address_is_taken_as_it_is() -> None:
    assert resolved("2001:DB8::10") == ("2001:db8::10",)


def test_journal_that_grew_for_years_begins_anew(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "_MAX_JOURNAL", 10)
    home.parent.mkdir()
    home.write_text("x" * 11)
    with start._journal() as journal:
        journal.write(b"new\n")
    assert home.read_text() == "new\n"


def test_code_is_shown_once_with_where_and_until_when(tmp_path: Path) -> None:
    shown: list[str] = []

    def show(code: str, addresses: tuple[str, ...], until: datetime) -> None:
        shown.extend([code, *addresses, until.isoformat()])
        raise KeyboardInterrupt

    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        hold_token(["192.0.2.10"], 0, str(tmp_path / "run"), "x.db", show, said.append)
    assert len(shown[0]) == 19
    assert shown[1] == "192.0.2.10"
    assert "no guard runs here" in said[0]
    assert not list(tmp_path.rglob("drill.json"))
