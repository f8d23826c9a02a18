"""Who stands before the phone system: nobody, Ringfence, fail2ban, CrowdSec.

Each runs in the PBX's namespace with its stock rules and really drops packets there.
What it did is read from the kernel, not from what it says.
"""

import asyncio
import json
import re
import shutil
import socket
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.addresses import PBX, TRUNK, TRUNK_INBOUND
from lab.guard import crowdsec
from lab.kamailio import WORD
from lab.namespaces import LabError, World
from lab.processes import Processes

PACKETS, HEP, LOGS = "packets", "hep", "logs"
_READY_WITHIN_S: Final = 20.0
_HEP_PORT: Final = 9060


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a protector runs, and what it may read."""

    world: World
    processes: Processes
    folder: Path
    asterisk_log: Path
    kamailio_log: Path
    hears: str = PACKETS  # what a Ringfence is given; the others have logs alone


@dataclass(frozen=True, slots=True)
class Measure:
    """One address that is kept out, and how."""

    address: str
    action: str  # block, port, limit


class Protector(ABC):
    """One of them; a fresh one for each scene."""

    name: str

    @abstractmethod
    def missing(self) -> str:
        """What has to be installed first; empty when it can run."""

    @abstractmethod
    async def start(self, ground: Ground) -> None:
        """Run, and return once it watches."""

    @abstractmethod
    def measures(self, world: World) -> list[Measure]:
        """Whom it keeps out at this moment, as the kernel has it."""


class Nobody(Protector):
    """The phone system alone."""

    name = "nobody"

    def missing(self) -> str:
        return ""

    async def start(self, ground: Ground) -> None:
        pass

    def measures(self, world: World) -> list[Measure]:  # noqa: ARG002  nobody is asked
        return []


class Ringfence(Protector):
    """`ringfence guard --enforce`, with nothing but the trunk's addresses told to it."""

    name = "ringfence"

    def __init__(self, more: Sequence[str] = ()) -> None:
        self.process: asyncio.subprocess.Process | None = None
        self._more = tuple(more)

    def missing(self) -> str:
        return "" if shutil.which("nft") else "nftables"

    async def start(self, ground: Ground) -> None:
        run = ground.folder / "run"
        run.mkdir()
        inputs = {
            PACKETS: ["--interface", "eth0"],
            HEP: ["--hep", f"127.0.0.1:{_HEP_PORT}"],
            LOGS: ["--log", f"kamailio:{ground.kamailio_log}"],
        }[ground.hears]
        command = [
            sys.executable, "-m", "ringfence", "guard", "--enforce", *inputs,
            "--pbx", PBX, "--trunk", TRUNK, "--trunk", TRUNK_INBOUND,
            "--store", str(ground.folder / "cases.db"), "--run", str(run),
            "--settings", str(_settings(ground.folder)), *self._more,
        ]  # fmt: skip
        self.process = await ground.processes.start("pbx", "ringfence", command)
        await _until((run / "status.json").exists, "ringfence guard", self.process)

    def measures(self, world: World) -> list[Measure]:
        listed = json.loads(_in_pbx(world, "nft", "-j", "list", "ruleset"))
        sets = [one["set"] for one in listed["nftables"] if "set" in one]
        return [
            Measure(_address(element), one["name"].rstrip("46"))
            for one in sets
            if one["table"] == "ringfence"
            and one["name"].rstrip("46") in ("block", "prefix", "port", "limit")
            for element in one.get("elem", [])
        ]


class Fail2ban(Protector):
    """Debian's fail2ban: stock jail `asterisk`, stock filter, stock action (iptables)."""

    name = "fail2ban"

    def missing(self) -> str:
        return "" if shutil.which("fail2ban-server") and shutil.which("iptables") else (
            "fail2ban iptables"
        )  # fmt: skip

    async def start(self, ground: Ground) -> None:
        config = ground.folder / "fail2ban"
        shutil.copytree("/etc/fail2ban", config)
        (config / "jail.local").write_text(
            "[sshd]\nenabled = false\n"
            f"[asterisk]\nenabled = true\nlogpath = {ground.asterisk_log}\n"
        )
        ground.asterisk_log.touch()
        said, sock = ground.folder / "fail2ban.said", config / "sock"
        command = [
            "fail2ban-server", "-f", "-c", str(config), "-s", str(sock), "-p", str(config / "pid"),
            "--logtarget", str(said), "start",
        ]  # fmt: skip
        (config / "fail2ban.local").write_text("[Definition]\ndbfile = None\n")
        process = await ground.processes.start(
            "pbx", "fail2ban", _with_its_own_name(ground.folder, command)
        )
        await _until(
            lambda: said.exists() and "Jail 'asterisk' started" in said.read_text(),
            "fail2ban", process,
        )  # fmt: skip

    def measures(self, world: World) -> list[Measure]:
        rules = _in_pbx(world, "iptables", "-w", "-S")
        found = re.findall(r"^-A f2b-asterisk-(?:udp|tcp) -s ([\d.]+)/32 ", rules, re.MULTILINE)
        return [Measure(address, "block") for address in sorted(set(found))]


