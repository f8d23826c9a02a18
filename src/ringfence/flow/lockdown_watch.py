"""Who tidies up after a trial that nobody confirmed.

The kernel has opened the ports by then; a rule that drops nothing, and a plan that nobody
wanted, stand about. Two look after them, and neither is needed: a process of its own session,
which no lost terminal ends, and a timer of systemd, where that rules.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from ringfence.flow.machine import Machine

# So long after the end of the trial, by the kernel's clock.
_AFTER_S = 3
# What the process that is left alone needs of our environment.
_VARIABLES = ("RINGFENCE_SETTINGS", "RINGFENCE_STORE", "XDG_DATA_HOME", "HOME", "PYTHONPATH")
_LEFT_ALONE: list[object] = []


def watch(
    plan_id: str, seconds: int, machine: Machine, environment: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Who was asked to look after it: "process", "timer"."""
    given = os.environ if environment is None else environment
    started = []
    if _start_process(["--after", str(seconds + _AFTER_S), plan_id]):
        started.append("process")
    if machine.is_running and not machine.run(timer(plan_id, seconds, given), "").code:
        started.append("timer")
    return tuple(started)


def timer(plan_id: str, seconds: int, environment: Mapping[str, str]) -> list[str]:
    """The transient timer of systemd."""
    kept = [f"--setenv={name}={environment[name]}" for name in _VARIABLES if environment.get(name)]
    return [
        "systemd-run", f"--on-active={seconds + _AFTER_S}", "--timer-property=AccuracySec=1s",
        f"--unit=ringfence-lockdown-{plan_id}", "--collect", "--quiet", *kept, "--",
        *_command(), plan_id,
    ]  # fmt: skip


def _command() -> list[str]:
    return [sys.executable, "-m", "ringfence", "lockdown", "settle"]


def _start_process(arguments: Sequence[str]) -> bool:
    try:
        process = subprocess.Popen(  # noqa: S603  an argument list, no shell
            [*_command(), *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, cwd="/",
        )  # fmt: skip
    except OSError:
        return False
    _LEFT_ALONE.append(process)  # it outlives us: nobody waits for it
    return True
