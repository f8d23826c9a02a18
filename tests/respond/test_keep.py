"""Whom nobody may block: the operator, and what the machine needs."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from ringfence.model.measure import MACHINE, OPERATOR, SSH_PORT, Allowed, Kept, MeasureError
from ringfence.respond import keep
from ringfence.respond.keep import environment, friends, kept, objection, ssh_peers, ssh_ports

FILES = {
    "proc/self/status": "Name:\tpython\nPPid:\t70\n",
    "proc/70/status": "Name:\tsudo\nPPid:\t60\n",
    "proc/70/environ": "A=b\0",
    "proc/60/status": "Name:\tbash\nPPid:\t1\n",
    "proc/60/environ": "HOME=/root\0SSH_CONNECTION=198.51.100.7 5555 192.0.2.10 2222\0",
    "proc/1/status": "PPid:\t0\n",
    "proc/net/fib_trie": (
        "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 127.0.0.0\n        /8 host LOCAL\n"
        "     |-- 192.0.2.10\n        /32 host LOCAL\n     |-- 192.0.2.255\n"
        "        /32 link BROADCAST\n"
    ),
    "proc/net/if_inet6": "20010db8000000010000000000000010 02 40 00 80     eth0\nrubbish\n",
    "proc/net/route": (
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"
        "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\n"
        "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\n"
    ),
    "proc/net/ipv6_route": f"{'0' * 32} 00 {'0' * 32} 00 fe80{'0' * 27}1 0 0 0 0\n",
    "proc/net/tcp": (
        "  sl  local_address rem_address   st\n"
        "   0: 0A0200C0:0016 427100CB:C350 01 x\n"  # 203.0.113.66 at port 22
        "   1: 0A0200C0:0016 437100CB:C350 06 x\n"  # ended
        "   2: 0A0200C0:13C4 447100CB:C350 01 x\n"  # at port 5060
    ),
    "proc/net/tcp6": (
        "  sl  local_address rem_address   st\n"
        "   0: 0000000000000000FFFF00000A0200C0:08AE 0000000000000000FFFF0000456433C6:C350 01 x\n"
    ),
    "etc/resolv.conf": "# by hand\nnameserver 192.0.2.53\nnameserver fe80::1%eth0\nsearch x\n",
    "etc/ssh/sshd_config": "#Port 99\nPort 2022\n",
    "run/systemd/sessions/4": "UID=0\nREMOTE=1\nREMOTE_HOST=2001:db8:5::9\n",
    "run/systemd/sessions/5": "REMOTE=0\nREMOTE_HOST=pc.example.net\n",
}


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.skipif(sys.byteorder != "little", reason="/proc/net is in the machine's own order")
def test_operator_and_what_the_machine_needs_are_found(machine: Path) -> None:
    found = {one.address: one.role for one in kept({}, machine)}
    assert found == {
        "198.51.100.7": OPERATOR,  # of a shell above sudo
        "2001:db8:5::9": OPERATOR,
        "192.0.2.10": MACHINE,
        "2001:db8:0:1::10": MACHINE,
        "192.0.2.1": MACHINE,
        "fe80::1": MACHINE,
        "192.0.2.53": MACHINE,
        "203.0.113.66": SSH_PORT,
        "198.51.100.69": SSH_PORT,  # IPv4 at a port of IPv6, the one that SSH_CONNECTION names
    }
    assert ssh_ports({}, machine) == (2222, 22, 2022)
    assert [str(one) for one in ssh_peers(kept({}, machine))] == ["203.0.113.66", "198.51.100.69"]


def test_session_of_this_process_needs_no_proc(tmp_path: Path) -> None:
    variables = {"SSH_CONNECTION": "::ffff:198.51.100.7 5555 192.0.2.10 22"}
    assert kept(variables, tmp_path) == (
        Kept("198.51.100.7", "your SSH session comes from it", OPERATOR),
    )
    assert kept({"SSH_CONNECTION": "nonsense"}, tmp_path) == ()
    assert kept({}, tmp_path) == ()


KEPT = (
    Kept("198.51.100.7", "your SSH session comes from it", OPERATOR),
    Kept("192.0.2.1", "it is this machine's gateway", MACHINE),
    Kept("203.0.113.66", "it has a connection to the SSH port", SSH_PORT),
)
ALLOWED = (Allowed("198.51.100.128/25", "carrier", "anna@pbx", "2026-11-25T03:12:00Z"),)


@pytest.mark.parametrize(("address", "says"), [
    ("198.51.100.7", "your SSH session"),
    ("::ffff:198.51.100.7", "your SSH session"),
    ("198.51.100.0/24", r"your SSH session comes from it \(198.51.100.7\)"),
    ("192.0.2.1", "gateway"),
    ("198.51.100.200", "allow list.*carrier, anna@pbx.*ringfence allow 198.51.100.128/25 --remove"),
    ("127.0.0.1", "nobody out there"),
    ("fe80::5", "nobody out there"),
    ("239.1.1.1", "nobody out there"),
])  # fmt: skip
def test_nobody_blocks_these(address: str, says: str) -> None:
    why = objection(address, KEPT, ALLOWED)
    assert why is not None
    assert re.search(says, why)


def test_stranger_who_holds_a_connection_to_ssh_can_be_blocked() -> None:
    assert objection("203.0.113.66", KEPT, ALLOWED) is None
    assert objection("203.0.113.5", KEPT, ALLOWED) is None
    with pytest.raises(MeasureError):
        objection("everybody", KEPT, ALLOWED)


def test_forged_name_server_is_no_friend() -> None:
    assert friends(KEPT, ALLOWED) == [ip_network("198.51.100.7"), ip_network("198.51.100.128/25")]
    assert ssh_peers(KEPT) == [ip_address("203.0.113.66")]


def test_this_machine_is_read_without_an_error() -> None:
    assert "127.0.0.1" in {one.address for one in kept(environment())}


def test_real_connection_is_seen() -> None:
    """The kernel's own table: a connection on loopback, to a port that stands for SSH's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            variables = {"SSH_CONNECTION": f"198.51.100.7 5 192.0.2.1 {port}"}
            assert ip_address("127.0.0.1") in list(keep._ssh_peers([port], Path("/")))
            assert port in ssh_ports(variables)


@pytest.mark.skipif(shutil.which("env") is None, reason="no env")
def test_session_is_found_above_a_program_that_cleans_its_environment() -> None:
    """As sudo does."""
    code = "from ringfence.respond.keep import *; print(kept(environment())[0].address)"
    outer = f"env -i PYTHONPATH='{':'.join(sys.path)}' {sys.executable} -c '{code}'; true"
    done = subprocess.run(
        ["sh", "-c", outer], env={"SSH_CONNECTION": "198.51.100.7 5 192.0.2.1 22"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "198.51.100.7\n"
