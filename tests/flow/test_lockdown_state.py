"""Plans and journal on the disk."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from threading import Thread

import pytest

from ringfence.flow import lockdown_state as module
from ringfence.flow.lockdown_state import JOURNAL, LockdownState
from ringfence.model.lockdown import LockdownError
from tests.remote.test_plan import made


def test_plan_is_only_ours_to_read_and_comes_back_as_it_was(tmp_path: Path) -> None:
    state = LockdownState(tmp_path / "data/lockdown")
    assert state.plan("trial.json") is None
    state.write_plan("trial.json", made())
    path = tmp_path / "data/lockdown/trial.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert state.plan("trial.json") == made()
    assert [one.name for one in path.parent.iterdir()] == ["trial.json"]
    state.forget("trial.json", "confirmed.json")
    assert state.plan("trial.json") is None


def test_damaged_plan_is_an_error_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "confirmed.json").write_text("{")
    with pytest.raises(LockdownError, match=r"confirmed\.json"):
        LockdownState(tmp_path).plan("confirmed.json")


def test_journal_is_added_to_and_outlives_a_torn_line(tmp_path: Path) -> None:
    state = LockdownState(tmp_path)
    state.note("trial", plan="0123abcd")
    with (tmp_path / JOURNAL).open("a") as stream:
        stream.write('{"at": "20\n[]\n')
    state.note("off")
    assert [one["event"] for one in state.journal()] == ["trial", "off"]


def test_journal_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_JOURNAL", 100)
    state = LockdownState(tmp_path)
    for number in range(9):
        state.note("trial", plan=f"{number:08x}")
    assert sorted(one.name for one in tmp_path.iterdir()) == [JOURNAL, f"{JOURNAL}.1"]
    assert state.journal()[-1]["plan"] == "00000008"


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root to give files away")
def test_files_that_root_writes_are_those_of_the_folder_above(tmp_path: Path) -> None:
    """The units of an installed machine, which load them at its start, are not root's."""
    os.chown(tmp_path, 4_242_424, 4_242_424)
    state = LockdownState(tmp_path / "lockdown")
    state.note("off")
    state.write("lockdown.nft", b"x")
    for path in (tmp_path / "lockdown", *(tmp_path / "lockdown").iterdir()):
        assert path.stat().st_uid == 4_242_424


def test_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "lockdown").write_text("a file")
    with pytest.raises(LockdownError, match="lockdown"):
        LockdownState(tmp_path / "lockdown").note("off")


def test_two_wait_for_each_other_and_nobody_waits_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that hangs must not keep the owner from opening his ports."""
    state = LockdownState(tmp_path)
    order: list[str] = []

    def second() -> None:
        with state.alone():
            order.append("second")

    thread = Thread(target=second)
    with state.alone():
        thread.start()
        order.append("first")
    thread.join(20)
    assert order == ["first", "second"]
    monkeypatch.setattr(module, "_PATIENCE_S", 0.1)
    with state.alone(), state.alone():
        order.append("all the same")
    assert order[-1] == "all the same"


def test_disk_that_cannot_be_written_keeps_nobody_from_opening(tmp_path: Path) -> None:
    (tmp_path / "lockdown").write_text("a file")
    with LockdownState(tmp_path / "lockdown").alone():
        done = True
    assert done
