"""Any machine that is reached by SSH: commands of the owner, one address put into each.

The system's `ssh` with the owner's keys and known hosts; it asks nothing (BatchMode) and trusts
no machine that it does not know. The commands are the owner's, from his settings; all that we
put into them is an address in its canonical form, in the place of {address}. No shell of this
machine sees any of it. The list that the third command prints must be ours alone.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ringfence.model.measure import Measure
from ringfence.model.outside import Entry, OutsideError
from ringfence.model.text import shown
from ringfence.respond.outside.marking import canonical

PLACE = "{address}"
TIMEOUT_S = 30.0
MAX_OUTPUT = 1024 * 1024
_CONNECT_S = 10
_FAILED = 255  # ssh itself, not the command
_HOST = re.compile(r"(?:[A-Za-z0-9_][\w.-]{0,63}@)?[A-Za-z0-9\[][\w.:\[\]-]{0,252}", re.ASCII)
# An address, as `ipaddress` writes it, and its length: nothing that a shell takes for more.
_ADDRESS = re.compile(r"[0-9a-f.:]{2,45}(?:/\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Commands:
    """What is run on the machine. Each of `block` and `unblock` has {address} in it."""

    block: str
    unblock: str
    listing: str


def check_target(host: str) -> None:
    """Raises ValueError for what `ssh` could take for something else than a machine."""
    if not _HOST.fullmatch(host):
        raise ValueError(f"{shown(host[:100])}: a machine is written like admin@router.example")


def check_commands(commands: Commands) -> None:
    """Raises ValueError for commands that cannot be what the owner meant."""
    for name, text in (("block", commands.block), ("unblock", commands.unblock)):
        if text.count(PLACE) != 1:
            raise ValueError(f"{name}: the command needs {PLACE} once, where the address goes")
    if not commands.listing.strip() or PLACE in commands.listing:
        raise ValueError("list: a command that prints the addresses, one a line")


class Ssh:
    """One such machine. Raises ValueError for settings that make no sense."""

    room = 500
    marks = False

    def __init__(
        self,
        host: str,
        commands: Commands,
        *,
        port: int = 22,
        identity_file: str = "",
        program: Sequence[str] = ("ssh",),
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        check_target(host)
        check_commands(commands)
        self.name = f"SSH to {host.rpartition('@')[2]}"
        self._commands, self._timeout_s = commands, timeout_s
        identity = ["-i", identity_file, "-o", "IdentitiesOnly=yes"] if identity_file else []
        self._argv = [
            *program, "-T", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes",
            "-o", f"ConnectTimeout={_CONNECT_S}", "-o", "ClearAllForwardings=yes",
            "-p", str(port), *identity, "--", host,
        ]  # fmt: skip

    def standing(self) -> list[Entry]:
        """All that is on its list now: the first word of each line. Raises OutsideError."""
        lines = self._run(self._commands.listing).splitlines()
        words = (line.split()[0] for line in lines if line.strip())
        addresses = dict.fromkeys(canonical(word) for word in words)
        return [Entry(one, ours=True, key=one) for one in addresses if one]

    def push(self, measures: Sequence[Measure], now: datetime) -> dict[str, str]:  # noqa: ARG002  we end it
        """Have these blocked. Raises OutsideError at the first that fails."""
        for measure in measures:
            self._run(self._with(self._commands.block, measure.address))
        return {}

    def withdraw(self, entries: Sequence[Entry]) -> None:
        """Have these let through again. Raises OutsideError."""
        for entry in entries:
            self._run(self._with(self._commands.unblock, entry.key))

    def doubt(self) -> str:
        """What the owner's command does we do not know."""
        return ""

    def close(self) -> None:
        """Nothing is kept open."""

    def _with(self, command: str, address: str) -> str:
        text = canonical(address)
        if text != address or not _ADDRESS.fullmatch(text):
            raise OutsideError(f"{self.name}: {shown(address[:60])} is no address")
        return command.replace(PLACE, text)

    def _run(self, command: str) -> str:
        """What the command printed. Raises OutsideError."""
        if shutil.which(self._argv[0]) is None:
            raise OutsideError("ssh is missing: sudo apt install openssh-client")
        try:
            process = subprocess.Popen(  # noqa: S603  an argument list, no shell
                [*self._argv, command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise OutsideError(f"{self.name}: ssh cannot be started: {error}") from error
        late = threading.Event()

        def stop() -> None:
            late.set()
            _end(process)

        timer = threading.Timer(self._timeout_s, stop)
        timer.start()
        with process:
            output = process.stdout.read(MAX_OUTPUT + 1) if process.stdout else b""
            if len(output) > MAX_OUTPUT:
                _end(process)
            process.wait()
        timer.cancel()
        if late.is_set():
            raise OutsideError(f"{self.name}: no answer within {self._timeout_s:.0f} s")
        if len(output) > MAX_OUTPUT:
            raise OutsideError(f"{self.name}: it printed more than 1 MiB")
        said = output.decode(errors="replace")
        if process.returncode:
            raise self._failed(process.returncode, said)
        return said

    def _failed(self, status: int, said: str) -> OutsideError:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        who = "ssh" if status == _FAILED else f"its command ({status})"
        last = shown(lines[-1][:200]) if lines else "no reason given"
        return OutsideError(f"{self.name}: {who} says: {last}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """With what it started: a helper that holds its end of the pipe would keep us waiting."""
    if process.returncode is not None:
        return  # its number may be another's by now
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
