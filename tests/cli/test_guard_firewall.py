"""`ringfence guard firewall`, and a guard that asks it: two processes, and either may be killed."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from ringfence.flow.firewall import Rate, Shape, new_measure
from ringfence.flow.remote_firewall import RemoteFirewall
from ringfence.model.decision import LIMIT
from ringfence.model.measure import EFFECTIVE, UNKNOWN, FirewallError, Measure
from tests.flow.walls import FIREWALL, warden_in
from tests.respond.block.wire import Wire, needs

ATTACKER, OFFICE = "203.0.113.66", "198.51.100.9"
HOUR = timedelta(hours=1)


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[RemoteFirewall]:
    """As the guard has it: for as long as it lives, whatever becomes of the other side."""
    with RemoteFirewall(tmp_path / "firewall.sock") as wall:
        yield wall


def block(address: str, lasts: timedelta = HOUR) -> Measure:
    return new_measure(address, "guessing", lasts, datetime.now(UTC), by="guard")


def passing(wire: Wire, *addresses: str) -> list[str]:
    return [one for one, _ in wire.passing([(address, 5060) for address in addresses])]


@needs("nft")
def test_all_that_a_guard_asks_is_done(wire: Wire, tmp_path: Path) -> None:
    path = tmp_path / "firewall.sock"
    with (
        warden_in(f"{wire.prefix}in", path, tmp_path / "cases.db") as process,
        RemoteFirewall(path) as wall,
    ):
        assert wall.stand(Shape(("eth0",), stranger=Rate(1, 2)))
        assert not wall.stand(Shape(("eth0",), stranger=Rate(1, 2)))
        assert wall.stand(Shape(("eth0",)), anew=True)
        made = block(ATTACKER)
        (done,), withheld = wall.apply([made])
        assert (done.id, done.address, done.until, withheld) == (made.id, ATTACKER, made.until, [])
        (one,) = wall.look()
        assert (one.measure, one.effect.state) == (done, UNKNOWN)
        assert passing(wire, ATTACKER, OFFICE) == [OFFICE]
        assert [one.effect.state for one in wall.look({ATTACKER: 0}, {})] == [EFFECTIVE]
        wall.know([ip_address(OFFICE)], HOUR)
        assert "strangers" in wall.slowed()
        assert wall.restore() == []
        assert wall.release(ATTACKER, "a user") == [done]
        assert passing(wire, ATTACKER) == [ATTACKER]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert not path.exists()


@needs("nft")
def test_killed_warden_loses_no_block_and_the_guard_goes_on_with_the_next(
    wire: Wire, wall: RemoteFirewall, tmp_path: Path
) -> None:
    path, store = tmp_path / "firewall.sock", tmp_path / "cases.db"
    with warden_in(f"{wire.prefix}in", path, store) as process:
        (done,), _ = wall.apply([block(ATTACKER)])
        process.kill()
        process.wait(10)
        with pytest.raises(FirewallError, match="does not run; what is blocked stays blocked"):
            wall.apply([block(OFFICE)])
        assert passing(wire, ATTACKER, OFFICE) == [OFFICE]
    with warden_in(f"{wire.prefix}in", path, store):  # though the old socket lies there
        assert [one.measure for one in wall.look()] == [done]
        again, withheld = wall.apply([done, block(OFFICE)])  # as the answer might have been lost
        assert ([one.address for one in again], withheld) == ([ATTACKER, OFFICE], [])
        assert passing(wire, ATTACKER, OFFICE) == []
        assert [one.measure.id for one in wall.look()] == [one.id for one in again]
        wire.run("nft", "delete", "table", "inet", "ringfence")
        assert {one.address for one in wall.restore()} == {ATTACKER, OFFICE}
        assert passing(wire, ATTACKER, OFFICE) == []


_GUARD = f"""
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ringfence.flow.firewall import new_measure
from ringfence.flow.remote_firewall import RemoteFirewall
wall = RemoteFirewall(Path(sys.argv[1]))
wall.apply([new_measure("{ATTACKER}", "x", timedelta(hours=1), datetime.now(UTC))])
print("done", flush=True)
sys.stdin.read()
"""


@needs("nft")
def test_killed_guard_leaves_its_blocks_and_the_warden_serves_the_next(
    wire: Wire, tmp_path: Path
) -> None:
    path = tmp_path / "firewall.sock"
    with warden_in(f"{wire.prefix}in", path, tmp_path / "cases.db"):
        with subprocess.Popen(
            [sys.executable, "-c", _GUARD, str(path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={"PYTHONPATH": ":".join(sys.path)},
        ) as guard:  # fmt: skip
            assert guard.stdout is not None
            assert guard.stdout.readline() == "done\n"
            guard.kill()
        assert passing(wire, ATTACKER, OFFICE) == [OFFICE]
        with RemoteFirewall(path) as wall:
            assert [one.measure.address for one in wall.look()] == [ATTACKER]


@needs("nft")
def test_what_was_asked_by_a_guard_that_was_killed_at_once_is_done(
    wire: Wire, tmp_path: Path
) -> None:
    from ringfence.flow import warden_frames as frames

    path = tmp_path / "firewall.sock"
    with warden_in(f"{wire.prefix}in", path, tmp_path / "cases.db"):
        with socket.socket(socket.AF_UNIX) as dying:
            dying.connect(str(path))
            dying.sendall(frames.frame(frames.Apply([block(ATTACKER)])))
        with RemoteFirewall(path) as wall:
            assert [one.measure.address for one in wall.look()] == [ATTACKER]


@needs("nft")
def test_limits_and_blocks_of_one_batch_are_in_force_together(wire: Wire, tmp_path: Path) -> None:
    path = tmp_path / "firewall.sock"
    with (
        warden_in(f"{wire.prefix}in", path, tmp_path / "cases.db"),
        RemoteFirewall(path) as wall,
    ):
        many = [block(f"203.0.113.{n}") for n in range(1, 255)]
        many += [block(f"198.51.100.{n}") for n in range(1, 255)]
        limits = [replace(block(f"192.0.2.{n}"), action=LIMIT) for n in range(20, 120)]
        done, withheld = wall.apply([*many, *limits])
        assert (len(done), withheld) == (608, [])
        assert len(wall.look()) == 608


def test_second_warden_is_told_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "firewall.sock"
    with socket.socket(socket.AF_UNIX) as first:
        first.bind(str(path))
        first.listen()
        done = subprocess.run(
            [*FIREWALL, "--run", str(tmp_path), "--store", str(tmp_path / "cases.db")],
            capture_output=True, text=True, check=False, timeout=60,
            env={"PYTHONPATH": ":".join(sys.path)},
        )  # fmt: skip
    assert done.returncode == 2
    assert "another `ringfence guard firewall` serves it" in done.stderr
    assert path.is_socket()


def test_systemd_hands_the_socket_over_and_hears_that_it_is_ready(tmp_path: Path) -> None:
    told = tmp_path / "told"
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        systemd.bind(str(told))
        systemd.settimeout(30)
        listener.bind(str(tmp_path / "f.sock"))
        listener.listen()
        # What systemd does between fork and exec: the socket is number 3, and the pid is known.
        hand_over = (
            "import os, sys; os.dup2(int(sys.argv[1]), 3);"
            "os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.argv[2], sys.argv[2:])"
        )
        with subprocess.Popen(
            [sys.executable, "-c", hand_over, str(listener.fileno()), *FIREWALL,
             "--store", str(tmp_path / "cases.db")],
            pass_fds=(listener.fileno(),), stderr=subprocess.PIPE, text=True,
            env={"PYTHONPATH": ":".join(sys.path), "NOTIFY_SOCKET": str(told), "LISTEN_FDS": "1"},
        ) as process:  # fmt: skip
            assert systemd.recv(200).startswith(b"READY=1\nSTATUS=")
            assert systemd.recv(200) == b"WATCHDOG=1"
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
            assert process.stderr is not None
            events = [json.loads(line)["event"] for line in process.stderr]
    assert events == ["ready", "ended"]
    assert (tmp_path / "f.sock").exists()  # systemd's own
