"""The clock: who holds it to the time."""

from __future__ import annotations

from pathlib import Path

from ringfence.flow.doctor.clock import check_clock
from ringfence.model.evidence import HostClock
from tests.flow.machines import machine, processes, said


def test_a_clock_that_is_held_to_the_time(tmp_path: Path) -> None:
    clock = HostClock(synchronised=True, max_error_s=0.0123)
    assert said(check_clock(machine(tmp_path), clock)) == [
        "ok clock: the clock is held to the time within 12 ms"
    ]


def test_a_clock_that_may_be_far_off(tmp_path: Path) -> None:
    clock = HostClock(synchronised=True, max_error_s=8.0)
    assert said(check_clock(machine(tmp_path), clock)) == [
        "warn clock: the clock may be off by 8.0 s"
    ]


def test_nobody_keeps_the_time(tmp_path: Path) -> None:
    (found,) = check_clock(machine(tmp_path), HostClock(synchronised=False))
    assert found.state == "warn"
    assert "set-ntp true" in found.do


def test_chrony_runs_and_cannot_reach_its_servers(tmp_path: Path) -> None:
    one = machine(tmp_path, processes("chronyd"))
    (found,) = check_clock(one, HostClock(synchronised=False))
    assert found.says == "chronyd runs, but does not hold the clock to the time"
    assert "chronyc sources" in found.do


def test_systemd_knows_better_than_the_kernel_of_a_container(tmp_path: Path) -> None:
    one = machine(tmp_path, answers={"timedatectl show -p NTPSynchronized": "yes\n"})
    assert said(check_clock(one, HostClock(synchronised=False))) == [
        "ok clock: the clock is held to the time by its host"
    ]


def test_a_kernel_that_does_not_say(tmp_path: Path) -> None:
    assert said(check_clock(machine(tmp_path), HostClock()))[0].startswith("ok clock")
