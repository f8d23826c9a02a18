"""Who does something, and when: for journals."""

from __future__ import annotations

import getpass
import os
import socket
from datetime import UTC, datetime


def now() -> str:
    """The time by this machine's clock, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def utc(when: datetime) -> str:
    """A moment in the one form that sorts: 2026-11-26T12:00:00Z."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def nanoseconds(at: str) -> int:
    """What `utc` wrote, in nanoseconds since 1970; 0 for what is no time."""
    try:
        return int(datetime.fromisoformat(at).timestamp()) * 10**9
    except (ValueError, OverflowError):
        return 0


def whoami() -> str:
    """User and host."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # no entry for this user id
        user = str(os.getuid())
    return f"{user}@{host()}"


def host() -> str:
    """The name of this machine."""
    return socket.gethostname()
