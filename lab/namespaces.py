"""Network namespaces of the lab: a router, its legs, and the hosts on them."""

import asyncio
import contextlib
import ctypes
import os
import re
import select
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from lab.addresses import BRANCH_GATEWAY, BRANCH_PHONES, HOSTS, LEGS, Host, Leg, branch_phone

PREFIX: Final = "rflab"
# A world's name holds the number of the process that made it.
_OWNED: Final = re.compile(rf"^{PREFIX}[a-z]?(\d+)[a-z]?-", re.MULTILINE)
_END_WITHIN_S: Final = 1.0
_CLONE_NEWNET: Final = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)

# Masquerading of the branch office: the router's own NAT, as in a small office.
_MASQUERADE: Final = """table ip lab {
  chain leave {
    type nat hook postrouting priority srcnat; policy accept;
    oifname "eth0" masquerade
  }
}
"""


class LabError(RuntimeError):
    """The lab cannot be built or a part of it did not come up."""


def ip(*arguments: str) -> None:
    """Run iproute2's `ip`; LabError with its message when it refuses."""
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")


def remove_leftovers(prefix: str) -> int:
    """Kill what runs in namespaces named `prefix…` and delete them; how many there were."""
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=False)
    names = [line.split()[0] for line in listed.stdout.splitlines() if line.startswith(prefix)]
    for stop in (signal.SIGTERM, signal.SIGKILL):
        _end([pid for name in names for pid in _pids_in(name)], stop)
    for name in names:
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    return len(names)


def remove_abandoned() -> None:
    """Delete the worlds of runs that are no more (killed without a word)."""
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=False)
    for prefix in {found[0] for found in _OWNED.finditer(listed.stdout)}:
        owner = _OWNED.match(prefix)
        if owner is not None and not Path(f"/proc/{owner[1]}").exists():
            remove_leftovers(prefix)


