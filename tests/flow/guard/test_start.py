"""A guard as a process: its rights, its signals, its end; in a namespace, with a real firewall."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from ringfence.flow.casebook import Casebook
from ringfence.flow.guard.guard import Guard
from ringfence.flow.guard.start import guard
from ringfence.flow.privileges import CAP_NET_ADMIN
from ringfence.model.guarding import GuardError
from ringfence.model.settings import Settings
from ringfence.store.measures import MeasureStore
from tests.flow.guard.agent import EVE, GUESSES, Pause, packets_of, wanted
from tests.respond.block.wire import Wire, needs

SENDER = """
import socket, sys, time
packets = [bytes.fromhex(line) for line in sys.stdin.read().split()]
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent:
    for packet in packets:
        agent.sendto(packet, ("127.0.0.1", 9060))
"""


class Inside:
    """A guard in the namespace of a phone system."""

    def __init__(self, wire: Wire, folder: Path) -> None:
        self._at = ("ip", "netns", "exec", f"{wire.prefix}in")
        self.folder, self.run = folder, folder / "run"
        self.wire = wire

    @contextmanager
    def guarding(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        command = [
            *self._at, sys.executable, "-m", "ringfence", "guard", "--hep", "9060", "--pbx",
            "192.0.2.10", "--store", str(self.folder / "cases.db"), "--run", str(self.run),
            *options,
        ]  # fmt: skip
        (self.run / "status.json").unlink(missing_ok=True)
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            self.until((self.run / "status.json").exists, process)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=90)

    def hear(self, scene: str) -> None:
        packets = "\n".join(packet.hex() for packet in packets_of(scene))
        subprocess.run(
            [*self._at, sys.executable, "-c", SENDER], input=packets, text=True, check=True
        )

    def tables(self) -> str:
        found = subprocess.run(
            [*self._at, "nft", "list", "ruleset"], capture_output=True, text=True, check=True
        )
        return found.stdout

    def until(self, is_so: Callable[[], bool], process: subprocess.Popen[str]) -> None:
        ends = time.monotonic() + 30
        while not is_so():
            assert process.poll() is None, process.communicate()[1][-2000:]
            assert time.monotonic() < ends
            Pause().wait()

    def status(self) -> dict[str, object]:
        found: dict[str, object] = json.loads((self.run / "status.json").read_bytes())
        return found


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    with Wire() as wire:
        yield Inside(wire, tmp_path)


def caps(pid: int) -> int:
    line = next(
        one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if "CapEff" in one
    )
    return int(line.split()[1], 16)


@needs("nft")
def test_attack_is_in_the_kernel_and_who_reads_it_may_not_write_there(inside: Inside) -> None:
    with inside.guarding("--enforce") as process:
        assert not caps(process.pid) >> CAP_NET_ADMIN & 1
        inside.hear(GUESSES)
        inside.until(lambda: EVE in inside.tables(), process)
        inside.until(lambda: inside.status()["blocked"] == 1, process)
        tables = inside.tables()
        assert "table inet ringfence" in tables
    assert EVE in inside.tables(), "an end of the guard ends no block"
    assert process.returncode == 0


@needs("nft")
def test_guard_that_is_killed_loses_no_block_and_the_next_knows_of_it(inside: Inside) -> None:
    with inside.guarding("--enforce") as process:
        inside.hear(GUESSES)
        inside.until(lambda: EVE in inside.tables(), process)
        process.kill()
        process.wait(10)
    assert EVE in inside.tables()
    with inside.guarding("--enforce") as process:
        inside.until(lambda: inside.status()["blocked"] == 1, process)
        assert EVE in inside.tables()


@needs("nft")
def test_warden_that_is_killed_is_started_again_and_the_guard_goes_on(inside: Inside) -> None:
    with inside.guarding("--enforce") as process:
        inside.hear(GUESSES)
        inside.until(lambda: EVE in inside.tables(), process)
        for pid in _wardens(process.pid):
            os.kill(pid, signal.SIGKILL)
        inside.hear(GUESSES.replace("eve", "two"))
        inside.until(lambda: "203.0.113.67" in inside.tables(), process)


def test_second_signal_ends_it_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ringfence.flow.guard.start._give_up_rights", lambda: None)
    both = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(one) for one in both]
    after: list[object] = []

    def begun(_: Guard) -> None:
        signal.raise_signal(signal.SIGTERM)
        after.extend(signal.getsignal(one) for one in both)

    guard(wanted(tmp_path), Settings(), lambda _: None, begun)
    assert after == [signal.SIG_DFL, signal.SIG_DFL]
    assert [signal.getsignal(one) for one in both] == before


@needs("nft")
def test_without_enforce_the_kernel_is_left_alone(inside: Inside) -> None:
    with inside.guarding() as process:
        inside.hear(GUESSES)
        inside.until(lambda: bool(inside.status()["attacks"]), process)
        assert "ringfence" not in inside.tables()


def test_enforce_without_rights_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.flow.guard.start.held", lambda: {"CapEff": 0, "CapPrm": 0})
    with pytest.raises(GuardError, match="may not change the firewall: start it as root"):
        guard(wanted(tmp_path, enforce=True), Settings(), lambda _: None)


def test_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    asked = replace(wanted(tmp_path), folder=str(tmp_path / "file" / "cases"))
    with pytest.raises(GuardError, match="Not a directory"):
        guard(asked, Settings(), lambda _: None)


def test_trunks_and_users_that_are_named_are_on_the_allow_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.flow.guard.start._give_up_rights", lambda: None)
    asked = wanted(tmp_path, trunks=(ip_address("192.0.2.50"),), known=(ip_address("2001:db8::5"),))
    for _ in range(2):  # once is enough
        guard(asked, Settings(), lambda _: None, lambda begun: begun.stop())
    with Casebook(asked.store) as book:
        allowed = MeasureStore(book.database).allowed()
    assert [(one.network, one.why) for one in allowed] == [
        ("192.0.2.50", "a trunk, by the settings"),
        ("2001:db8::5", "known, by the settings"),
    ]


def _wardens(guard_pid: int) -> list[int]:
    """The process that serves the socket: a grandchild, below the keeper."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found.append((int(path.parent.name), int(fields[1])))
    keepers = [pid for pid, parent in found if parent == guard_pid]
    return [pid for pid, parent in found if parent in keepers]
