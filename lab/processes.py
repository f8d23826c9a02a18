"""The programs that a scenario starts, each with its log, all stopped at its end."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lab.namespaces import LabError, World

_STOP_WITHIN_S: Final = 2.0


class Processes:
    """Started programs by name; `stop_all` ends them newest first."""

    def __init__(self, world: World, logs: Path) -> None:
        self._world = world
        self._logs = logs
        self._running: list[asyncio.subprocess.Process] = []
        self._started = 0

    async def start(
        self, host: str, name: str, command: Sequence[str], *, cwd: Path | None = None
    ) -> asyncio.subprocess.Process:
        """`command` on `host`; its output goes to a log named after `name`."""
        self._started += 1
        with open(self._logs / f"{self._started:02d}-{name}.log", "wb") as log:
            process = await self._world.start(
                host, command, output=log, cwd=str(cwd) if cwd else None
            )
        self._running.append(process)
        return process

    async def run(
        self,
        host: str,
        name: str,
        command: Sequence[str],
        *,
        within_s: float,
        cwd: Path | None = None,
    ) -> int:
        """`command` on `host` to its end, stopped after `within_s`; its exit status."""
        process = await self.start(host, name, command, cwd=cwd)
        try:
            await asyncio.wait_for(process.wait(), within_s)
        except TimeoutError:
            await stop(process)
        self._running.remove(process)
        return process.returncode if process.returncode is not None else -1

    async def stop(self, process: asyncio.subprocess.Process) -> None:
        """End one program that `start` gave."""
        await stop(process)
        if process in self._running:
            self._running.remove(process)

    async def stop_all(self) -> None:
        """End every program still running."""
        while self._running:
            await stop(self._running.pop())


async def stop(process: asyncio.subprocess.Process, first: int = signal.SIGTERM) -> None:
    """Ask the process group to end, then insist."""
    for sign in (first, signal.SIGKILL):
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _STOP_WITHIN_S)
            return
    raise LabError(f"process {process.pid} does not end")