class CrowdSec(Protector):
    """CrowdSec with its Asterisk scenarios and its own firewall bouncer (nftables)."""

    name = "crowdsec"

    def missing(self) -> str:
        return crowdsec.missing()

    async def start(self, ground: Ground) -> None:
        ground.asterisk_log.touch()
        at = ground.folder / "crowdsec"
        at.mkdir()
        agent, bouncer = await asyncio.to_thread(crowdsec.set_up, at, ground.asterisk_log)
        running = await ground.processes.start("pbx", "crowdsec", agent)
        await _until(lambda: _listens(ground.world, 8080), "crowdsec", running)
        bouncing = await ground.processes.start("pbx", "bouncer", bouncer)
        await _until(lambda: crowdsec.TABLE in self._tables(ground.world), "bouncer", bouncing)

    def measures(self, world: World) -> list[Measure]:
        listed = json.loads(_in_pbx(world, "nft", "-j", "list", "ruleset"))
        sets = [one["set"] for one in listed["nftables"] if "set" in one]
        return [
            Measure(_address(element), "block")
            for one in sets
            if one["table"] == crowdsec.TABLE
            for element in one.get("elem", [])
        ]

    def _tables(self, world: World) -> str:
        return _in_pbx(world, "nft", "list", "tables")


PROTECTORS: Final[tuple[type[Protector], ...]] = (
    Nobody,
    Ringfence,
    Fail2ban,
    CrowdSec,
)


def _with_its_own_name(folder: Path, command: Sequence[str]) -> list[str]:
    """`command` where this host knows its own name, as every machine does.

    A namespace has no name server, and who asks one for its own addresses waits 15 seconds.
    """
    hosts, servers = folder / "hosts", folder / "resolv.conf"
    hosts.write_text(f"127.0.0.1 localhost\n{PBX} {socket.gethostname()}\n")
    servers.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    # `ip netns exec` has given it mounts of its own.
    mounts = f"mount --bind {hosts} /etc/hosts && mount --bind {servers} /etc/resolv.conf"
    return ["sh", "-c", f'{mounts} && exec "$@"', "sh", *command]


def _settings(folder: Path) -> Path:
    """Settings with our word for the log alone, so that those of this machine do not count."""
    path = folder / "settings.toml"
    path.touch(0o600)
    path.write_text(f'[guard]\nmark = "{WORD}"\n')
    return path


def _address(element: object) -> str:
    """The address of an element: as it is, with a counter or a timeout, or with a port."""
    while isinstance(element, dict):
        for key in ("elem", "val", "prefix", "addr", "concat"):
            if key in element:
                element = element[key]
                break
        else:
            return str(element)
    if isinstance(element, list):
        return _address(element[0])
    return str(element)


def _in_pbx(world: World, *command: str) -> str:
    done = subprocess.run(
        ["ip", "netns", "exec", world.namespace("pbx"), *command],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise LabError(f"{command[0]}: {done.stderr.strip()}")
    return done.stdout


def _listens(world: World, port: int) -> bool:
    return f"127.0.0.1:{port} " in _in_pbx(world, "ss", "-Hltn")


async def _until(holds: Callable[[], bool], what: str, process: asyncio.subprocess.Process) -> None:
    for _ in range(int(_READY_WITHIN_S / 0.05)):
        if holds():
            return
        if process.returncode is not None:
            raise LabError(f"{what} ended at once, status {process.returncode}: see its log")
        await asyncio.sleep(0.05)
    raise LabError(f"{what} is not ready after {_READY_WITHIN_S:.0f} s: see its log")
