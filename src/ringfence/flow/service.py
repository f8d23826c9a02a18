"""What a service tells systemd: that it is ready, that it lives, how it stands (sd_notify(3))."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

READY, WATCHDOG, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"
VARIABLE = "NOTIFY_SOCKET"
_MAX_TEXT = 300


def tell(*lines: str, environment: Mapping[str, str] | None = None) -> bool:
    """Whether it was told; where nobody wants to know, or can, it was not."""
    where = (os.environ if environment is None else environment).get(VARIABLE, "")
    if not where.startswith(("/", "@")):
        return False
    name = f"\0{where[1:]}" if where.startswith("@") else where
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.settimeout(1)
        try:
            told.sendto("\n".join(lines).encode(), name)
        except OSError:
            return False
    return True


def status(text: str) -> str:
    """One line for `systemctl status`."""
    return f"STATUS={' '.join(text.split())[:_MAX_TEXT]}"
