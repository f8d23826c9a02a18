"""The PBX of the lab: a real Kamailio with rtpengine beside it."""

import asyncio
import contextlib
import glob
import shlex
import shutil
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final

from lab.accounts import ACCOUNTS, Account
from lab.addresses import PBX, PBX6, SIP_PORT, TRUNK, TRUNK_INBOUND
from lab.namespaces import LabError, World
from lab.processes import Processes

DOMAIN: Final = "pbx.example.com"
# The owner's word in the line of docs/guard.md.
WORD: Final = "lab"
_TEMPLATE: Final = Path(__file__).with_name("kamailio.cfg")
_MODULES: Final = "/usr/lib/*/kamailio/modules/"
_READY_WITHIN_S: Final = 8.0
_NG_PORT: Final = 2223
_PING: Final = (
    "OPTIONS sip:{pbx} SIP/2.0\r\nVia: SIP/2.0/UDP {pbx};rport;branch=z9hG4bKready{n}\r\n"
    "From: <sip:ready@{pbx}>;tag=r{n}\r\nTo: <sip:{pbx}>\r\nCall-ID: ready-{n}\r\n"
    "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)


class _Config(Template):
    """Placeholders as %{name}: the dollar is Kamailio's own."""

    delimiter = "%"


@dataclass(frozen=True, slots=True)
class Manners:
    """How the server treats strangers; the names are the switches of kamailio.cfg."""

    leaky: bool = False
    forbids: bool = False
    trunk_404: bool = False
    keepalive: bool = False
    tells: bool = False
    tells_hep: bool = False

    def switches(self) -> list[str]:
        """Kamailio's -A options for these manners."""
        named = {
            "LEAKY": self.leaky, "FORBIDS": self.forbids,
            "TRUNK_404": self.trunk_404, "KEEPALIVE": self.keepalive,
            "TELLS": self.tells, "TELLS_HEP": self.tells_hep,
        }  # fmt: skip
        return [part for name, on in named.items() if on for part in ("-A", name)]


def configuration(accounts: Sequence[Account] = ACCOUNTS) -> str:
    """kamailio.cfg with the lab's addresses, accounts and module folder in it."""
    folders = glob.glob(_MODULES)
    if not folders:
        raise LabError("Kamailio's modules are not in /usr/lib: see lab/packages.txt")
    passwords = "\n".join(f'    $sht(password=>{a.user}) = "{a.password}";' for a in accounts)
    return _Config(_TEMPLATE.read_text()).substitute(
        pbx=PBX, pbx6=PBX6, domain=DOMAIN, trunk=TRUNK, inbound=TRUNK_INBOUND,
        modules=folders[0], passwords=passwords, word=WORD,
    )  # fmt: skip


async def start_pbx(
    world: World,
    processes: Processes,
    folder: Path,
    manners: Manners,
    *,
    reader: Sequence[str] = (),
    accounts: Sequence[Account] = ACCOUNTS,
) -> asyncio.subprocess.Process:
    """Kamailio (and rtpengine where installed) up and answering; Kamailio's process.

    What it logs goes to its log, or into the command `reader` where there is one.
    """
    config = folder / "kamailio.cfg"
    config.write_text(configuration(accounts))
    switches = manners.switches()
    if shutil.which("rtpengine"):
        switches += ["-A", "MEDIA"]
        await processes.start("pbx", "rtpengine", _rtpengine())
        await _until_answered(world, ("127.0.0.1", _NG_PORT), lambda n: b"%d d7:command4:pinge" % n)
    command = ["kamailio", "-f", str(config), "-DD", "-E", "-w", str(folder), "-Y", str(folder)]
    # MiB of each process: the accounts are a part of the configuration.
    private = 8 + len(accounts) // 100
    command += ["-m", "64", "-M", str(private), *switches]
    if reader:
        # Only Kamailio ends when asked to; its reader then has the whole log, and ends with it.
        piped = f"trap '' TERM; {shlex.join(command)} 2>&1 | {shlex.join(reader)}"
        command = ["sh", "-c", piped]
    pbx = await processes.start("pbx", "kamailio", command)
    await _until_answered(world, (PBX, SIP_PORT), _ping)
    return pbx


def _rtpengine() -> list[str]:
    # Userspace forwarding only (table -1): no kernel module in a namespace.
    return [
        "rtpengine", "-f", "-E", "--log-level=3", f"--interface={PBX}", "--table=-1",
        f"--listen-ng=127.0.0.1:{_NG_PORT}", "--port-min=30000", "--port-max=31000",
        "--num-threads=2",
    ]  # fmt: skip


async def _until_answered(
    world: World, server: tuple[str, int], question: Callable[[int], bytes]
) -> None:
    """Ask over loopback, unseen by the capture, until the server answers."""
    deadline = time.monotonic() + _READY_WITHIN_S
    asker = world.socket_in("pbx", server[0], 0, socket.SOCK_DGRAM)
    try:
        for n in range(10_000):
            with contextlib.suppress(ConnectionRefusedError, BlockingIOError):
                asker.sendto(question(n), server)
                await asyncio.sleep(0.03)
                asker.recv(4096)
                return
            await asyncio.sleep(0.02)
            if time.monotonic() > deadline:
                break
    finally:
        asker.close()
    raise LabError(f"{server[0]}:{server[1]} did not answer within {_READY_WITHIN_S:.0f} s")


def _ping(n: int) -> bytes:
    return _PING.format(pbx=PBX, n=n).encode()
