"""`ringfence install` on a machine that systemd rules: both parts, as their units start them."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ringfence.flow.install.units import FIREWALL, GUARD
from ringfence.flow.privileges import CAP_NET_ADMIN, CAP_NET_RAW
from tests.flow.guard.agent import ANN, EVE
from tests.flow.guard.test_start import MOST, Inside, guess_until_silence
from tests.flow.install.booted import PROGRAM, Booted, NoMachineError, program
from tests.respond.block.wire import HERE, Wire, needs

_TOOLS = ("unshare", "nsenter", "systemctl", "journalctl", "pgrep", "useradd")
_CASES = "/var/lib/ringfence/cases"
_SCAN = """OPTIONS sip:100@HERE SIP/2.0
Via: SIP/2.0/UDP THERE:5071;branch=z9hG4bK-1;rport
From: "sipvicious"<sip:100@1.1.1.1>;tag=1
To: "sipvicious"<sip:100@1.1.1.1>
Call-ID: 1
CSeq: 1 OPTIONS
User-Agent: friendly-scanner
Content-Length: 0

"""


def _cannot_boot() -> str:
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if os.geteuid() != 0:
        return "takes root"
    return f"{missing or 'systemd'} missing: see packages.txt" if missing or not program() else ""


class Guarded(Inside):
    """A phone system's machine, with the guard installed on it."""

    def __init__(self, wire: Wire, folder: Path, machine: Booted) -> None:
        super().__init__(wire, folder)
        self.machine = machine
        self.said = machine.run(PROGRAM, "install", "--enforce", "--interface", "eth0")
        self.until_it_hears()

    def until_it_hears(self) -> None:
        self.machine.until((PROGRAM, "guard", "status", "--once"), "interface eth0: ok")

    def guessed(self, address: str, port: int) -> int:
        """How many passwords somebody outside may guess until nothing answers him."""
        with self.registrar(), self.phone(address, port) as phone:
            return guess_until_silence(phone)

    def scan(self, address: str) -> None:
        """What a known attack tool sends first."""
        asked = _SCAN.replace("HERE", HERE[0]).replace("THERE", address).replace("\n", "\r\n")
        with self.wire._socket("out", socket.AF_INET, address, 5071) as scanner:
            scanner.sendto(asked.encode(), (HERE[0], 5060))

    def rights(self, unit: str) -> dict[str, str]:
        """What the kernel says of a unit's process."""
        pid = self.machine.shows(unit, "MainPID")
        lines = self.machine.run("cat", f"/proc/{pid}/status").splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


@pytest.fixture
def guarded(tmp_path: Path, root: Path) -> Iterator[Guarded]:
    with Wire() as wire, ExitStack() as stack:
        try:
            booted = stack.enter_context(Booted(tmp_path, f"{wire.prefix}in", root))
        except NoMachineError as error:
            pytest.skip(str(error))
        yield Guarded(wire, tmp_path, booted)


@needs("nft")
@pytest.mark.skipif(bool(_cannot_boot()), reason=_cannot_boot() or "-")
def test_guard_that_was_installed_blocks_comes_back_and_goes_without_a_trace(
    guarded: Guarded,
) -> None:
    machine = guarded.machine
    assert "it blocks now" in guarded.said
    for unit, right in ((GUARD, CAP_NET_RAW), (FIREWALL, CAP_NET_ADMIN)):
        assert machine.shows(unit, "ActiveState") == "active"
        assert machine.shows(unit, "UnitFileState") == "enabled"
        stands = guarded.rights(unit)
        assert int(stands["CapEff"], 16) | 1 << right == 1 << right, "no right but its own"
        assert (stands["NoNewPrivs"], stands["Seccomp"]) == ("1", "2")
        assert "0" not in stands["Uid"].split()
    guarded.scan(EVE)
    machine.until(("nft", "list", "ruleset"), EVE)
    machine.until(("ls", f"{_CASES}/captures"), "-before.pcapng")
    # Killed, each comes back, and no block went.
    for unit in (GUARD, FIREWALL):
        pid = machine.shows(unit, "MainPID")
        machine.run("kill", "-9", pid)
        machine.until(("systemctl", "show", "--property", "NRestarts", unit), "NRestarts=1")
        machine.until(("systemctl", "is-active", unit), "active")
        assert machine.shows(unit, "MainPID") != pid
    guarded.until_it_hears()
    assert EVE in machine.run("nft", "list", "ruleset")
    assert guarded.guessed(ANN, 5071) < MOST
    machine.until(("nft", "list", "ruleset"), ANN)
    # What the one that was killed had kept becomes a case of the next one.
    machine.until(("sh", "-c", f"ls {_CASES}/ringfence-RF-*/report.html"), "report")
    machine.run("systemctl", "stop", GUARD, FIREWALL)
    assert machine.shows(GUARD, "Result") == machine.shows(FIREWALL, "Result") == "success"
    assert EVE in machine.run("nft", "list", "ruleset"), "an end ends no block"
    machine.run(PROGRAM, "uninstall", "--purge", "--yes")
    assert "ringfence" not in machine.run("nft", "list", "ruleset")
    left = machine.run("find", "/etc", "/var/lib", "/run", "-name", "*ringfence*", "-not", "-path",
                       "/run/netns/*")  # fmt: skip
    assert left == ""
