"""A guard started by hand: a warden beside it that outlives nothing, and comes back when killed."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from ringfence.flow.warden_child import child, keep
from ringfence.flow.warden_socket import listening
from tests.flow.walls import FIREWALL, log_to
from tests.respond.block.wire import Wire, needs

ATTACKER, OFFICE = "203.0.113.66", "198.51.100.9"
# What `ringfence guard` does as root: a warden, no rights of its own, and then its work,
# which here is to block one address after the other, as it is told.
_GUARD = """
import os, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ringfence.flow.privileges import CAP_NET_ADMIN, drop_privileges, held
from ringfence.flow.warden_child import child
with child(Path(sys.argv[1]), sys.argv[2], sys.argv[3:]) as path:
    drop_privileges()
    assert not held()["CapEff"] >> CAP_NET_ADMIN & 1
    from ringfence.flow.firewall import FirewallError, new_measure
    from ringfence.flow.remote_firewall import RemoteFirewall
    with RemoteFirewall(path) as wall:
        for line in sys.stdin:
            made = new_measure(line.strip(), "x", timedelta(hours=1), datetime.now(UTC))
            try:
                done, _ = wall.apply([made])
                print("blocked", *(one.address for one in done), flush=True)
            except FirewallError as error:
                print("failed", error, flush=True)
"""


class Guard:
    """A guard in the phone system's namespace."""

    def __init__(self, wire: Wire, folder: Path) -> None:
        environment = dict(os.environ) | {"PYTHONPATH": ":".join(sys.path)}
        environment.pop("SSH_CONNECTION", None)
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", f"{wire.prefix}in", sys.executable, "-c", _GUARD,
             str(folder), str(folder / "cases.db"), *FIREWALL],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment,
        )  # fmt: skip

    def block(self, address: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{address}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def heard(self, event: str) -> dict[str, object]:
        """The next line of this kind in the wardens' log."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            found: dict[str, object] = json.loads(line)
            if found["event"] == event:
                return found
        raise AssertionError(f"no {event}")


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire() as wire:
        yield wire


@pytest.fixture
def guard(wire: Wire, tmp_path: Path) -> Iterator[Guard]:
    guard = Guard(wire, tmp_path)
    with guard.process:
        yield guard
        guard.process.kill()


def passing(wire: Wire, *addresses: str) -> list[str]:
    return [one for one, _ in wire.passing([(address, 5060) for address in addresses])]


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(one) for one in listed.split()]


@needs("nft")
def test_guard_without_rights_blocks_by_its_child(wire: Wire, guard: Guard) -> None:
    assert guard.block(ATTACKER) == f"blocked {ATTACKER}\n"
    assert passing(wire, ATTACKER, OFFICE) == [OFFICE]


@needs("nft")
def test_killed_warden_is_there_again_though_the_guard_has_no_rights(
    wire: Wire, guard: Guard
) -> None:
    guard.block(ATTACKER)
    (keeper,) = children(guard.process.pid)
    (warden,) = children(keeper)
    os.kill(warden, signal.SIGKILL)
    assert guard.heard("warden_died")["status"] == -9
    guard.heard("ready")
    assert guard.block(OFFICE) == f"blocked {OFFICE}\n"
    assert passing(wire, ATTACKER, OFFICE) == []


@needs("nft")
@pytest.mark.parametrize("how", [signal.SIGKILL, None])
def test_wardens_end_with_their_guard_and_blocks_hold(
    wire: Wire, guard: Guard, how: int | None
) -> None:
    guard.block(ATTACKER)
    (keeper,) = children(guard.process.pid)
    wardens = [keeper, *children(keeper)]
    ends = [os.pidfd_open(one) for one in wardens]
    if how is None:
        assert guard.process.stdin is not None
        guard.process.stdin.close()
    else:
        guard.process.send_signal(how)
    for end in ends:
        assert _is_over(end)
        os.close(end)
    assert passing(wire, ATTACKER, OFFICE) == [OFFICE]


def test_warden_that_cannot_start_is_tried_again_ever_more_slowly(tmp_path: Path) -> None:
    lines: list[str] = []
    ours, theirs = os.pipe()
    with listening(tmp_path / "s") as listener:
        thread = Thread(target=keep, args=(listener, ours, log_to(lines), ["false"]))
        thread.start()
        while len(lines) < 2:
            thread.join(0.05)
        os.close(theirs)
        thread.join(10)
    os.close(ours)
    assert not thread.is_alive()
    told = [json.loads(line) for line in lines]
    assert [(one["event"], one["status"], one["again_in_s"]) for one in told] == [
        ("warden_died", 1, 1.0),
        ("warden_died", 1, 2.0),
    ]


def test_nothing_is_left_of_a_child(tmp_path: Path) -> None:
    with child(tmp_path, str(tmp_path / "cases.db"), FIREWALL) as path:
        assert path.is_socket()
    assert not path.exists()


def _is_over(pidfd: int) -> bool:
    return bool(select.select([pidfd], [], [], 30)[0])
