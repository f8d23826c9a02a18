"""Two network namespaces and a wire: what a firewall lets through."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import pytest

from lab.namespaces import _enter, ip, remove_leftovers

HERE = ("192.0.2.10", "2001:db8:0:1::10")
# The last of each family nobody blocks.
FRIENDS = ("198.51.100.1", "2001:db8:0:2::1")
_STRANGERS = ("203.0.113.66", "198.51.100.9", "2001:db8::66", *FRIENDS)
_PORT = 5060
_WAIT_S = 2.0


def needs(*tools: str) -> pytest.MarkDecorator:
    """Skip, with the reason, where there is no root or no such tool."""
    missing = [tool for tool in ("ip", *tools) if shutil.which(tool) is None]
    if os.geteuid() != 0:
        return pytest.mark.skip(reason="network namespaces need root")
    return pytest.mark.skipif(bool(missing), reason=f"{missing} missing: see packages.txt")


class Wire:
    """`inside` has the phone system, `outside` all the strangers."""

    def __init__(self) -> None:
        self.prefix = f"rfblock{os.getpid()}-"

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

    def run(self, *command: str, cwd: Path | None = None) -> str:
        """A command inside; fails the test when it fails."""
        done = self.attempt(*command, cwd=cwd)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def attempt(self, *command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """A command inside, whatever comes of it."""
        return subprocess.run(
            ["ip", "netns", "exec", f"{self.prefix}in", *command],
            capture_output=True, text=True, check=False, cwd=cwd, timeout=60,
        )  # fmt: skip

    def passing(self, senders: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
        """Which of these addresses and ports get a datagram through.

        A friend writes last: what is not there before his words will never be.
        """
        return [
            sender
            for version in (4, 6)
            for sender in self._passing(version, [s for s in senders if _version(s[0]) == version])
        ]

    def _passing(self, version: int, senders: list[tuple[str, int]]) -> list[tuple[str, int]]:
        here, friend = HERE[version == 6], FRIENDS[version == 6]
        family = socket.AF_INET6 if version == 6 else socket.AF_INET
        through: list[tuple[str, int]] = []
        with self._socket("in", family, here, _PORT) as ours:
            ours.settimeout(_WAIT_S)
            for source, port in [*senders, (friend, 65000)]:
                with self._socket("out", family, source, port) as theirs:
                    theirs.sendto(b"OPTIONS", (here, _PORT))
            while True:
                heard = ours.recvfrom(64)[1][:2]
                if heard == (friend, 65000):
                    return through
                through.append(heard)

    def _socket(
        self, side: str, family: int, address: str, port: int, kind: int = socket.SOCK_DGRAM
    ) -> socket.socket:
        with Path("/proc/self/ns/net").open() as home, self._namespace(side) as there:
            _enter(there)
            try:
                opened = socket.socket(family, kind)
            finally:
                _enter(home)
        opened.bind((address, port))
        return opened

    def _namespace(self, side: str) -> IO[str]:
        return Path(f"/run/netns/{self.prefix}{side}").open()

    def _build(self) -> None:
        inside, outside = f"{self.prefix}in", f"{self.prefix}out"
        for name in (inside, outside):
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        self.plug()

    def unplug(self) -> None:
        """Both ends of the wire are gone, with all that the kernel had there."""
        ip("-n", f"{self.prefix}in", "link", "del", "eth0")

    def plug(self) -> None:
        """A wire between both, addresses and routes."""
        inside, outside = f"{self.prefix}in", f"{self.prefix}out"
        ip("link", "add", "eth0", "netns", inside, "type", "veth",
           "peer", "name", "eth0", "netns", outside)  # fmt: skip
        for name, addresses in ((inside, HERE), (outside, _STRANGERS)):
            for address in addresses:
                length, flags = ("/128", ["nodad"]) if ":" in address else ("/32", [])
                ip("-n", name, "addr", "add", address + length, "dev", "eth0", *flags)
            ip("-n", name, "link", "set", "eth0", "up")
        for name in (inside, outside):
            ip("-n", name, "route", "add", "default", "dev", "eth0")
            ip("-n", name, "-6", "route", "add", "default", "dev", "eth0")


def _version(address: str) -> int:
    return 6 if ":" in address else 4
