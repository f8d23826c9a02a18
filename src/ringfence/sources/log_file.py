"""A log that a PBX goes on writing: followed through rotation, truncation and its absence.

How it works: `poll` reads what has been added since, in bounded pieces, and costs two
system calls when nothing was. The name is looked at when the file has no more to
give: another file under that name (rename and create) is opened from its beginning,
and the old one is read on for a while, since a PBX writes there until it is told. A
file that became shorter, or whose octets before our place are others (copytruncate,
then quickly filled again), is read from its beginning, too.
"""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ringfence.wire.log_lines import LogLines

# Octets read in one poll: a flood fills the log faster than this only for moments, and
# what is left is read by the next poll.
MAX_READ = 1024 * 1024
# How long a line may wait for us: well within what a decision may take.
POLL_S = 0.02
# logrotate tells the PBX after it has renamed all its logs and run its scripts.
OLD_S = 60.0
# Octets before our place that are compared: no two lines of a log end alike for so long.
_PROBE = 64


class LogFile:
    """One log. Starts at its end, where it is there; what comes into being later is read whole."""

    def __init__(
        self,
        path: str,
        *,
        from_start: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self.trouble = ""  # why it cannot be read at the moment
        self.rotations = 0
        self._skipped = 0
        self._monotonic = monotonic
        self._now: _Tail | None = self._open()
        self._old: _Tail | None = None
        self._old_until = 0.0
        if self._now and not from_start:
            self._now.skip_to_end()

    @property
    def too_long(self) -> int:
        """Lines longer than any log has, which were skipped."""
        tails = [tail for tail in (self._now, self._old) if tail]
        return self._skipped + sum(tail.lines.too_long for tail in tails)

    def poll(self) -> list[bytes]:
        """The lines that were added. Never waits."""
        lines = self._poll_old()
        if self._now is None:
            self._now = self._open()
        if self._now is None:
            return lines
        try:
            if self._now.was_cut():
                self._now.begin_again()
                self.rotations += 1
            found = self._now.read()
        except OSError as error:
            self.trouble = f"{self.path}: {error.strerror}"
            return lines
        if found is None and self._is_another(self._now):
            self._rotate()
        return lines + (found or [])

    def follow(self, stop: threading.Event, wait_s: float = POLL_S) -> Iterator[list[bytes]]:
        """Lines as they come, and an empty list each time there are none, until `stop` is set."""
        while not stop.is_set():
            lines = self.poll()
            yield lines
            if not lines:
                stop.wait(wait_s)

    def close(self) -> None:
        for tail in (self._now, self._old):
            if tail:
                tail.close()
        self._now = self._old = None

    def _open(self) -> _Tail | None:
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                self.trouble = f"{self.path}: no regular file"
                return None
            tail = _Tail(descriptor)
        except OSError as error:
            self.trouble = f"{self.path}: {error.strerror}"
            return None
        self.trouble = ""
        return tail

    def _is_another(self, ours: _Tail) -> bool:
        """Whether another file has this name now; not while there is none."""
        try:
            there = Path(self.path).stat()
        except OSError:
            return False
        return (there.st_dev, there.st_ino) != ours.identity

    def _rotate(self) -> None:
        self._drop_old()
        self._old, self._now = self._now, self._open()
        self._old_until = self._monotonic() + OLD_S
        self.rotations += 1

    def _poll_old(self) -> list[bytes]:
        if self._old is None:
            return []
        try:
            found = self._old.read()
        except OSError:
            found = None
        if found is None and self._monotonic() > self._old_until:
            # A last line that was not ended is dropped: half an address is another address.
            self._drop_old()
        return found or []

    def _drop_old(self) -> None:
        if self._old:
            self._skipped += self._old.lines.too_long
            self._old.close()
            self._old = None


class _Tail:
    """An open file, and our place in it."""

    def __init__(self, descriptor: int) -> None:
        self.lines = LogLines()
        self._fd = descriptor
        self._at = 0
        self._probe = b""
        there = os.fstat(descriptor)
        self.identity = (there.st_dev, there.st_ino)

    def skip_to_end(self) -> None:
        self._at = os.fstat(self._fd).st_size
        self._probe = os.pread(self._fd, _PROBE, max(0, self._at - _PROBE))
        if self._probe and not self._probe.endswith(b"\n"):
            self.lines.skip()  # a line that is half written: its end alone could be anything

    def read(self) -> list[bytes] | None:
        """The lines that are whole now; None where nothing was added. Raises OSError."""
        octets = os.pread(self._fd, MAX_READ, self._at)
        if not octets:
            return None
        self._at += len(octets)
        self._probe = (self._probe + octets[-_PROBE:])[-_PROBE:]
        return self.lines.feed(octets)

    def was_cut(self) -> bool:
        """Whether what was read is no longer there."""
        size = os.fstat(self._fd).st_size
        if size == self._at:
            return False
        if size < self._at:
            return True
        probe = self._probe
        return bool(probe) and os.pread(self._fd, len(probe), self._at - len(probe)) != probe

    def begin_again(self) -> None:
        self.lines.end()
        self._at, self._probe = 0, b""

    def close(self) -> None:
        os.close(self._fd)


def read_lines(path: str, opened: Callable[[str], Iterator[bytes]]) -> Iterator[list[bytes]]:
    """All lines of a log that is finished, in bounded groups; `opened` gives its octets."""
    lines = LogLines()
    for piece in opened(path):
        yield lines.feed(piece)
    yield lines.end()
