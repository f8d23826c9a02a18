"""The units of systemd, and what they forbid, tried."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.flow.install.units import (
    ALL_UNITS,
    FIREWALL,
    GUARD,
    LOCKDOWN,
    LOCKDOWN_TIMER,
    LOCKDOWN_UNITS,
    UNITS,
    machine_part,
    unit,
)
from ringfence.flow.lockdown import LockdownState
from tests.flow.guard.agent import EVE, GUESSES
from tests.flow.guard.test_start import Inside
from tests.flow.install.sheltered import allowed_calls, unit_of
from tests.flow.test_lockdown import plan as planned
from tests.remote.closings import gate_of
from tests.respond.block.wire import Wire, needs

SHELTERED = Path(__file__).with_name("sheltered.py")
# Of `systemd-analyze security`: below 2 it says OK, above 9 UNSAFE, which most services are.
MOST_EXPOSED = 2.0

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd-analyze: apt install systemd"
)


def _cannot_shelter() -> str:
    if os.geteuid() != 0:
        return "takes root"
    for program in ("setpriv", "systemd-analyze", "ip", "nft"):
        if shutil.which(program) is None:
            return f"{program} is missing: apt install util-linux systemd iproute2 nftables"
    if ctypes.util.find_library("seccomp") is None and not list(
        Path("/lib").glob("*/libseccomp.so.2")
    ):
        return "libseccomp is missing: apt install libseccomp2"
    tried = os.fork()
    if tried == 0:
        os._exit(0 if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) == 0 else 1)
    return "the kernel has no PR_SET_MDWE (since 6.3)" if os.waitpid(tried, 0)[1] else ""


shelters = pytest.mark.skipif(bool(_cannot_shelter()), reason=_cannot_shelter() or "-")


@pytest.fixture(params=[one for one in ALL_UNITS if one != LOCKDOWN_TIMER])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Each unit, of a program that is there."""
    path: Path = tmp_path / request.param
    path.write_text(unit(request.param, sys.executable))
    return path


def test_who_reads_strangers_may_not_change_the_firewall_and_the_other_way_round() -> None:
    guard, firewall = unit_of(unit(GUARD, "x")), unit_of(unit(FIREWALL, "x"))
    for name in ("CapabilityBoundingSet", "AmbientCapabilities"):
        assert (guard[name], firewall[name]) == (["CAP_NET_RAW"], ["CAP_NET_ADMIN"])
    assert "AF_PACKET" not in firewall["RestrictAddressFamilies"][0]
    assert "AF_INET" not in firewall["RestrictAddressFamilies"][0]


@pytest.mark.parametrize("name", UNITS)
def test_both_end_for_no_failure_and_keep_what_they_share(name: str) -> None:
    one = unit_of(unit(name, "/opt/x/ringfence"))
    assert one["Restart"] == ["always"]
    assert one["StartLimitIntervalSec"] == ["0"]
    assert one["Type"] == ["notify"]
    assert one["RuntimeDirectoryPreserve"] == ["yes"]
    assert one["ExecStart"][0].startswith("/opt/x/ringfence guard")
    assert "@" not in "".join(v for k, vs in one.items() for v in vs if k != "SystemCallFilter")


@pytest.mark.parametrize("name", LOCKDOWN_UNITS)
def test_lockdown_does_nothing_before_it_was_confirmed(name: str) -> None:
    one = unit_of(unit(name, "/opt/x/ringfence"))
    if name == LOCKDOWN_TIMER:
        assert one["Unit"] == ["ringfence-lockdown-refresh.service"]
        assert one["OnUnitActiveSec"] == ["5min"]
        return
    assert one["ConditionPathExists"] == ["/var/lib/ringfence/lockdown/confirmed.json"]
    assert one["Type"] == ["oneshot"]
    assert one["ExecStart"][0].startswith("/opt/x/ringfence lockdown ")
    assert one["CapabilityBoundingSet"] == ["CAP_NET_ADMIN"]


def test_ports_are_closed_after_rules_that_flush_and_before_the_phone_system() -> None:
    one = unit_of(unit(LOCKDOWN, "x"))
    assert "nftables.service" in one["After"][0]
    assert "asterisk.service" in one["Before"][0]


def test_sockets_that_command_the_phone_system_are_out_of_reach() -> None:
    """The group that may read Asterisk's log may open its control socket as well."""
    hidden = " ".join(unit_of(unit(GUARD, "x"))["InaccessiblePaths"])
    assert "-/run/asterisk" in hidden
    assert "-/run/docker.sock" in hidden


@pytest.mark.parametrize(
    ("groups", "enforce", "lines"),
    [
        ([], False, []),
        (["adm", "asterisk"], False, ["SupplementaryGroups=adm asterisk"]),
        ([], True, ["ExecStart=", "ExecStart=/x guard --enforce"]),
    ],
)
def test_what_is_this_machines_own(groups: list[str], enforce: bool, lines: list[str]) -> None:
    text = machine_part("/x", groups, enforce=enforce)
    assert [line for line in text.splitlines() if not line.startswith("#")] == (
        ["[Service]", *lines] if lines else []
    )


