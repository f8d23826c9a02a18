"""Whether the time that cases and letters bear is right."""

from __future__ import annotations

from collections.abc import Iterator

from ringfence.flow.machine import Machine
from ringfence.model.evidence import HostClock
from ringfence.model.finding import OK, WARN, Finding

_KEEPERS = ("chronyd", "ntpd", "systemd-timesyncd", "systemd-timesyn", "openntpd", "ptp4l")
_MAX_ERROR_S = 1.0


def check_clock(machine: Machine, clock: HostClock) -> Iterator[Finding]:
    """By the kernel; where that does not know, by who ought to keep it."""
    keeper = next((name for name in _KEEPERS if machine.runs(name)), "")
    if clock.synchronised:
        error = clock.max_error_s or 0.0
        within = f" within {error * 1000:.0f} ms" if error else ""
        if error > _MAX_ERROR_S:
            yield Finding("clock", WARN, f"the clock may be off by {error:.1f} s",
                          "chronyc tracking, or timedatectl timesync-status")  # fmt: skip
        else:
            yield Finding("clock", OK, f"the clock is held to the time{within}")
    elif clock.synchronised is False and not _says_yes(machine):
        yield Finding(
            "clock", WARN, f"{keeper} runs, but does not hold the clock to the time" if keeper
            else "nothing holds the clock to the time: times in evidence can be doubted",
            "can it reach its servers? chronyc sources, or timedatectl timesync-status" if keeper
            else "sudo timedatectl set-ntp true, or: sudo apt install chrony",
        )  # fmt: skip
    else:
        yield Finding("clock", OK, "the clock is held to the time by its host")


def _says_yes(machine: Machine) -> bool:
    """In a container the kernel's clock is the host's, and systemd may know better."""
    asked = machine.run(["timedatectl", "show", "-p", "NTPSynchronized", "--value"], "")
    return asked.code == 0 and asked.out.strip() == "yes"
