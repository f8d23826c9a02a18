"""A capture on disk, and `ringfence` asked about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from ringfence.cli.app import app
from tests.search.scene import capture

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Answer:
    """Exit status and what was printed."""

    status: int
    out: str
    err: str


def ringfence(*arguments: str | Path, given: bytes | None = None) -> Answer:
    """Run a command, with this on standard input."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


def capture_in(folder: Path, name: str = "night.pcap") -> Path:
    """The scene as a file."""
    path = folder / name
    path.write_bytes(capture())
    return path
