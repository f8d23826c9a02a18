"""`ringfence lockdown` in the namespace of a phone system, as processes that can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ringfence.remote.gate import Gate
from ringfence.respond.nft.program import Program
from tests.respond.block.wire import Wire


class Inside:
    """Commands inside, with a state of their own."""

    def __init__(self, wire: Wire, folder: Path) -> None:
        self.wire, self.folder = wire, folder
        self._at = ("ip", "netns", "exec", f"{wire.prefix}in")
        self.gate = Gate(Program((*self._at, "nft")))
        self.state = folder / "ringfence/lockdown"
        self._environment = {
            **os.environ,
            "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "RINGFENCE_STORE": str(folder / "cases.db"),
            "PYTHONPATH": ":".join(sys.path),
        }
        self._environment.pop("SSH_CONNECTION", None)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A command in a session of its own, as a login is."""
        return subprocess.Popen(
            [*self._at, sys.executable, "-m", "ringfence", "lockdown", *words],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self._environment,
            start_new_session=True,
        )  # fmt: skip

    def said(self, *words: str, status: int = 0) -> str:
        """What it printed."""
        process = self.start(*words)
        out, error = process.communicate(timeout=60)
        assert process.returncode == status, out + error
        return out + error

    def processes(self) -> list[int]:
        """All that run in the namespace: only what this test started is there."""
        listed = subprocess.run(
            ["ip", "netns", "pids", f"{self.wire.prefix}in"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return [int(word) for word in listed.stdout.split()]

    def kill_all(self) -> int:
        """SIGKILL to each of them; how many there were."""
        found = self.processes()
        for process in found:
            os.kill(process, signal.SIGKILL)
        until(lambda: not self.processes())
        return len(found)


def until(is_so: object, seconds: float = 30.0) -> None:
    """Wait for something that another process or the kernel does."""
    assert callable(is_so)
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends, "it did not come"
