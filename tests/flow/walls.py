"""A warden for tests: a real one in a thread, and one that is a process in a namespace."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from ringfence.flow.log_lines import LogLines
from ringfence.flow.wall import Wall
from ringfence.flow.warden import serve

# `ringfence guard firewall`, without the rest of the command line.
FIREWALL = (
    sys.executable,
    "-c",
    "import typer; from ringfence.cli.guard_firewall import guard_firewall as f; typer.run(f)",
)


def log_to(lines: list[str]) -> LogLines:
    """A log that is a list."""
    return LogLines(lines.append, lambda: 0.0, lambda: datetime(2026, 11, 26, tzinfo=UTC))


@contextmanager
def served(waiting: socket.socket, wall: Wall, lines: list[str] | None = None) -> Iterator[None]:
    """A warden until the end of the block; it must end by itself then."""
    ours, theirs = os.pipe()
    thread = Thread(target=serve, args=(waiting, wall, log_to(lines or []), ours))
    if lines is not None:
        thread = Thread(target=serve, args=(waiting, wall, log_to(lines), ours))
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
