"""How the guard stands, for those who ask: a file that is written anew each second.

The file is in a folder of what stands only while the guard runs; whoever reads it needs
nothing of the guard but that file.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ringfence.model.guard_status import GuardStatus
from ringfence.model.guarding import GuardError
from ringfence.model.text import shown

NAME = "status.json"
# A guard that did not write for so long has ended, or hangs.
STALE_S = 15.0
_MAX_OCTETS = 4 * 1024 * 1024


def write_bearing(folder: Path, status: GuardStatus) -> None:
    """Replace the file, whole. Raises OSError."""
    part = folder / f".{NAME}.{os.getpid()}"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(msgspec.json.encode(status))
    part.replace(folder / NAME)


def read_bearing(folder: Path, now: datetime | None = None) -> tuple[GuardStatus, bool]:
    """How the guard stands, and whether it said so lately. Raises GuardError."""
    path = folder / NAME
    try:
        with path.open("rb") as stream:
            octets = stream.read(_MAX_OCTETS + 1)
    except FileNotFoundError:
        raise GuardError(
            f"no guard runs here: there is no {shown(str(path))}; start `ringfence guard`, or "
            "name its folder with --run"
        ) from None
    except OSError as error:
        raise GuardError(
            f"{shown(str(path))}: {error.strerror or error}; ask as root, or as one of its group"
        ) from error
    try:
        status = msgspec.json.decode(octets, type=GuardStatus)
        said_at = datetime.fromisoformat(status.at)
    except (msgspec.MsgspecError, ValueError) as error:
        raise GuardError(f"{shown(str(path))}: not written by this version: {error}") from error
    age_s = ((now or datetime.now(UTC)) - said_at).total_seconds()
    return status, abs(age_s) < STALE_S
