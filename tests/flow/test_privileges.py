"""Who gave up his rights has lost them: for the firewall, for programs that he starts, for ever."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ringfence.flow.privileges import CAP_NET_ADMIN, CAP_NET_RAW, LISTENING, held
from tests.respond.block.wire import needs

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="rights are given up by root")

_DROPPED = "from ringfence.flow.privileges import *\ndrop_privileges()\n"


def run(code: str, *wrapper: str) -> subprocess.CompletedProcess[str]:
    """Python with this code, in a process and a network of its own."""
    return subprocess.run(
        ["unshare", "--net", *wrapper, sys.executable, "-c", code],
        capture_output=True, text=True, check=False, timeout=60,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": os.environ["PATH"]},
    )  # fmt: skip


@needs("nft", "unshare")
def test_firewall_is_out_of_reach_and_interfaces_are_heard() -> None:
    code = (
        """
import socket, subprocess
def nft():
    return subprocess.run(["nft", "add", "table", "inet", "mine"], capture_output=True, text=True)
assert nft().returncode == 0
"""
        + _DROPPED
        + """
done = nft()
assert done.returncode and "not permitted" in done.stderr, done
tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
tap.bind(("lo", 0))
from ringfence.respond.nft.program import Program
try:
    Program().load("flush ruleset")
except Exception as error:
    print(error)
"""
    )
    done = run(code)
    assert done.returncode == 0, done.stderr
    assert "needs root (CAP_NET_ADMIN)" in done.stdout


@needs("unshare")
def test_rights_do_not_come_back() -> None:
    code = (
        _DROPPED
        + """
import ctypes, os, subprocess
libc = ctypes.CDLL(None, use_errno=True)
from ringfence.flow import privileges as p
every = (p._Data * 2)(p._Data(2**32 - 1, 2**32 - 1, 0), p._Data(2**32 - 1, 2**32 - 1, 0))
assert libc.capset(ctypes.byref(p._Header(0x20080522, 0)), every) == -1
assert libc.prctl(38, 0, 0, 0, 0) == -1  # PR_SET_NO_NEW_PRIVS
subprocess.run(["grep", "^Cap", "/proc/self/status"], check=True)
drop_privileges()  # once more: nothing to do
"""
    )
    done = run(code)
    assert done.returncode == 0, done.stderr
    kept = f"{sum(1 << one for one in LISTENING):016x}"
    sets = dict(line.split(":\t") for line in done.stdout.split("\n") if line)
    assert (sets["CapPrm"], sets["CapEff"], sets["CapBnd"]) == (kept, kept, kept)
    assert (sets["CapInh"], sets["CapAmb"]) == ("0" * 16, "0" * 16)


@needs("unshare")
def test_thread_that_was_there_before_is_told() -> None:
    code = (
        """
import threading
over = threading.Event()
threading.Thread(target=over.wait, daemon=True).start()
"""
        + _DROPPED
    )
    done = run(code)
    assert done.returncode == 1
    assert "keeps rights of root: they are given up before threads begin" in done.stderr


@needs("unshare", "setpriv")
@pytest.mark.skipif(
    not all(one.stat().st_mode & 1 for one in Path(__file__).resolve().parents),
    reason="nobody but its owner may read this checkout",
)
def test_who_has_few_rights_already_keeps_those_of_them_that_are_asked_for() -> None:
    """As a service has them: one ambient right, no CAP_SETPCAP."""
    code = _DROPPED + "print(held())"
    only = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
            "--inh-caps=-all,+net_raw,+net_admin", "--ambient-caps=-all,+net_raw,+net_admin",
            "--bounding-set=-all,+net_raw,+net_admin")  # fmt: skip
    done = run(code, *only)
    assert done.returncode == 0, done.stderr
    raw = 1 << CAP_NET_RAW
    assert done.stdout.strip() == str({"CapInh": 0, "CapPrm": raw, "CapEff": raw, "CapAmb": 0})


def test_this_process_has_what_root_has() -> None:
    assert held()["CapEff"] >> CAP_NET_ADMIN & 1


def test_listening_part_loads_nothing_with_threads_before() -> None:
    """Numpy begins threads when it is loaded: whoever gives up rights must not need it."""
    code = (
        "import sys, ringfence.flow.warden_child, ringfence.flow.privileges;"
        "print('numpy' in sys.modules)"
    )
    assert run(code).stdout == "False\n"
