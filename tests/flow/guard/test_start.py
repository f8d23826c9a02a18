"""A guard as a process: its rights, its signals, its end; in a namespace, with a real firewall."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from ringfence.flow.casebook import Casebook
from ringfence.flow.guard.guard import Guard
from ringfence.flow.guard.start import guard
from ringfence.flow.moment import host
from ringfence.flow.privileges import CAP_NET_ADMIN
from ringfence.model.guarding import GuardError
from ringfence.model.settings import Settings
from ringfence.store.alerts import AlertStore
from ringfence.store.measures import MeasureStore
from tests.flow.guard.agent import ANN, EVE, GUESSES, Pause, packets_of, wanted
from tests.flow.guard.phones import Phone, Registrar
from tests.respond.block.wire import FRIENDS, HERE, Wire, needs

SENDER = """
import socket, sys, time
packets = [bytes.fromhex(line) for line in sys.stdin.read().split()]
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent:
    for packet in packets:
        agent.sendto(packet, ("127.0.0.1", 9060))
"""


# Guesses at thirty a second: this machine may have more to do than a test.
MOST = 500
SCRAPER = """
from urllib.request import urlopen
print(urlopen("http://127.0.0.1:9120/metrics").read().decode())
"""


def guess_until_silence(phone: Phone, pauses: int = 1) -> int:
    """A password in each call, until nobody answers any more; how many."""
    for number in range(MOST):
        if not phone.ask("REGISTER", "201", f"{number:032x}", wait_s=0.5):
            return number
        for _ in range(pauses):
            Pause().wait()
    return MOST


class Inside:
    """A guard in the namespace of a phone system."""

    def __init__(self, wire: Wire, folder: Path) -> None:
        self._at = ("ip", "netns", "exec", f"{wire.prefix}in")
        self.folder, self.run = folder, folder / "run"
        self.cases = folder / "cases"
        self.wire = wire

    def registrar(self) -> Registrar:
        """The phone system."""
        return Registrar(self.wire._socket("in", socket.AF_INET, HERE[0], 5060))

    @contextmanager
    def phone(self, address: str, port: int) -> Iterator[Phone]:
        """A phone outside."""
        opened = self.wire._socket("out", socket.AF_INET, address, port)
        with closing(Phone(opened, (HERE[0], 5060))) as phone:
            yield phone

    @contextmanager
    def guarding(
        self, *options: str, environment: Mapping[str, str] | None = None
    ) -> Iterator[subprocess.Popen[str]]:
        command = [
            *self._at, sys.executable, "-m", "ringfence", "guard", "--hep", "9060", "--pbx",
            "192.0.2.10", "--store", str(self.folder / "cases.db"), "--run", str(self.run),
            *options,
        ]  # fmt: skip
        (self.run / "status.json").unlink(missing_ok=True)
        process = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})}
        )
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
            assert time.monotonic() < ends, (self.run / "status.json").read_text()[-1500:]
            Pause().wait()

    def attack(self) -> dict[str, object]:
        """The worst; nothing of it yet: an empty case."""
        found = self.status()["attacks"]
        assert isinstance(found, list)
        return found[0] if found else {"case_id": ""}

    def says(self, words: str) -> bool:
        """Whether the status has these words anywhere."""
        return words in json.dumps(self.status())

    def ringfence(self, *arguments: str) -> int:
        """The exit status of a command."""
        command = [*self._at, sys.executable, "-m", "ringfence", *arguments]
        return subprocess.run(command, capture_output=True, check=False).returncode

    def metrics(self) -> str:
        return self.wire.run(sys.executable, "-c", SCRAPER)

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
        inside.until(lambda: any(inside.cases.glob("captures/*-before.pcapng")), process)
        process.kill()
        process.wait(10)
    assert EVE in inside.tables()
    assert not any(inside.cases.glob("ringfence-RF-*"))
    with inside.guarding("--enforce") as process:
        inside.until(lambda: inside.status()["blocked"] == 1, process)
        assert EVE in inside.tables()
        inside.until(lambda: any(inside.cases.glob("ringfence-RF-*/report.html")), process)


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
def test_guesser_is_dropped_at_the_interface_while_a_user_rings(inside: Inside) -> None:
    """Real datagrams: heard at the wire, dropped at it, proven, kept, filed, told."""
    says = {"RINGFENCE_GUARD_AFTER_S": "1", "RINGFENCE_ALERTS_SYSLOG": "udp://127.0.0.1:9"}
    with (
        inside.registrar() as pbx,
        inside.phone(ANN, 30001) as user,
        inside.phone(EVE, 5071) as eve,
        inside.guarding("--enforce", "--interface", "eth0", environment=says) as process,
    ):
        assert user.ask("REGISTER", "202", "good") == 200
        guesses = guess_until_silence(eve, pauses=15)  # slow enough to be weighed first
        assert 4 <= guesses < MOST
        reached = pbx.heard[EVE]
        for _ in range(50):
            eve.send("REGISTER", "201")
        assert user.ask("INVITE", "0030210", "good") == 200
        assert pbx.heard[EVE] == reached, "fifty packets, none of which reached the phone system"
        inside.until(lambda: inside.says("effective"), process)
        inside.until(lambda: bool(inside.attack()["case_id"]), process)
        assert inside.attack()["addresses"] == [EVE]
        assert inside.ringfence("guard", "status", "--once", "--run", str(inside.run)) == 0
        assert "ringfence_blocked 1" in inside.metrics()
    (folder,) = inside.cases.glob("ringfence-RF-*")
    incident = json.loads((folder / "incident.json").read_bytes())
    assert [s["address"] for s in incident["suspects"]] == [EVE]
    with Casebook(str(inside.folder / "cases.db")) as book:
        assert [one.address for one in MeasureStore(book.database).in_force("0", host())] == [EVE]
        assert sum(AlertStore(book.database).counts().values()) > 0
        assert [case.id for case in book.cases()] == [folder.name.removeprefix("ringfence-")]


@needs("nft")
def test_guesser_behind_the_address_of_a_user_takes_no_call_from_him(inside: Inside) -> None:
    with (
        inside.registrar(),
        inside.phone(ANN, 30001) as user,
        inside.phone(ANN, 40001) as eve,
        inside.guarding("--enforce", "--interface", "eth0") as process,
    ):
        assert user.ask("REGISTER", "202", "good") == 200
        inside.until(lambda: ANN in inside.tables(), process)  # the firewall knows him
        answers = []
        for number in range(40):
            eve.ask("REGISTER", "201", f"{number:032x}", wait_s=0.1)
            answers.append(user.ask("INVITE", "0030210", "good"))
        inside.until(lambda: bool(inside.status()["attacks"]), process)
        answers += [user.ask("INVITE", "0030210", "good") for _ in range(10)]
        assert set(answers) == {200}


@needs("nft")
def test_ten_thousand_forged_packets_of_the_trunk_end_no_call_of_it(inside: Inside) -> None:
    with (
        inside.registrar(),
        inside.phone(FRIENDS[0], 5060) as trunk,
        inside.guarding("--enforce", "--interface", "eth0", "--trunk", FRIENDS[0]) as process,
    ):
        for number in range(10_000):
            trunk.send("INVITE", f"0044207{number}")
        inside.until(lambda: inside.status()["messages"] > 10_000, process)  # type: ignore[operator]
        assert trunk.ask("INVITE", "0030210", "good", wait_s=10) == 200
        assert inside.status()["blocked"] == inside.status()["limited"] == 0


@needs("nft")
def test_interface_that_was_away_has_its_tables_again(inside: Inside) -> None:
    with (
        inside.registrar() as pbx,
        inside.guarding("--enforce", "--interface", "eth0") as process,
    ):
        with inside.phone(EVE, 5071) as eve:
            guess_until_silence(eve)
        inside.wire.unplug()
        inside.until(lambda: inside.says("nothing is seen there"), process)
        inside.wire.plug()
        inside.until(lambda: '"eth0"' in inside.tables(), process)
        inside.until(lambda: not inside.says("nothing is seen there"), process)
        reached = pbx.heard[EVE]
        with inside.phone(EVE, 5071) as eve, inside.phone("198.51.100.9", 5071) as other:
            for _ in range(20):
                eve.send("REGISTER", "201")
            assert 4 <= guess_until_silence(other) < MOST, "who comes after it is heard and dropped"
        assert pbx.heard[EVE] == reached


@needs("nft")
def test_nft_that_fails_is_told_and_what_was_decided_is_done_later(inside: Inside) -> None:
    broken, program = inside.folder / "broken", inside.folder / "bin" / "nft"
    program.parent.mkdir()
    program.write_text(
        f"#!/bin/sh\n[ -e {broken} ] && {{ echo 'Error: out of luck' >&2; exit 1; }}\n"
        f'exec {shutil.which("nft")} "$@"\n'
    )
    program.chmod(0o755)
    path = {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    with inside.guarding("--enforce", environment=path) as process:
        broken.touch()
        inside.hear(GUESSES)
        inside.until(lambda: inside.says("out of luck"), process)
        assert inside.ringfence("guard", "status", "--once", "--run", str(inside.run)) == 1
        assert EVE not in inside.tables()
        broken.unlink()
        inside.until(lambda: EVE in inside.tables(), process)
        inside.until(lambda: inside.status()["problems"] == [], process)


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
