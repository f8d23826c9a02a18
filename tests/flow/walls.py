"""A warden for tests: a real one in a thread, and one that is a process in a namespace."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from ringfence.flow.firewall import InForce, Shape
from ringfence.flow.log_lines import LogLines
from ringfence.flow.wall import Wall
from ringfence.flow.warden import serve
from ringfence.model.endpoint import Address
from ringfence.model.measure import Effect, Held, Measure, Withheld

# `ringfence guard firewall`, without the rest of the command line.
FIREWALL = (
    sys.executable,
    "-c",
    "import typer; from ringfence.cli.guard_firewall import guard_firewall as f; typer.run(f)",
)


def log_to(lines: list[str]) -> LogLines:
    """A log that is a list."""
    return LogLines(lines.append, lambda: 0.0, lambda: datetime(2026, 11, 26, tzinfo=UTC))


class Recorder:
    """A wall that keeps what it was asked, and says what it was given."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.error: Exception | None = None
        self.in_force: list[InForce] = []
        self.gate: Event | None = None  # what hangs until it is set

    def stand(self, shape: Shape | None = None, *, anew: bool = False) -> bool:
        self._note("stand", shape, anew)
        return anew

    def restore(self) -> list[Measure]:
        self._note("restore")
        return [one.measure for one in self.in_force]

    def know(self, addresses: Iterable[Address], lasts: timedelta) -> None:
        self._note("know", tuple(addresses), lasts)

    def apply(self, measures: Sequence[Measure]) -> tuple[list[Measure], list[Withheld]]:
        self._note("apply", *measures)
        return list(measures[1:]), [Withheld(one.address, "no") for one in measures[:1]]

    def release(self, address: str, why: str) -> list[Measure | Held]:
        self._note("release", address, why)
        return [
            *(one.measure for one in self.in_force),
            *(one.held for one in self.in_force if one.held),
        ]

    def look(
        self, heard: Mapping[str, int] | None = None, moved: Mapping[str, str] | None = None
    ) -> list[InForce]:
        self._note("look", heard, moved)
        return self.in_force

    def slowed(self) -> dict[str, int]:
        self._note("slowed")
        return {"strangers": 7}

    def _note(self, *asked: object) -> None:
        self.asked.append(asked)
        if self.gate is not None:
            self.gate.wait(30)
        if self.error is not None:
            raise self.error


def in_force(number: int = 1, reason: str = "guessing") -> list[InForce]:
    """So many blocks that hold."""
    found = []
    for n in range(number):
        address = f"2001:db8::{n + 1:x}"
        measure = Measure(
            f"{n:08x}", "block", address, reason, "guard", "2026-11-26T12:00:00Z",
            "2026-11-26T13:00:00Z", host="pbx",
        )  # fmt: skip
        held = Held(measure.id, "block", address, (), 3600, 5)
        found.append(InForce(measure, held, Effect("effective", "5 packets dropped", 0.2, 5)))
    return found


@contextmanager
def served(waiting: socket.socket, wall: Wall, lines: list[str] | None = None) -> Iterator[None]:
    """A warden until the end of the block; it must end by itself then."""
    ours, theirs = os.pipe()
    log = log_to([] if lines is None else lines)
    thread = Thread(target=serve, args=(waiting, wall, log, ours))
    thread.start()
    try:
        yield
    finally:
        os.close(theirs)
        thread.join(10)
        os.close(ours)
        assert not thread.is_alive()


@contextmanager
def warden_in(namespace: str, path: Path, store: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that serves this path, in a network namespace."""
    environment = dict(os.environ) | {"PYTHONPATH": ":".join(sys.path)}
    environment.pop("SSH_CONNECTION", None)
    process = subprocess.Popen(
        ["ip", "netns", "exec", namespace, *FIREWALL, "--socket", str(path),
         "--store", str(store)],
        env=environment, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        assert process.stderr is not None
        first = process.stderr.readline()
        assert '"event":"ready"' in first, first + process.stderr.read()
        try:
            yield process
        finally:
            process.kill()
