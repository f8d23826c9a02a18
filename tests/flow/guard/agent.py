"""A capture agent of tests: packets of a written conversation as HEP, and a guard that hears it."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

from ringfence.flow.firewall import InForce, Shape
from ringfence.flow.guard.guard import Guard
from ringfence.flow.log_lines import LogLines
from ringfence.flow.wall import Wall
from ringfence.model.endpoint import Address
from ringfence.model.guarding import Guarding, Hears, HepWanted, LogWanted
from ringfence.model.measure import Effect, Held, Measure, Withheld
from ringfence.model.settings import Settings
from tests.conversations.script import read_scene
from tests.wire_cases.compile import Packet

CAST = """
pbx 192.0.2.10
eve 203.0.113.66 agent="Z 3.15" call=new
two 203.0.113.67 agent="Z 3.15" call=new
ann 198.51.100.9:30001 agent="Yealink SIP-T46S 66.86.0.15"
"""
NOTHING_SAID = Settings()
EVE, TWO, ANN = "203.0.113.66", "203.0.113.67", "198.51.100.9"
GUESSES = "eve REGISTER 201 every=0.05 times=5 > 401 auth={1,2,3,4,5,6} 401\n"


def hep_of(packet: Packet) -> bytes:
    """An Ethernet, IPv4, UDP packet as HEP 3."""
    octets = packet.octets[14:]
    length = (octets[0] & 15) * 4
    source, target = octets[12:16], octets[16:20]
    ports, payload = struct.unpack(">HH", octets[length : length + 4]), octets[length + 8 :]
    chunks = b"".join(
        struct.pack(">HHH", 0, kind, 6 + len(value)) + value
        for kind, value in (
            (1, b"\2"), (2, b"\x11"), (3, source), (4, target),
            (7, struct.pack(">H", ports[0])), (8, struct.pack(">H", ports[1])),
            (9, struct.pack(">I", int(time.time()))), (10, bytes(4)), (11, b"\1"), (15, payload),
        )
    )  # fmt: skip
    return b"HEP3" + struct.pack(">H", 6 + len(chunks)) + chunks


def packets_of(scene: str) -> list[bytes]:
    """HEP packets of a conversation between the parties of `CAST`."""
    return [hep_of(packet) for packet in read_scene(CAST + scene).packets]


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        number: int = opened.getsockname()[1]
        return number


def wanted(folder: Path, **more: object) -> Guarding:
    """A guard that hears HEP on loopback, and keeps a second after a verdict."""
    hears = Hears(hep=HepWanted("127.0.0.1", free_port()))
    said: dict[str, object] = {
        "hears": hears, "folder": str(folder / "cases"), "run": str(folder / "run"),
        "store": str(folder / "cases.db"), "servers": (ip_address("192.0.2.10"),), "after_s": 1,
        "buffer_octets": 4 * 1024 * 1024,
    }  # fmt: skip
    return Guarding(**{**said, **more})  # type: ignore[arg-type]


def hears_log(kind: str, path: Path, mark: str = "") -> Hears:
    return Hears(logs=(LogWanted(kind, str(path), mark),))


class Running:
    """A guard in a thread."""

    def __init__(
        self, asked: Guarding, wall: Wall | None, settings: Settings = NOTHING_SAID
    ) -> None:
        self.asked = asked
        self.lines: list[str] = []
        Path(asked.run).mkdir(parents=True, exist_ok=True)
        log = LogLines(self.lines.append, time.monotonic, lambda: datetime.now(UTC))
        self.guard = Guard(asked, settings, log, wall)
        self.error: BaseException | None = None
        self._began: list[bool] = []
        self._thread = Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()
        self.until(lambda: bool(self._began) or self.error is not None)

    def stop(self) -> None:
        self.guard.stop()
        self._thread.join(60)
        assert not self._thread.is_alive()
        if self.error is not None:
            raise self.error

    def hear(self, scene: str) -> None:
        """Send a conversation to its HEP port."""
        hep = self.asked.hears.hep
        assert hep is not None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent:
            for packet in packets_of(scene):
                agent.sendto(packet, (hep.address, hep.port))

    def until(self, is_so: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait for it; fails when it does not come."""
        ends = time.monotonic() + seconds
        pause = Pause()
        while not is_so():
            assert time.monotonic() < ends, self.lines[-5:]
            pause.wait()

    def _run(self) -> None:
        try:
            self.guard.run(lambda: self._began.append(True))
        except BaseException as error:  # noqa: BLE001  shown by `stop`
            self.error = error


class Pause:
    """A moment, for what happens in another thread."""

    def wait(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
            nobody.settimeout(0.02)
            with suppress(TimeoutError):
                nobody.recv(1)


@contextmanager
def guarding(
    asked: Guarding, wall: Wall | None = None, settings: Settings = NOTHING_SAID
) -> Iterator[Running]:
    running = Running(asked, wall, settings)
    running.start()
    try:
        yield running
    finally:
        running.stop()


class Tables:
    """A wall that does what it is asked, in memory."""

    def __init__(self) -> None:
        self.blocked: dict[str, Measure] = {}
        self.transactions: list[list[str]] = []
        self.released: list[str] = []
        self.known: list[str] = []
        self.stood: list[bool] = []
        self.refused: set[str] = set()
        self.error: Exception | None = None

    def stand(self, shape: Shape | None = None, *, anew: bool = False) -> bool:  # noqa: ARG002
        self._fail()
        self.stood.append(anew)
        return True

    def restore(self) -> list[Measure]:
        return []

    def know(self, addresses: Iterable[Address], lasts: timedelta) -> None:  # noqa: ARG002
        self.known += map(str, addresses)

    def apply(self, measures: Sequence[Measure]) -> tuple[list[Measure], list[Withheld]]:
        self._fail()
        self.transactions.append([one.address for one in measures])
        done = [one for one in measures if one.address not in self.refused]
        self.blocked |= {one.address: one for one in done}
        left = (one.address for one in measures if one.address in self.refused)
        return done, [Withheld(address, "the allow list has it") for address in left]

    def release(self, address: str, why: str) -> list[Measure | Held]:  # noqa: ARG002
        self._fail()
        self.released.append(address)
        self.blocked.pop(address, None)
        return []

    def look(
        self,
        heard: Mapping[str, int] | None = None,  # noqa: ARG002
        moved: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> list[InForce]:
        self._fail()
        effect = Effect("effective", "9 packets dropped, none got through", 0.2, 9)
        return [
            InForce(one, Held(one.id, one.action, one.address, one.ports, 60, 9), effect)
            for one in self.blocked.values()
        ]

    def slowed(self) -> dict[str, int]:
        return {"strangers": 1}

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error
