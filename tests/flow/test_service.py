"""What systemd is told, and that nobody else is."""

from __future__ import annotations

import socket
from pathlib import Path

from ringfence.flow.service import READY, VARIABLE, WATCHDOG, status, tell


def test_systemd_hears_it(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(5)
        where = {VARIABLE: str(tmp_path / "notify")}
        assert tell(READY, status("two\nlines\tin one"), environment=where)
        assert systemd.recv(500) == b"READY=1\nSTATUS=two lines in one"
        assert len(status("x" * 999)) == 307


def test_systemd_in_a_container_has_a_name_without_a_file() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("")  # the kernel chooses
        systemd.settimeout(5)
        name = systemd.getsockname()
        assert tell(WATCHDOG, environment={VARIABLE: "@" + name[1:].decode()})
        assert systemd.recv(500) == b"WATCHDOG=1"


def test_where_nobody_listens_nothing_fails(tmp_path: Path) -> None:
    assert not tell(READY, environment={})
    assert not tell(READY, environment={VARIABLE: str(tmp_path / "gone")})
    assert not tell(READY, environment={VARIABLE: "vsock:2:1"})