@needs_systemd
def test_systemd_understands_every_line(file: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", file],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    # It exits with 0 for a value that it ignores.
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_systemd_finds_little_exposed(file: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", file],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    last = next(line for line in done.stdout.splitlines() if "Overall exposure level" in line)
    assert float(last.split(":")[1].split()[0]) <= MOST_EXPOSED


@needs_systemd
def test_no_call_that_takes_a_right(file: Path) -> None:
    calls = allowed_calls(unit_of(file.read_text()))
    forbidden = {
        "ptrace", "bpf", "mount", "init_module", "keyctl", "setuid", "chroot", "reboot",
        "process_vm_readv", "userfaultfd", "perf_event_open", "io_uring_setup",
    }  # fmt: skip
    assert calls & forbidden == set()
    assert {"execve", "openat", "recvmsg", "mmap"} <= calls


# ---- tried ------------------------------------------------------------------


@shelters
def test_memory_is_never_written_and_run(file: Path) -> None:
    lie = "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)"
    done = sheltered(file, "-c", lie)
    assert done.returncode == 1
    assert "PermissionError" in done.stderr


@shelters
def test_interpreter_and_kernels_run_all_the_same(root: Path, tmp_path: Path) -> None:
    """As the guard has its cases investigated."""
    file = tmp_path / GUARD
    file.write_text(unit(GUARD, sys.executable))
    done = sheltered(
        file, "-m", "ringfence", "investigate", str(root / "examples/attack.pcap"),
        "--out", str(tmp_path / "case"), "--store", str(tmp_path / "cases.db"),
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "THEY GOT IN" in done.stdout
    assert (tmp_path / "case/evidence").is_dir()


@shelters
def test_each_opens_the_sockets_of_its_own_work_and_no_others(tmp_path: Path) -> None:
    tries = (
        "import socket as s\n"
        "def tried(family, kind, protocol=0):\n"
        "    try: s.socket(family, kind, protocol).close()\n"
        "    except OSError: return False\n"
        "    return True\n"
        "print(tried(s.AF_PACKET, s.SOCK_RAW), tried(s.AF_INET, s.SOCK_STREAM),\n"
        "      tried(s.AF_NETLINK, s.SOCK_RAW, 12), tried(s.AF_VSOCK, s.SOCK_STREAM))\n"
    )
    opened = {}
    for name in UNITS:
        path = tmp_path / name
        path.write_text(unit(name, sys.executable))
        opened[name] = sheltered(path, "-c", tries).stdout.split()
    assert opened[GUARD] == ["True", "True", "True", "False"]
    assert opened[FIREWALL] == ["False", "False", "True", "False"]


def sheltered(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SHELTERED), str(file), sys.executable, *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


class Pair(Inside):
    """Both parts as the units start them, in the namespace of a phone system."""

    def __init__(self, wire: Wire, folder: Path) -> None:
        super().__init__(wire, folder)
        self.run.mkdir()
        socket = self.run / "firewall.sock"
        self.parts = [self._start(FIREWALL, "guard", "firewall", "--socket", str(socket))]
        self.until(socket.exists, self.parts[0])
        self.parts.append(self._start(
            GUARD, "guard", "--enforce", "--interface", "lo", "--hep", "9060",
            "--pbx", "192.0.2.10", "--run", str(self.run),
        ))  # fmt: skip
        self.until((self.run / "status.json").exists, self.parts[1])

    def _start(self, name: str, *arguments: str) -> subprocess.Popen[str]:
        path = self.folder / name
        path.write_text(unit(name, sys.executable))
        command = [*self._at, sys.executable, str(SHELTERED), str(path), sys.executable, "-m",
                   "ringfence", *arguments, "--store", str(self.folder / "cases.db")]  # fmt: skip
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    def end(self) -> list[int]:
        for process in reversed(self.parts):
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
        return [process.returncode for process in reversed(self.parts)]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with Wire() as wire:
        both = Pair(wire, tmp_path)
        try:
            yield both
        finally:
            for process in both.parts:
                process.kill()
                process.communicate()


@shelters
@needs("nft")
def test_both_parts_do_their_work_with_these_rights_alone(pair: Pair) -> None:
    """An attack is heard by the one and blocked by the other; both end as they are told."""
    pair.hear(GUESSES)
    pair.until(lambda: EVE in pair.tables(), pair.parts[1])
    assert pair.end() == [0, 0]
    assert EVE in pair.tables(), "an end ends no block"


@shelters
@needs("nft")
def test_lockdown_is_loaded_and_refreshed_with_these_rights_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    state = LockdownState(tmp_path / "ringfence/lockdown")
    state.write_plan("confirmed.json", planned("198.51.100.1"))
    with Wire() as wire:
        for name, word in zip(LOCKDOWN_UNITS[:2], ("load", "refresh"), strict=True):
            path = tmp_path / name
            path.write_text(unit(name, sys.executable))
            done = wire.attempt(
                sys.executable, str(SHELTERED), str(path), sys.executable, "-m", "ringfence",
                "lockdown", word,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            assert gate_of(wire).standing().is_kept
            wire.run("nft", "flush", "ruleset")
