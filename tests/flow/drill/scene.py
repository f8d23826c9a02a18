"""A drill of tests: a real Kamailio and a guard inside, the drill outside, packets counted."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from lab.addresses import PBX6
from lab.kamailio import configuration
from tests.flow.guard.test_start import Inside
from tests.respond.block.wire import HERE, Wire

STRANGER = "203.0.113.66"
_PING = (
    b"OPTIONS sip:192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10;rport;branch=z9hG4bKr\r\n"
    b"From: <sip:r@192.0.2.10>;tag=r\r\nTo: <sip:192.0.2.10>\r\nCall-ID: ready\r\n"
    b"CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
)


class Sniffer:
    """IP packets that leave the machine of the drill."""

    def __init__(self, wire: Wire) -> None:
        self._heard = _raw(wire)
        self.packets: list[bytes] = []
        self._stopped = False
        self._thread = Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        self._heard.settimeout(0.1)
        while not self._stopped:
            try:
                frame, where = self._heard.recvfrom(65_536)
            except TimeoutError:
                continue
            if where[2] == socket.PACKET_OUTGOING and frame[12:14] in (b"\x08\x00", b"\x86\xdd"):
                self.packets.append(frame[14:])

    def stop(self) -> list[bytes]:
        """What was seen; of IPv6 not what the kernel says by itself (ICMPv6, MLD)."""
        self._stopped = True
        self._thread.join()
        self._heard.close()
        return [one for one in self.packets if one[0] >> 4 == 4 or one[6] not in (0, 58)]


def _raw(wire: Wire) -> socket.socket:
    from lab.namespaces import _enter

    with Path("/proc/self/ns/net").open() as home, wire._namespace("out") as there:
        _enter(there)
        try:
            opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        finally:
            _enter(home)
    opened.bind(("eth0", 0))
    return opened


class Scene(Inside):
    """The phone system's machine, and the one that drills it."""

    @contextmanager
    def kamailio(self) -> Iterator[None]:
        config = self.folder / "kamailio.cfg"
        config.write_text(configuration().replace(PBX6, HERE[1]))
        log = (self.folder / "kamailio.log").open("wb")
        process = subprocess.Popen(
            [*self._at, "kamailio", "-f", str(config), "-DD", "-E", "-w", str(self.folder),
             "-Y", str(self.folder), "-m", "64", "-M", "8"],
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            with self.wire._socket("in", socket.AF_INET, HERE[0], 0) as asker:
                asker.settimeout(0.2)
                ends = time.monotonic() + 20
                while True:
                    assert time.monotonic() < ends, (self.folder / "kamailio.log").read_text()
                    try:
                        asker.sendto(_PING, (HERE[0], 5060))
                        asker.recv(4096)
                        break
                    except OSError:
                        continue
            yield
        finally:
            process.terminate()
            process.wait(20)
            log.close()

    @contextmanager
    def token(self, *options: str) -> Iterator[str]:
        """The code of a host that answers inside."""
        command = [
            *self._at, sys.executable, "-m", "ringfence", "drill", "token", "--run", str(self.run),
            "--store", str(self.folder / "cases.db"), *options,
        ]  # fmt: skip
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.communicate(timeout=20)

    def drill(self, *options: str, pbx: str = HERE[0]) -> tuple[int, dict[str, object], str]:
        """Exit status, what it found, what it complained of."""
        command = [
            "ip", "netns", "exec", f"{self.wire.prefix}out", sys.executable, "-m", "ringfence",
            "drill", pbx, "--source", STRANGER, "--json", *options,
        ]  # fmt: skip
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=240,
            env={**os.environ, "XDG_DATA_HOME": str(self.folder / "home")},
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout or "{}"), done.stderr

    def journal(self) -> list[dict[str, object]]:
        path = self.folder / "home/ringfence/drills.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def states(found: dict[str, object]) -> dict[str, str]:
    steps = found["steps"]
    assert isinstance(steps, list)
    return {step["name"]: step["state"] for step in steps}


def step(found: dict[str, object], name: str) -> dict[str, str]:
    steps = found["steps"]
    assert isinstance(steps, list)
    one: dict[str, str] = next(step for step in steps if step["name"] == name)
    return one
