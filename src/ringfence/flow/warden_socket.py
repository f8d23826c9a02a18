"""The socket between the guard and the warden: who makes it, and who may come."""

from __future__ import annotations

import os
import socket
import stat
import struct
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path

from ringfence.model.measure import FirewallError

NAME = "firewall.sock"
_MODE = 0o660
_BACKLOG = 4
_LONGEST_PATH = 107  # sockaddr_un, less its end
_PEER = struct.Struct("3i")  # pid, uid, gid: struct ucred
_SO_PEERGROUPS = 59  # asm-generic/socket.h; Linux 4.13
_GROUPS_OCTETS = 1024  # the most that Python asks for: 256 groups
_FIRST_PASSED = 3  # sd_listen_fds(3)


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """A socket at this path, for our user and our group; taken away at the end.

    One that nobody listens to any more is replaced. Raises FirewallError.
    """
    listener = socket.socket(socket.AF_UNIX)
    with listener:
        try:
            _make_room(path)
            listener.bind(str(path))
            path.chmod(_MODE)  # before anybody can connect
            listener.listen(_BACKLOG)
            mine = path.stat().st_ino
        except OSError as error:
            raise FirewallError(f"{path}: {error.strerror or error}") from error
        try:
            yield listener
        finally:
            if path.is_socket() and path.stat().st_ino == mine:
                path.unlink(missing_ok=True)


def is_served(path: Path) -> bool:
    """Whether somebody listens there."""
    with socket.socket(socket.AF_UNIX) as trial:
        trial.settimeout(1)
        try:
            trial.connect(str(path))
        except BlockingIOError:  # so many wait already
            return True
        except OSError:
            return False
    return True


def passed(environment: MutableMapping[str, str]) -> socket.socket | None:
    """The socket that systemd made for us (sd_listen_fds(3)), if any; taken once."""
    pid = environment.pop("LISTEN_PID", "")
    number = environment.pop("LISTEN_FDS", "")
    if pid != str(os.getpid()) or not number.isdigit() or int(number) < 1:
        return None
    return socket.socket(fileno=_FIRST_PASSED)


def objection(connection: socket.socket, listener: socket.socket) -> str:
    """Why nothing is done for who connected; "" for root, our own user, the socket's group."""
    pid, uid, gid = peer(connection)
    if uid in {0, os.geteuid()}:
        return ""
    wanted = _group_of(listener)
    if wanted is not None and wanted in {gid, *_groups(connection)}:
        return ""
    return f"process {pid} of user {uid} is neither root, nor our user, nor of the socket's group"


def peer(connection: socket.socket) -> tuple[int, int, int]:
    """Process, user and group of the other end, as the kernel knows them."""
    octets = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    pid, uid, gid = _PEER.unpack(octets)
    return pid, uid, gid


def _groups(connection: socket.socket) -> tuple[int, ...]:
    """Its other groups; none where there are too many, or the kernel does not tell them."""
    try:
        octets = connection.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, _GROUPS_OCTETS)
    except OSError:
        return ()
    return struct.unpack(f"{len(octets) // 4}I", octets)


def _group_of(listener: socket.socket) -> int | None:
    name = listener.getsockname()
    try:
        return Path(name).stat().st_gid if isinstance(name, str) and name else None
    except OSError:
        return None


def _make_room(path: Path) -> None:
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise FirewallError(f"{path}: too long for a socket: name a shorter folder with --run")
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        return
    if not stat.S_ISSOCK(kind):
        raise FirewallError(f"{path} is no socket: it is left alone; name another place")
    if is_served(path):
        raise FirewallError(f"{path}: another `ringfence guard firewall` serves it")
    path.unlink()
