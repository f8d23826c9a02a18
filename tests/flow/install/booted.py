"""A machine of its own under systemd, in namespaces, that is thrown away.

How it works: systemd is the first process of a PID namespace, in the network namespace of a
test, with a root of its own: this machine's, as far as it is read, and memory for all that is
written. This checkout, its interpreter and packages are seen below /opt, as an owner would
have them.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.flow.guard.agent import Pause

PROGRAM = "/opt/ringfence/bin/ringfence"
_START_S, _COMMAND_S = 30.0, 120.0
# The first half: a root whose writes go into memory. Nothing of this machine can be changed by
# what runs there: systemd empties /tmp as it starts, and packages' own services may do anything.
_FIRST = r"""
set -eu
mount --make-rprivate /
mkdir "$1/memory"; mount -t tmpfs memory "$1/memory"; cd "$1/memory"
mkdir upper work root groups
mount -t overlay -o "lowerdir=/,upperdir=$PWD/upper,workdir=$PWD/work" overlay root
mount -t cgroup2 groups groups
mkdir "groups/$2"; echo $$ > "groups/$2/cgroup.procs"
mount --rbind /dev root/dev
for one in tmp run var/tmp; do mount -t tmpfs -o mode=1777 memory "root/$one"; done
chmod 755 root/run
mkdir -p root/opt/ringfence/bin root/opt/project root/opt/packages root/opt/python
mount --bind -o ro "$4" root/opt/project
mount --bind -o ro "$5" root/opt/packages
mount --bind -o ro "$6" root/opt/python
cat > root/opt/ringfence/bin/ringfence <<END
#!/bin/sh
export LD_LIBRARY_PATH=/opt/python/lib PYTHONPATH=/opt/project/src:/opt/packages
exec /opt/python/bin/$7 -P -c '
import sys
from ringfence.cli.main import run
sys.argv[0] = "/opt/ringfence/bin/ringfence"
run()' "\$@"
END
chmod 755 root/opt/ringfence root/opt/ringfence/bin root/opt/ringfence/bin/ringfence
exec unshare --cgroup --pid --fork --kill-child --mount --uts --ipc bash -c "$3" second "$8"
"""
# The second is inside: the root is changed, and nothing leads back.
_SECOND = r"""
set -eu
mkdir root/former
pivot_root root root/former
cd /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup /sys/fs/cgroup
umount --lazy /former
rm -rf /etc/systemd/system
mkdir /etc/systemd/system
printf '[Unit]\nWants=systemd-journald.service\n' > /etc/systemd/system/test.target
hostname phone-system
export container=test
exec "$1" --system --unit=test.target --show-status=no --log-target=journal-or-kmsg
"""


def program() -> str:
    """Where systemd is; "" where it is not."""
    return shutil.which("systemd", path="/lib/systemd:/usr/lib/systemd") or ""


class NoMachineError(Exception):
    """None can be made here; says why."""


class Booted:
    """From the first process to the last. Entering it raises NoMachineError."""

    def __init__(self, folder: Path, namespace: str, project: Path) -> None:
        self._group = f"ringfence-test-{namespace}"
        self._said = folder / "systemd.txt"
        said = self._said.open("w")
        self._process = subprocess.Popen(
            ["ip", "netns", "exec", namespace, "unshare", "--mount", "bash", "-c", _FIRST, "first",
             str(folder), self._group, _SECOND, str(project), sysconfig.get_path("platlib"),
             sys.base_prefix, f"python{sys.version_info[0]}.{sys.version_info[1]}", program()],
            stdout=said, stderr=subprocess.STDOUT, cwd=folder,
        )  # fmt: skip
        said.close()
        self._first = 0

    def __enter__(self) -> Self:
        ends = time.monotonic() + _START_S
        while not self._is_up():
            code = self._process.poll()
            if code is not None or time.monotonic() > ends:
                self._end()
                said = self._said.read_text(errors="replace")[-800:]
                raise NoMachineError(f"systemd does not start here ({code}): {said}")
            Pause().wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def attempt(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command on the machine, as root, whatever comes of it."""
        return subprocess.run(
            ["nsenter", "--target", str(self._first), "--all", "--", *command],
            capture_output=True, text=True, check=False, timeout=_COMMAND_S,
        )  # fmt: skip

    def run(self, *command: str) -> str:
        """A command that has to succeed."""
        done = self.attempt(*command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}{self.journal()}"
        return done.stdout

    def shows(self, unit: str, name: str) -> str:
        """A property of a unit, as systemd has it."""
        return self.run("systemctl", "show", "--value", "--property", name, unit).strip()

    def journal(self) -> str:
        """The last lines."""
        return self.attempt("journalctl", "--no-pager", "--lines", "60").stdout

    def until(self, command: tuple[str, ...], has: str, seconds: float = 60.0) -> str:
        """Wait until this command says so."""
        ends = time.monotonic() + seconds
        while has not in (said := self.attempt(*command).stdout):
            assert time.monotonic() < ends, f"{command}: {said[-2000:]}\n{self.journal()}"
            Pause().wait()
        return said

    def _is_up(self) -> bool:
        found = subprocess.run(
            ["pgrep", "--parent", str(self._process.pid)],
            capture_output=True, text=True, check=False,
        ).stdout.split()  # fmt: skip
        if not found:
            return False
        self._first = int(found[0])
        try:
            is_systemd = Path(f"/proc/{self._first}/comm").read_text().strip() == "systemd"
        except (FileNotFoundError, ProcessLookupError):
            is_systemd = False  # what prepares it has children, too
        if not is_systemd:
            return False
        return self.attempt("systemctl", "is-active", "test.target").stdout.strip() == "active"

    def _end(self) -> None:
        self._process.send_signal(signal.SIGKILL)  # the first process goes with it, and all others
        self._process.wait(20)
        _remove_groups(self._group)


def _remove_groups(name: str) -> None:
    """Groups of processes outlive those; where this machine shows them, they are taken away."""
    for top in (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified")):
        ends = time.monotonic() + _START_S
        while (top / name).is_dir():
            for folder in (*sorted((top / name).rglob("*/"), reverse=True), top / name):
                with suppress(OSError):  # a process in it is still ending
                    folder.rmdir()
            assert time.monotonic() < ends, f"processes of {name} do not end"
            Pause().wait()
