"""`ringfence block | unblock | allow | blocks`, on a firewall of their own in a namespace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ringfence.cli.block import SCHEMA
from tests.cli.scene import ringfence
from tests.respond.block.wire import HERE, Wire, needs

ATTACKER, OFFICE = "203.0.113.66", "198.51.100.9"


@dataclass(frozen=True, slots=True)
class Machine:
    """The phone system's machine, and a shell on it."""

    wire: Wire
    store: Path

    def run(self, *arguments: str, status: int = 0, ssh: str = "") -> str:
        """What the command says; on both channels."""
        environment = dict(os.environ) | {
            "RINGFENCE_STORE": str(self.store), "PYTHONPATH": ":".join(sys.path),
        }  # fmt: skip
        environment.pop("SSH_CONNECTION", None)
        if ssh:
            environment["SSH_CONNECTION"] = f"{ssh} 5555 192.0.2.10 22"
        done = subprocess.run(
            ["ip", "netns", "exec", f"{self.wire.prefix}in", sys.executable, "-m", "ringfence",
             *arguments],
            capture_output=True, text=True, check=False, env=environment, timeout=60,
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def passing(self, *addresses: str) -> list[str]:
        return [one for one, _ in self.wire.passing([(address, 5060) for address in addresses])]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with Wire() as wire:
        yield Machine(wire, tmp_path / "cases.db")


@needs("nft")
def test_block_is_seen_to_work_and_is_undone(machine: Machine) -> None:
    said = machine.run("block", ATTACKER, "--for", "1h", "--why", "guesses", "--device", "eth0")
    assert f"{ATTACKER} is blocked until " in said
    assert f"ringfence unblock {ATTACKER}" in said
    assert machine.passing(ATTACKER, OFFICE) == [OFFICE]
    said = machine.run("blocks")
    assert f"works block  {ATTACKER}\n" in said
    assert "guesses" in said
    assert "1 packet dropped, none got through" in said
    document = json.loads(machine.run("blocks", "--json", "-"))
    (one,) = document["blocks"]
    assert document["schema"] == SCHEMA
    assert (one["address"], one["in_firewall"]) == (ATTACKER, True)
    assert (one["effect"]["state"], one["effect"]["dropped"]) == ("effective", 1)
    assert 3500 < one["left_s"] <= 3600
    assert "no longer blocked" in machine.run("unblock", ATTACKER)
    assert "was not blocked" in machine.run("unblock", ATTACKER)
    assert machine.passing(ATTACKER) == [ATTACKER]
    assert machine.run("blocks") == "nothing is blocked\n"


@needs("nft")
def test_one_port_of_an_office_is_blocked(machine: Machine) -> None:
    assert "port 40000 is blocked" in machine.run("block", OFFICE, "--port", "40000")
    assert machine.wire.passing([(OFFICE, 40000), (OFFICE, 5060)]) == [(OFFICE, 5060)]
    assert f"narrow {OFFICE} port 40000" in machine.run("blocks")


@needs("nft")
@pytest.mark.parametrize(("address", "why"), [
    ("198.51.100.1", "your SSH session comes from it"),
    (HERE[0], "an address of this machine"),
    (HERE[1], "an address of this machine"),
    ("127.0.0.1", "an address of this machine"),
    ("239.1.1.1", "nobody out there"),
])  # fmt: skip
def test_nobody_locks_himself_out(machine: Machine, address: str, why: str) -> None:
    said = machine.run("block", address, status=2, ssh="198.51.100.1")
    assert f"{address} is not blocked: " in said
    assert why in said
    assert machine.wire.run("nft", "list", "ruleset") == ""


@needs("nft")
def test_allowed_network_is_never_blocked(machine: Machine) -> None:
    machine.run("block", OFFICE)
    said = machine.run("allow", "198.51.100.0/24", "--why", "carrier")
    assert f"{OFFICE} was blocked, and is no more" in said
    assert "carrier" in machine.run("allow")
    assert "allow list (carrier" in machine.run("block", OFFICE, status=2)
    assert "off the allow list" in machine.run("allow", "198.51.100.0/24", "--remove")
    assert "nobody is on the allow list" in machine.run("allow")
    assert "not on the allow list" in machine.run("allow", OFFICE, "--remove", status=2)
    machine.run("block", OFFICE)
    assert machine.passing(OFFICE) == []


@needs("nft")
def test_what_vanished_is_told_with_status_one_and_put_back(machine: Machine) -> None:
    machine.run("block", ATTACKER)
    machine.wire.run("nft", "flush", "ruleset")
    said = machine.run("blocks", status=1)
    assert f"FAILS block  {ATTACKER}" in said
    assert "no longer in the firewall" in said
    assert "is blocked again" in machine.run("blocks", "--restore")
    assert machine.passing(ATTACKER) == []


@needs("nft")
def test_everything_of_ours_goes_and_nothing_of_theirs(machine: Machine) -> None:
    machine.wire.run("nft", "add table inet theirs; add chain inet theirs mine")
    before = machine.wire.run("nft", "list", "ruleset")
    machine.run("block", ATTACKER, "--device", "eth0")
    assert "1 block ended" in machine.run("unblock", "--all")
    assert machine.wire.run("nft", "list", "ruleset") == before


@needs("nft", "setpriv")
def test_without_root_it_says_what_to_do_and_tells_what_the_store_knows(machine: Machine) -> None:
    machine.run("block", ATTACKER)
    powerless = [
        "ip", "netns", "exec", f"{machine.wire.prefix}in", "setpriv",
        "--bounding-set=-net_admin", "--inh-caps=-net_admin", sys.executable, "-m", "ringfence",
    ]  # fmt: skip
    environment = dict(os.environ) | {
        "RINGFENCE_STORE": str(machine.store), "PYTHONPATH": ":".join(sys.path),
    }  # fmt: skip

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*powerless, *arguments], capture_output=True, text=True, check=False, env=environment
        )

    refused = run("block", OFFICE)
    assert refused.returncode == 2
    assert "CAP_NET_ADMIN" in refused.stderr
    assert "--dry-run" in refused.stderr
    told = run("blocks")
    assert (told.returncode, ATTACKER in told.stdout) == (0, True)
    assert "what the store says" in told.stderr
    assert "the firewall was not asked" in told.stdout
    shown = run("block", OFFICE, "--dry-run")
    assert shown.returncode == 0
    assert OFFICE in shown.stdout


