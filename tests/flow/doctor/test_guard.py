"""The guard, as the doctor sees it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ringfence.flow.doctor.guard import check_guard
from ringfence.flow.machine import Ran
from ringfence.model.guard_status import (
    FAILING,
    SILENT,
    AttackStatus,
    BlockStatus,
    GuardStatus,
    SourceStatus,
)
from tests.flow.machines import machine, said

FILE = "/run/ringfence/status.json"
NOW = datetime(2026, 11, 26, 14, 2, 11, tzinfo=UTC)
AT = "2026-11-26T14:02:10Z"


def told(tmp_path: Path, status: GuardStatus) -> list[str]:
    one = machine(tmp_path, {FILE: msgspec.json.encode(status).decode()})
    return said(check_guard(one, FILE, NOW, is_installed=False))


def test_guard_that_watches(tmp_path: Path) -> None:
    assert told(tmp_path, GuardStatus(AT, AT, enforcing=False)) == [
        "ok guard: it watches, and blocks nobody"
    ]


def test_guard_that_blocks(tmp_path: Path) -> None:
    assert told(tmp_path, GuardStatus(AT, AT, enforcing=True, blocked=1204)) == [
        "ok guard: it blocks; 1,204 are blocked now"
    ]


def test_attacker_who_got_in_is_the_loudest(tmp_path: Path) -> None:
    attack = AttackStatus(("203.0.113.7",), (), 9, AT, "blocked", accounts_taken=("240",))
    found = told(tmp_path, GuardStatus(AT, AT, enforcing=True, attacks=(attack,)))
    assert found[0] == "fail guard: an attacker got in"


def test_agent_of_hep_whose_clock_is_off(tmp_path: Path) -> None:
    source = SourceStatus("hep 9060", says="its clock is 95 s behind ours")
    found = told(tmp_path, GuardStatus(AT, AT, enforcing=True, sources=(source,)))
    assert found[1:] == ["warn guard: hep 9060: its clock is 95 s behind ours"]


def test_sources_that_are_silent_or_fail_are_told_once(tmp_path: Path) -> None:
    sources = (
        SourceStatus("security", SILENT, says="silent since 14:02Z"),
        SourceStatus("interface eth0", FAILING, says="eth0 is down"),
    )
    block = BlockStatus("203.0.113.7", "block", AT, 4, "not_effective")
    status = GuardStatus(AT, AT, enforcing=True, sources=sources, blocks=(block,))
    assert told(tmp_path, status)[1:] == [
        "warn guard: security: silent since 14:02Z",
        "fail guard: interface eth0: eth0 is down",
        "warn guard: the block of 203.0.113.7 does not work",
    ]


def test_guard_that_hangs(tmp_path: Path) -> None:
    old = GuardStatus("2026-11-26T13:00:00Z", AT, enforcing=True)
    assert told(tmp_path, old) == ["fail guard: the guard was heard of last 3,731 s ago"]


def test_status_of_another_version(tmp_path: Path) -> None:
    one = machine(tmp_path, {FILE: '{"at": 7}'})
    assert said(check_guard(one, FILE, NOW, is_installed=False)) == [
        f"warn guard: {FILE} cannot be read: of another version?"
    ]


def test_no_guard_at_all(tmp_path: Path) -> None:
    (found,) = check_guard(machine(tmp_path), FILE, NOW, is_installed=False)
    assert (found.says, found.do) == ("no guard runs", "sudo ringfence install")


def test_unit_that_failed(tmp_path: Path) -> None:
    answers: dict[str, Ran | str] = {
        "systemctl is-active ringfence-firewall": "active\n",
        "systemctl is-active ringfence-guard": Ran(3, "failed\n"),
    }
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    found = list(check_guard(machine(tmp_path, {}, answers), FILE, NOW, is_installed=True))
    assert [one.says for one in found] == [
        "ringfence-guard is failed",
        f"the guard does not say how it stands: no {FILE}",
    ]


def test_installed_below_a_folder_where_nothing_runs(tmp_path: Path) -> None:
    assert said(check_guard(machine(tmp_path), FILE, NOW, is_installed=True)) == []
