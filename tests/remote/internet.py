"""A small Internet of namespaces: a phone system, a site with its gateway, a user, a stranger."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tarfile
from itertools import count
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Self

import pytest

from lab.accounts import ACCOUNTS
from lab.digest import Credentials
from lab.kamailio import DOMAIN
from lab.namespaces import _enter, ip, remove_leftovers
from tests.remote.phones import Phone

PBX, STRANGER = "192.0.2.10", "203.0.113.166"
_WAYS = (
    ("pbx", PBX, "192.0.2.1", 24), ("gw", "198.51.100.10", "198.51.100.1", 24),
    ("user", "203.0.113.20", "203.0.113.1", 25), ("stranger", STRANGER, "203.0.113.129", 25),
)  # fmt: skip
# What the owner does when everybody comes by the tunnel.
CLOSED = """table inet closed {
	chain arrives {
		type filter hook input priority 0; policy accept;
		iifname "eth0" meta l4proto { tcp, udp } th dport { 5060, 5061 } counter drop
		iifname "eth0" udp dport 30000-31000 counter drop
	}
}
"""
_NEEDED = ("ip", "nft", "wg", "wg-quick", "wireguard-go", "kamailio", "rtpengine", "dnsmasq")


def cannot() -> str:
    """Why there is no such Internet here; "" where there is."""
    missing = [one for one in _NEEDED if shutil.which(one) is None]
    if os.geteuid() != 0:
        return "network namespaces need root"
    if not Path("/dev/net/tun").exists():
        return "wireguard-go needs /dev/net/tun"
    return f"{missing} missing: see packages.txt" if missing else ""


needs_wireguard = pytest.mark.skipif(bool(cannot()), reason=cannot() or "-")


_NUMBERS = count(1)


class _Config(Template):
    delimiter = "%"


class Internet:
    """Up between `with` and its end.

    Names of interfaces are its own: wireguard-go keeps its sockets in one folder for all
    namespaces.
    """

    def __init__(self, folder: Path) -> None:
        self._number = f"{os.getpid()}x{next(_NUMBERS)}"
        self.prefix = f"rfrem{self._number}-"
        self.folder, self.register = folder, folder / "register"
        self._running: list[subprocess.Popen[bytes]] = []

    def device(self, kind: str) -> str:
        return f"{kind}{self._number}"

    def __enter__(self) -> Self:
        try:
            self._build()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        for one in self._running:
            one.terminate()
        remove_leftovers(self.prefix)
        for one in self._running:
            one.wait(5)

    def _build(self) -> None:
        for host in ("net", "phone", *(way[0] for way in _WAYS)):
            ip("netns", "add", self.prefix + host)
            ip("-n", self.prefix + host, "link", "set", "lo", "up")
            self.run(host, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0")
        self.run("net", "sysctl", "-qw", "net.ipv4.ip_forward=1")
        for host, address, router, bits in _WAYS:
            self._wire(host, "eth0", "net", f"v-{host}")
            ip("-n", self.prefix + host, "address", "add", f"{address}/{bits}", "dev", "eth0")
            ip("-n", self.prefix + "net", "address", "add", f"{router}/{bits}", "dev", f"v-{host}")
            ip("-n", self.prefix + host, "route", "add", "default", "via", router)
        self._wire("phone", "eth0", "gw", "lan0")

    def _wire(self, one: str, name: str, other: str, its: str) -> None:
        ip("link", "add", name, "netns", self.prefix + one, "type", "veth",
           "peer", "name", its, "netns", self.prefix + other)  # fmt: skip
        ip("-n", self.prefix + one, "link", "set", name, "up")
        ip("-n", self.prefix + other, "link", "set", its, "up")

    def attempt(
        self, host: str, *command: str, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """A command there, whatever comes of it.

        Its output goes through files: what stays in the background would hold a pipe open.
        """
        out, error = self.folder / f"{host}.out", self.folder / f"{host}.error"
        with out.open("w") as one, error.open("w") as other:
            done = subprocess.run(
                ["ip", "netns", "exec", self.prefix + host, *command], input=given, text=True,
                stdout=one, stderr=other, check=False, timeout=180,
                env={**os.environ, "RINGFENCE_SITE_RUN": str(self.folder / "run")},
            )  # fmt: skip
        return subprocess.CompletedProcess(
            command, done.returncode, out.read_text(), error.read_text()
        )

    def run(self, host: str, *command: str, given: str = "") -> str:
        done = self.attempt(host, *command, given=given)
        assert done.returncode == 0, f"{command}: {done.stdout} {done.stderr}"
        return done.stdout

    def start(self, host: str, *command: str) -> None:
        with (self.folder / f"{command[0].rpartition('/')[2]}.log").open("wb") as log:
            started = subprocess.Popen(
                ["ip", "netns", "exec", self.prefix + host, *command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "RINGFENCE_SITE_RUN": str(self.folder / "run")},
            )  # fmt: skip
        self._running.append(started)

    def ringfence(self, *words: str) -> str:
        """`ringfence remote …` on the machine of the phone system."""
        return self.run("pbx", sys.executable, "-m", "ringfence", "remote", *words,
                        "--folder", str(self.register))  # fmt: skip

    def begin(self) -> str:
        """The tunnel up; the phone system's address inside."""
        self.ringfence("init", "--endpoint", PBX, "--interface", self.device("rs"),
                       "--rtp", "30000-31000", "--no-start")  # fmt: skip
        return self.ringfence("up").rpartition("inside ")[2].strip()

    def join(self, name: str) -> None:
        """A user's computer imports his file with the system's own wg-quick."""
        self.ringfence("add", name, "--extension", "202", "--out", str(self.folder))
        self.run("user", "wg-quick", "up", str(self.folder / f"{name}.conf"))

    def open_site(self, name: str, *options: str) -> Path:
        """The gateway of a site, made from its archive; its folder."""
        self.ringfence("site", name, "--lan-interface", "lan0", "--tunnel-interface",
                       self.device("rg"), "--out", str(self.folder), *options)  # fmt: skip
        with tarfile.open(self.folder / f"{name}.tar.gz") as packed:
            packed.extractall(self.folder, filter="tar")
        self.run("gw", str(self.folder / name / "gateway.sh"), "up")
        return self.folder / name

    def start_pbx(self, inside: str, inside6: str) -> None:
        """Kamailio and rtpengine, on the inside address and, as before, on the outside one."""
        passwords = "\n".join(f'    $sht(password=>{a.user}) = "{a.password}";' for a in ACCOUNTS)
        template = Path("lab/kamailio.cfg")
        if not template.exists():
            template = Path(__file__).parents[2] / template
        modules = next(Path("/usr/lib").glob("*/kamailio/modules"))
        text = _Config(template.read_text()).substitute(
            pbx=inside, pbx6=inside6, domain=DOMAIN, trunk="192.0.2.200", inbound="192.0.2.201",
            modules=f"{modules}/", passwords=passwords, word="lab",
        ).replace("listen=udp", f"listen=udp:{PBX}:5060\nlisten=udp", 1)  # fmt: skip
        config = self.folder / "kamailio.cfg"
        config.write_text(text)
        self.start("pbx", "rtpengine", "-f", "-E", "--log-level=3", f"--interface={inside}",
                   "--table=-1", "--listen-ng=127.0.0.1:2223", "--port-min=30000",
                   "--port-max=31000", "--num-threads=1")  # fmt: skip
        self.start("pbx", "kamailio", "-f", str(config), "-DD", "-E", "-w", str(self.folder),
                   "-Y", str(self.folder), "-m", "64", "-M", "8", "-A", "MEDIA")  # fmt: skip

    def socket(self, host: str, address: str, port: int = 0, kind: int = socket.SOCK_DGRAM,
               ) -> socket.socket:  # fmt: skip
        with (
            open("/proc/self/ns/net") as home,  # noqa: PTH123
            open(f"/run/netns/{self.prefix}{host}") as there,  # noqa: PTH123
        ):
            _enter(there)
            try:
                opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
            finally:
                _enter(home)
        opened.bind((address, port))
        return opened

    def phone(self, host: str, address: str, server: str, user: str) -> Phone:
        account = next(one for one in ACCOUNTS if one.user == user)
        # Always from one port, as a phone does: Kamailio keeps two contacts of an account.
        return Phone(self.socket(host, address, 5060), self.socket(host, address), server,
                     Credentials(account.user, account.password))  # fmt: skip
