"""Who seals: the user and the host, as they call themselves."""

from __future__ import annotations

import getpass
import socket

from ringfence.model.text import shown


def name_operator() -> str:
    """Like "anna on pbx-host"."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user that no table knows
        user = "somebody"
    return shown(f"{user} on {socket.gethostname()}")[:200]
