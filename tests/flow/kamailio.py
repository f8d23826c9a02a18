"""A real Kamailio on loopback, for as long as a block lasts: set up well, or badly in one way."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HOST = "127.0.0.1"
_PATIENCE = 200  # questions, 50 ms apart

# %NAME% is filled in; the switches are -A options: LEAKY, BLIND, BARE, SHA.
_CONFIG = """#!KAMAILIO
debug=1
log_stderror=yes
fork=yes
children=1
tcp_children=1
auto_aliases=no
dns=no
rev_dns=no
#!ifdef BARE
server_header="Server: PBX"
#!endif
%LISTEN%
mpath="%MODULES%"
loadmodule "kex.so"
loadmodule "pv.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "auth.so"
modparam("auth", "nonce_expire", 300)
#!ifdef SHA
modparam("auth", "algorithm", "SHA-256")
#!else
modparam("auth", "algorithm", "MD5")
#!endif

request_route {
    if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
    if (!is_method("REGISTER")) { sl_send_reply("405", "Method Not Allowed"); exit; }
#!ifdef BLIND
    sl_send_reply("200", "OK");
    exit;
#!endif
#!ifdef LEAKY
    if ($tU != "200") { sl_send_reply("404", "Not Found"); exit; }
#!endif
    www_challenge("pbx.example.com", "1");
    exit;
}
"""


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """A port of loopback that nobody has, by UDP nor by TCP; the first is of this kind."""
    other = socket.SOCK_STREAM if kind == socket.SOCK_DGRAM else socket.SOCK_DGRAM
    for _ in range(100):
        with socket.socket(socket.AF_INET, kind) as one:
            one.bind((HOST, 0))
            port = int(one.getsockname()[1])
            with socket.socket(socket.AF_INET, other) as two, contextlib.suppress(OSError):
                two.bind((HOST, port))
                return port
    raise AssertionError("no port is free by UDP and by TCP")


@contextmanager
def kamailio(
    folder: Path, *switches: str, transports: tuple[str, ...] = ("udp", "tcp")
) -> Iterator[int]:
    """Its port, once it answers. Skips where there is no Kamailio."""
    modules = glob.glob("/usr/lib/*/kamailio/modules/")  # noqa: PTH207  two levels, no pattern of its own
    if shutil.which("kamailio") is None or not modules:
        pytest.skip("needs kamailio: apt-get install kamailio")
    port = free_port()
    listen = "\n".join(f"listen={transport}:{HOST}:{port}" for transport in transports)
    config = folder / "kamailio.cfg"
    config.write_text(_CONFIG.replace("%MODULES%", modules[0]).replace("%LISTEN%", listen))
    command = ["kamailio", "-f", str(config), "-DD", "-E", "-w", str(folder), "-Y", str(folder)]
    command += ["-m", "64", "-M", "8", *(part for one in switches for part in ("-A", one))]
    with (folder / "kamailio.log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(running, port, transports[0], folder / "kamailio.log")
        yield port
    finally:
        _end(running)


def _end(running: subprocess.Popen[bytes]) -> None:
    """All of its processes: it waits for its children, and not every time in vain."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(1.0)
            return


def _wait(running: subprocess.Popen[bytes], port: int, transport: str, log: Path) -> None:
    kind = socket.SOCK_DGRAM if transport == "udp" else socket.SOCK_STREAM
    for n in range(_PATIENCE):
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.wait(0.05)
        assert running.returncode is None, log.read_text(errors="replace")
        with socket.socket(socket.AF_INET, kind) as one, contextlib.suppress(OSError):
            one.settimeout(0.05)
            one.connect((HOST, port))
            one.send(
                f"OPTIONS sip:{HOST} SIP/2.0\r\n"
                f"Via: SIP/2.0/{transport.upper()} {HOST};rport;branch=z9hG4bKw{n}\r\n"
                f"From: <sip:w@{HOST}>;tag=w{n}\r\nTo: <sip:{HOST}>\r\n"
                f"Call-ID: w{n}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n".encode()
            )
            if one.recv(4096):
                return
    raise AssertionError(f"Kamailio did not answer: {log.read_text(errors='replace')}")
