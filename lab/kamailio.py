"""The PBX of the lab: a real Kamailio with rtpengine beside it."""

import asyncio
import glob
import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final

from lab.accounts import ACCOUNTS
from lab.addresses import PBX, PBX6, SIP_PORT, TRUNK, TRUNK_INBOUND
from lab.namespaces import LabError, World
from lab.processes import Processes

DOMAIN: Final = "pbx.example.com"
_TEMPLATE: Final = Path(__file__).with_name("kamailio.cfg")
_MODULES: Final = "/usr/lib/*/kamailio/modules/"
_READY_WITHIN_S: Final = 8.0
_PING: Final = (
    "OPTIONS sip:{pbx} SIP/2.0\r\nVia: SIP/2.0/UDP {pbx}:{port};branch=z9hG4bKready{n}\r\n"
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

    def switches(self) -> list[str]:
        """Kamailio's -A options for these manners."""
        named = {"LEAKY": self.leaky, "FORBIDS": self.forbids, "TRUNK_404": self.trunk_404}
        return [part for name, on in named.items() if on for part in ("-A", name)]


def configuration() -> str:
    """kamailio.cfg with the lab's addresses, accounts and module folder in it."""
    folders = glob.glob(_MODULES)
    if not folders:
        raise LabError("Kamailio's modules are not in /usr/lib: see lab/packages.txt")
    passwords = "\n".join(f'    $sht(password=>{a.user}) = "{a.password}";' for a in ACCOUNTS)
    return _Config(_TEMPLATE.read_text()).substitute(
        pbx=PBX, pbx6=PBX6, domain=DOMAIN, trunk=TRUNK, inbound=TRUNK_INBOUND,
        modules=folders[0], passwords=passwords,
    )  # fmt: skip


async def start_pbx(world: World, processes: Processes, folder: Path, manners: Manners) -> None:
    """Kamailio (and rtpengine where installed) up and answering in `pbx`."""
    config = folder / "kamailio.cfg"
    config.write_text(configuration())
    switches = manners.switches()
    if shutil.which("rtpengine"):
        switches += ["-A", "MEDIA"]
        await processes.start("pbx", "rtpengine", _rtpengine())
    command = ["kamailio", "-f", str(config), "-DD", "-E", "-w", str(folder), "-Y", str(folder)]
    await processes.start("pbx", "kamailio", [*command, "-m", "64", "-M", "8", *switches])
    await _until_it_answers(world)


def _rtpengine() -> list[str]:
    # Userspace forwarding only (table -1): no kernel module in a namespace.
    return [
        "rtpengine", "-f", "-E", "--log-level=3", f"--interface={PBX}", "--table=-1",
        "--listen-ng=127.0.0.1:2223", "--port-min=30000", "--port-max=31000", "--num-threads=2",
    ]  # fmt: skip


async def _until_it_answers(world: World) -> None:
    """Ask over loopback, unseen by the capture, until the PBX answers OPTIONS."""
    deadline = time.monotonic() + _READY_WITHIN_S
    asker = world.socket_in("pbx", PBX, 0, socket.SOCK_DGRAM)
    try:
        port = asker.getsockname()[1]
        for n in range(1000):
            asker.sendto(_PING.format(pbx=PBX, port=port, n=n).encode(), (PBX, SIP_PORT))
            await asyncio.sleep(0.05)
            try:
                if asker.recv(4096).startswith(b"SIP/2.0 200"):
                    return
            except (BlockingIOError, ConnectionRefusedError):
                pass
            if time.monotonic() > deadline:
                break
    finally:
        asker.close()
    raise LabError(f"Kamailio did not answer within {_READY_WITHIN_S:.0f} s: see kamailio.log")
