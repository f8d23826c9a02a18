"""One run of one program: wall time, CPU time and peak memory, as the kernel accounts them."""

import os
import select
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# The start-up's own footprint stays in a child's peak (execve keeps the high-water mark of what
# it replaces): a small C program never shows less than `floor_kib()`.
_READ_AHEAD = 1 << 20


@dataclass(frozen=True, slots=True)
class Usage:
    """What one run took; CPU is user + system, of the program and its children."""

    wall_s: float
    cpu_s: float
    peak_kib: int
    status: int  # negative: the signal that ended it
    timed_out: bool


def measure(
    command: list[str], cores: Sequence[int], timeout_s: float, out: Path | None = None
) -> Usage:
    """Run the command on these cores, output into `out` or nowhere; kill it after the timeout."""
    with _only_on(cores):
        began = time.perf_counter()
        child = _spawn(command, out)
    watch = os.pidfd_open(child)
    try:
        timed_out = not _ended(watch, timeout_s)
        if timed_out:
            os.killpg(child, signal.SIGKILL)
        _, status, used = os.wait4(child, 0)
        wall_s = time.perf_counter() - began
    finally:
        os.close(watch)
    return Usage(
        wall_s=wall_s,
        cpu_s=used.ru_utime + used.ru_stime,
        peak_kib=used.ru_maxrss,
        status=os.waitstatus_to_exitcode(status),
        timed_out=timed_out,
    )


def floor_kib(cores: Sequence[int]) -> int:
    """The peak that even `true` shows."""
    return measure(["true"], cores, 10).peak_kib


def warm(path: Path) -> None:
    """Read the file once, so that every run finds it in the page cache."""
    block = bytearray(_READ_AHEAD)
    with path.open("rb", buffering=0) as file:
        while file.readinto(block):
            pass


class _only_on:  # noqa: N801 (reads as a word in `with`)
    """This process, and so the child it starts, on some cores; on its own ones again at the end."""

    def __init__(self, cores: Sequence[int]) -> None:
        self._cores = cores
        self._before = os.sched_getaffinity(0)

    def __enter__(self) -> None:
        os.sched_setaffinity(0, self._cores)

    def __exit__(self, *_: object) -> None:
        os.sched_setaffinity(0, self._before)


def _spawn(command: list[str], out: Path | None) -> int:
    """Start it in its own process group: stdin empty, errors nowhere."""
    target = os.fspath(out) if out else os.devnull
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    files = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, target, write, 0o644),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    return os.posix_spawnp(command[0], command, os.environ, file_actions=files, setpgroup=0)


def _ended(watch: int, timeout_s: float) -> bool:
    poll = select.poll()
    poll.register(watch, select.POLLIN)
    return bool(poll.poll(timeout_s * 1_000))