@needs("nft")
def test_interface_that_is_not_there(machine: Machine) -> None:
    said = machine.run("block", ATTACKER, "--device", "eth77", status=2)
    assert "no interface eth77" in said


# ------------------------------------------------- without a firewall


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(tmp_path / "cases.db")


def test_dry_run_shows_the_transaction_and_keeps_nothing(store: str) -> None:
    answer = ringfence("block", ATTACKER, "--for", "90s", "--dry-run", "--device", "eth0",
                       "--store", store)  # fmt: skip
    assert answer.status == 0, answer.err
    assert "table netdev ringfence {" in answer.out
    line = next(line for line in answer.out.splitlines() if line.startswith("{"))
    (element,) = json.loads(line)["nftables"][0]["add"]["element"]["elem"]
    assert (element["elem"]["val"], element["elem"]["timeout"]) == (ATTACKER, 90)


@pytest.mark.parametrize(("arguments", "says"), [
    (("block", "pbx.example"), "no address"),
    (("block", "203.0.113.64/30"), "/24 of IPv4"),
    (("block", "0.0.0.0/0"), "/24 of IPv4"),
    (("block", ATTACKER, "--for", "soon"), "--for soon: a number and its unit"),
    (("block", ATTACKER, "--for", "9999d"), "365 days"),
    (("block", ATTACKER, "--port", "70000"), "ports"),
    (("block", ATTACKER, "--device", "eth0; reboot", "--dry-run"), "no name of an interface"),
    (("block", ATTACKER, "--case", "RF-none"), "no case RF-none"),
    (("unblock",), "name one address, or --all"),
    (("unblock", ATTACKER, "--all"), "name one address, or --all"),
    (("allow", "--remove"), "which address"),
    (("allow", "everybody"), "no address or network"),
    (("allow", "fe80::1%eth0"), "no address or network"),
    (("allow", "0.0.0.0/1"), "nobody could be blocked"),
    (("allow", "2000::/3"), "nobody could be blocked"),
])  # fmt: skip
def test_what_makes_no_sense_says_what_to_do(
    store: str, arguments: tuple[str, ...], says: str
) -> None:
    answer = ringfence(*arguments, "--store", store)
    assert (answer.status, says in answer.err) == (2, True), answer.err
    assert "\x1b" not in answer.err
