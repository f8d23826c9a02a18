"""What tcpdump sees while a scenario runs."""

import asyncio
import signal
from pathlib import Path
from typing import Final

from lab.namespaces import LabError
from lab.processes import Processes, stop

_READY_WITHIN_S: Final = 5.0
# Signalling and the media ports of rtpengine; nothing else is on this host.
_FILTER: Final = "udp or tcp"


class Capture:
    """One running tcpdump on an interface of a host."""

    def __init__(self, path: Path, host: str = "pbx", interface: str = "eth0") -> None:
        self.path, self._host, self._interface = path, host, interface
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, processes: Processes) -> None:
        """Listen; returns once tcpdump says that it does."""
        log = self.path.with_suffix(".tcpdump")
        command = ["sh", "-c", 'exec tcpdump "$@" 2>"$0"', str(log), "-i", self._interface, "-U",
                   "--immediate-mode", "-n", "-s", "0", "-B", "8192", "-Z", "root",
                   "-w", str(self.path),
                   _FILTER]  # fmt: skip
        self._process = await processes.start(self._host, "tcpdump", command)
        for _ in range(int(_READY_WITHIN_S / 0.05)):
            await asyncio.sleep(0.05)
            if log.exists() and "listening on" in log.read_text():
                return
        raise LabError(f"tcpdump does not listen: see {log}")

    async def stop(self) -> None:
        """Let the last packets arrive, then close the file."""
        await asyncio.sleep(0.3)
        if self._process is not None:
            await stop(self._process, signal.SIGINT)