def _end(pids: Sequence[int], sign: signal.Signals) -> None:
    """Signal processes and wait a little until they are gone."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            ended = os.pidfd_open(pid)
            try:
                signal.pidfd_send_signal(ended, sign)
                select.select([ended], [], [], _END_WITHIN_S)
            finally:
                os.close(ended)


def _pids_in(namespace: str) -> list[int]:
    listed = subprocess.run(
        ["ip", "netns", "pids", namespace], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in listed.stdout.split() if int(pid) != os.getpid()]


class World:
    """All hosts of the lab, up between `with` and its end, whatever happens inside."""

    def __init__(self, name: str = "") -> None:
        self.prefix = f"{PREFIX}{name or os.getpid()}-"

    def __enter__(self) -> Self:
        try:
            self._build()
        except BaseException:
            remove_leftovers(self.prefix)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        remove_leftovers(self.prefix)

    def namespace(self, host: str) -> str:
        """Name of the namespace that `host` lives in."""
        return self.prefix + host

    def _build(self) -> None:
        for tool in ("ip", "nft"):
            if shutil.which(tool) is None:
                raise LabError(f"{tool} is missing: see lab/packages.txt")
        self._add("router")
        self._sysctl("router", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        for leg in LEGS:
            self._add_leg(leg)
        for host in HOSTS:
            self._add_host(host)
        # Answers to invented senders end at the router, as they would on the Internet.
        ip("-n", self.namespace("router"), "route", "add", "blackhole", "198.18.0.0/15")
        self._add_branch()

    def add_crowd(self, host: Host, network: str) -> None:
        """One more host, which has every address of `network` besides its own first one."""
        self._add_host(host)
        first = host.addresses[0].split("/")[0]
        ip("-n", self.namespace(host.name), "route", "add", "local", network, "dev", "lo")
        ip("-n", self.namespace("router"), "route", "add", network, "via", first)

    def _add(self, host: str) -> None:
        ip("netns", "add", self.namespace(host))
        ip("-n", self.namespace(host), "link", "set", "lo", "up")
        # Forged senders must pass, and duplicate address detection costs seconds.
        self._sysctl(
            host,
            "net.ipv4.conf.all.rp_filter=0",
            "net.ipv4.conf.default.rp_filter=0",
            "net.ipv6.conf.default.accept_dad=0",
            "net.ipv6.conf.default.accept_ra=0",
        )

    def _sysctl(self, host: str, *settings: str) -> None:
        for setting in settings:
            key, value = setting.split("=")
            path = "/proc/sys/" + key.replace(".", "/")
            with self.entered(host), open(path, "w") as knob:
                knob.write(value)

    def _add_leg(self, leg: Leg) -> None:
        router = self.namespace("router")
        ip("-n", router, "link", "add", f"br-{leg.name}", "type", "bridge")
        for gateway in leg.gateways:
            ip("-n", router, "addr", "add", gateway, "dev", f"br-{leg.name}")
        ip("-n", router, "link", "set", f"br-{leg.name}", "up")

    def _add_host(self, host: Host) -> None:
        self._add(host.name)
        inside, router = self.namespace(host.name), self.namespace("router")
        ip(
            "link", "add", "eth0", "netns", inside,
            "type", "veth", "peer", "name", f"v-{host.name}", "netns", router,
        )  # fmt: skip
        ip("-n", router, "link", "set", f"v-{host.name}", "master", f"br-{host.leg}", "up")
        for address in host.addresses:
            ip("-n", inside, "addr", "add", address, "dev", "eth0")
        ip("-n", inside, "link", "set", "eth0", "up")
        leg = next(leg for leg in LEGS if leg.name == host.leg)
        for gateway in leg.gateways:
            if any((":" in address) == (":" in gateway) for address in host.addresses):
                ip("-n", inside, "route", "add", "default", "via", gateway.split("/")[0])

    def _add_branch(self) -> None:
        self._add("branch")
        branch, gateway = self.namespace("branch"), self.namespace("gateway")
        ip(
            "link", "add", "eth0", "netns", branch,
            "type", "veth", "peer", "name", "lan", "netns", gateway,
        )  # fmt: skip
        for number in range(BRANCH_PHONES):
            ip("-n", branch, "addr", "add", f"{branch_phone(number)}/25", "dev", "eth0")
        ip("-n", branch, "link", "set", "eth0", "up")
        ip("-n", gateway, "addr", "add", f"{BRANCH_GATEWAY}/25", "dev", "lan")
        ip("-n", gateway, "link", "set", "lan", "up")
        ip("-n", branch, "route", "add", "default", "via", BRANCH_GATEWAY)
        self._sysctl("gateway", "net.ipv4.ip_forward=1")
        nft = subprocess.run(
            ["ip", "netns", "exec", gateway, "nft", "-f", "-"],
            input=_MASQUERADE, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if nft.returncode:
            raise LabError(f"nft: {nft.stderr.strip()}")

    @contextlib.contextmanager
    def entered(self, host: str) -> Iterator[None]:
        """This thread inside `host`'s namespace; what is opened there stays there."""
        with open("/proc/self/ns/net") as home, open(f"/run/netns/{self.namespace(host)}") as there:
            _enter(there)
            try:
                yield
            finally:
                _enter(home)

    def socket_in(self, host: str, address: str, port: int, kind: int) -> socket.socket:
        """A non-blocking UDP or TCP socket of `host`, bound to `address`:`port`."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with self.entered(host):
            opened = socket.socket(family, kind)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((address, port))
        opened.settimeout(0)
        return opened

    async def start(
        self, host: str, command: Sequence[str], *, output: IO[bytes] | int, cwd: str | None = None
    ) -> asyncio.subprocess.Process:
        """`command` started in `host`'s namespace with its output in `output`."""
        return await asyncio.create_subprocess_exec(
            "ip", "netns", "exec", self.namespace(host), *command,
            stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, cwd=cwd,
            start_new_session=True,
        )  # fmt: skip


def _enter(namespace: IO[str]) -> None:
    if _libc.setns(namespace.fileno(), _CLONE_NEWNET):
        raise LabError(f"setns {namespace.name}: {os.strerror(ctypes.get_errno())}")
