"""This machine, looked at: its files, its processes, what its programs answer.

How it works: everything is read below `root` and asked through `run`, and nothing is changed,
so that tests have machines of their own. What is not there, or not ours to read, is empty.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import shutil
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

# A log or configuration is read so far; what matters of it stands at its beginning.
_MAX_OCTETS = 4 << 20
_MAX_PROCESSES = 20_000
_TIMEOUT_S = 20.0
# Where a program of the administrator is, also for a user whose PATH does not say so.
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_NOT_THERE = 127
_SOL_PACKET, _PACKET_VERSION, _TPACKET_V3 = 263, 10, 2
_LISTENING = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a program that was started."""

    code: int
    out: str = ""
    error: str = ""

    @property
    def is_there(self) -> bool:
        """Whether there was such a program."""
        return self.code != _NOT_THERE


Run = Callable[[Sequence[str], str], Ran]


def run(command: Sequence[str], given: str = "") -> Ran:
    """Start a program of this machine, without a shell; in English."""
    path = f"{os.environ.get('PATH', '')}:{_PATH}"
    program = shutil.which(command[0], path=path)
    if program is None:
        return Ran(_NOT_THERE, error=f"{command[0]} is missing")
    try:
        done = subprocess.run(  # noqa: S603  an argument list, no shell
            [program, *command[1:]], input=given, capture_output=True, check=False,
            timeout=_TIMEOUT_S, text=True, errors="replace",
            env={**os.environ, "PATH": path, "LC_ALL": "C"},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Ran(1, error=f"{command[0]} did not answer within {_TIMEOUT_S:.0f} s")
    except OSError as error:
        return Ran(_NOT_THERE, error=str(error))
    return Ran(done.returncode, done.stdout, done.stderr.strip())


def try_ring() -> str:
    """Why this process cannot listen to an interface as the guard does; "" where it can."""
    try:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as opened:
            opened.setsockopt(_SOL_PACKET, _PACKET_VERSION, _TPACKET_V3)
    except OSError as error:
        return error.strerror or str(error)
    return ""


@dataclass(frozen=True, slots=True)
class Process:
    """One that runs: its short name and its command line."""

    name: str
    command: str


@dataclass(frozen=True, slots=True)
class Port:
    """One that is listened to."""

    number: int
    protocol: str  # "udp", "tcp"


@dataclass
class Machine:
    """Raises nothing."""

    root: Path = Path("/")
    run: Run = run
    try_ring: Callable[[], str] = try_ring
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    may_run: bool = True  # not for a folder that only looks like a machine

    def path(self, name: str) -> Path:
        """Where this absolute name lies, as seen from here."""
        return self.root / name.lstrip("/")

    def name(self, path: Path) -> str:
        """The absolute name of a path below the root."""
        return f"/{path.relative_to(self.root)}"

    def has(self, name: str) -> bool:
        """Whether it is there; not where it lies in a folder that is not ours to read."""
        return self.status(name) is not None

    def status(self, name: str) -> os.stat_result | None:
        """Its owner and mode."""
        try:
            return self.path(name).stat()
        except OSError:
            return None

    def text(self, name: str) -> str:
        """What is in a file."""
        try:
            with self.path(name).open("rb") as opened:
                return opened.read(_MAX_OCTETS).decode(errors="replace")
        except OSError:
            return ""

    def lines(self, name: str) -> list[str]:
        """Its lines."""
        return self.text(name).splitlines()

    def listed(self, folder: str, pattern: str = "*") -> list[Path]:
        """What is in a folder."""
        try:
            return sorted(self.path(folder).glob(pattern))
        except OSError:
            return []

    def free_octets(self, folder: str) -> int | None:
        """Room on the disk that this folder, or the nearest above it that is there, is on."""
        path = self.path(folder)
        for one in (path, *path.parents):
            if one.is_dir():
                found = os.statvfs(one)
                return found.f_bavail * found.f_frsize
        return None

    @property
    def is_running(self) -> bool:
        """Whether systemd rules this machine: a container or a chroot has its files only."""
        return self.may_run and self.has("/run/systemd/system")

    @cached_property
    def processes(self) -> tuple[Process, ...]:
        """All that run."""
        found = []
        for folder in self.listed("/proc", "[0-9]*")[:_MAX_PROCESSES]:
            name = self.text(f"/proc/{folder.name}/comm").strip()
            command = self.text(f"/proc/{folder.name}/cmdline").replace("\0", " ").strip()
            if name:
                found.append(Process(name, command))
        return tuple(found)

    def runs(self, *names: str) -> bool:
        """Whether a program of one of these names runs, be it started by an interpreter."""
        wanted = set(names)
        return any(
            one.name in wanted
            or wanted & {word.rpartition("/")[2] for word in one.command.split()[:3]}
            for one in self.processes
        )

    @cached_property
    def listening(self) -> frozenset[Port]:
        """Ports that are listened to."""
        return frozenset(self._listening())

    def _listening(self) -> Iterator[Port]:
        for table, state in _LISTENING.items():
            for line in self.lines(f"/proc/net/{table}")[1:]:
                words = line.split()
                if len(words) > 3 and words[3] == state:
                    port = words[1].rpartition(":")[2]
                    if re.fullmatch("[0-9A-Fa-f]{4}", port):
                        yield Port(int(port, 16), table[:3])

    @cached_property
    def interfaces(self) -> dict[str, str]:
        """Interfaces but loopback, with their state: up, down, unknown."""
        names = [folder.name for folder in self.listed("/sys/class/net") if folder.name != "lo"]
        return {
            name: self.text(f"/sys/class/net/{name}/operstate").strip() or "unknown"
            for name in names
            if name != "bonding_masters"
        }

    @cached_property
    def default_interfaces(self) -> tuple[str, ...]:
        """Interfaces that a default route leads to, IPv4's first."""
        found = []
        for line in self.lines("/proc/net/route")[1:]:
            words = line.split()
            if len(words) > 7 and words[1] == words[7] == "00000000":
                found.append(words[0])
        for line in self.lines("/proc/net/ipv6_route"):
            words = line.split()
            if len(words) > 9 and words[0] == "0" * 32 and words[1] == "00" and words[9] != "lo":
                found.append(words[9])
        return tuple(dict.fromkeys(found))

    def capability(self, bit: int) -> bool:
        """Whether this process has it."""
        for line in self.lines("/proc/self/status"):
            name, _, value = line.partition(":")
            if name == "CapEff":
                return bool(int(value.strip() or "0", 16) >> bit & 1)
        return False

    def user(self, name: str) -> int | None:
        """The number of a user."""
        return self._number("/etc/passwd", name)

    def group(self, name: str) -> int | None:
        """The number of a group."""
        return self._number("/etc/group", name)

    def group_name(self, number: int) -> str:
        """The name of a group; "" where it has none."""
        for line in self.lines("/etc/group"):
            words = line.split(":")
            if len(words) > 2 and words[2] == str(number):
                return words[0]
        return ""

    def _number(self, table: str, name: str) -> int | None:
        for line in self.lines(table):
            words = line.split(":")
            if len(words) > 2 and words[0] == name and words[2].isdigit():
                return int(words[2])
        if self.root != Path("/"):
            return None
        try:  # of a directory service
            return (
                pwd.getpwnam(name).pw_uid
                if table.endswith("passwd")
                else (grp.getgrnam(name).gr_gid)
            )
        except KeyError:
            return None

    def may_read(self, name: str, user: int | None, groups: Sequence[int]) -> bool:
        """Whether a user of these groups may read a file and pass the folders above it."""
        path = self.path(name)
        above = [one for one in path.parents if one != self.root and self.root in one.parents]
        return all(_may(one, user, groups, 1) for one in above) and _may(path, user, groups, 4)


def _may(path: Path, user: int | None, groups: Sequence[int], bit: int) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    if status.st_uid == user:
        return bool(stat.S_IMODE(status.st_mode) >> 6 & bit)
    if status.st_gid in groups:
        return bool(stat.S_IMODE(status.st_mode) >> 3 & bit)
    return bool(stat.S_IMODE(status.st_mode) & bit)
