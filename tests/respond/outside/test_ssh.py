"""A machine behind ssh, played by a program that notes how it was called."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from ringfence.model.outside import Entry, OutsideError
from ringfence.respond.outside.keeping import Outside
from ringfence.respond.outside.ssh import MAX_OUTPUT, Commands, Ssh
from tests.respond.nft.measures import NOW, measure

HIM, V6 = "203.0.113.7", "2001:db8::7"
COMMANDS = Commands("fw add {address}", "fw del {address}", "fw list")

# Notes its arguments, keeps a list in a file, and does as it is told to.
PROGRAM = """
import pathlib, sys, time
home = pathlib.Path(sys.argv[1])
with (home / "calls").open("a") as calls:
    calls.write(repr(sys.argv[2:]) + "\\n")
mode = (home / "mode").read_text() if (home / "mode").exists() else ""
if mode == "hangs":
    time.sleep(60)
if mode == "floods":
    while True:
        print("203.0.113.1 " * 5000)
if mode == "unknown":
    print("Host key verification failed.")
    sys.exit(255)
if mode == "refuses":
    print("fw: \\x1b[2Jtable full")
    sys.exit(1)
words = sys.argv[-1].split()
table = home / "table"
lines = table.read_text().splitlines() if table.exists() else []
if words[1] == "add":
    lines.append(words[2])
elif words[1] == "del":
    lines = [one for one in lines if one != words[2]]
else:
    print("Warning: this machine is monitored")
    print("\\n".join(f"{one}  since today" for one in lines))
table.write_text("\\n".join(lines))
"""


def ssh(home: Path, timeout_s: float = 20.0) -> Ssh:
    (home / "ssh.py").write_text(PROGRAM)
    program = (sys.executable, "-S", str(home / "ssh.py"), str(home))
    return Ssh(
        "admin@router.example", COMMANDS, port=2222, identity_file="/etc/ringfence/key",
        program=program, timeout_s=timeout_s,
    )  # fmt: skip


def test_addresses_are_blocked_listed_and_let_through_again(tmp_path: Path) -> None:
    outside: Outside = ssh(tmp_path)
    assert outside.standing() == []
    assert outside.push([measure(HIM), measure(V6)], NOW) == {}
    entries = outside.standing()
    assert entries == [Entry(HIM, ours=True, key=HIM), Entry(V6, ours=True, key=V6)]
    outside.withdraw(entries[:1])
    assert [one.address for one in outside.standing()] == [V6]
    assert outside.doubt() == ""
    outside.close()


def test_ssh_is_told_to_ask_nothing_and_to_trust_nobody_new(tmp_path: Path) -> None:
    ssh(tmp_path).push([measure(HIM)], NOW)
    (call,) = (tmp_path / "calls").read_text().splitlines()
    assert call == repr([
        "-T", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=10",
        "-o", "ClearAllForwardings=yes", "-p", "2222", "-i", "/etc/ringfence/key",
        "-o", "IdentitiesOnly=yes", "--", "admin@router.example", "fw add 203.0.113.7",
    ])  # fmt: skip


@pytest.mark.parametrize("address", [
    "203.0.113.7; reboot", "$(reboot)", "203.0.113.7\nreboot", "-oProxyCommand=x", "",
    "203.0.113.07", "2001:DB8::7", "2001:db8::7%eth0", "router.example",
])  # fmt: skip
def test_nothing_but_an_address_in_its_canonical_form_gets_into_a_command(
    tmp_path: Path, address: str
) -> None:
    with pytest.raises(OutsideError, match="is no address"):
        ssh(tmp_path).push([measure(address)], NOW)
    with pytest.raises(OutsideError, match="is no address"):
        ssh(tmp_path).withdraw([Entry(address, ours=True, key=address)])
    assert not (tmp_path / "calls").exists()


@pytest.mark.parametrize("host", [
    "-oProxyCommand=reboot", "admin@-x", "a b", "router.example;reboot", "", "admin@", "x" * 300,
])  # fmt: skip
def test_a_machine_that_ssh_could_take_for_an_option_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="a machine is written like"):
        Ssh(host, COMMANDS)


@pytest.mark.parametrize("commands", [
    Commands("fw add", "fw del {address}", "fw list"), Commands("fw {address}", "fw", "fw list"),
    Commands("fw {address} {address}", "fw {address}", "fw list"),
    Commands("fw {address}", "fw {address}", ""),
    Commands("fw {address}", "fw {address}", "fw show {address}"),
])  # fmt: skip
def test_commands_that_cannot_be_meant_are_refused(commands: Commands) -> None:
    with pytest.raises(ValueError, match="command"):
        Ssh("router.example", commands)


@pytest.mark.parametrize(("mode", "says"), [
    ("unknown", "SSH to router.example: ssh says: Host key verification failed."),
    ("refuses", r"its command \(1\) says: fw: \\x1b\[2Jtable full"),
    ("floods", "printed more than 1 MiB"),
])  # fmt: skip
def test_what_goes_wrong_is_said(tmp_path: Path, mode: str, says: str) -> None:
    outside = ssh(tmp_path)
    (tmp_path / "mode").write_text(mode)
    with pytest.raises(OutsideError, match=says):
        outside.standing()
    assert MAX_OUTPUT <= 4 * 1024 * 1024


def test_a_machine_that_hangs_is_left(tmp_path: Path) -> None:
    outside = ssh(tmp_path, timeout_s=0.3)
    (tmp_path / "mode").write_text("hangs")
    began = time.monotonic()
    with pytest.raises(OutsideError, match="no answer within"):
        outside.standing()
    assert time.monotonic() - began < 10


def test_without_ssh_it_is_said_how_to_get_it() -> None:
    outside = Ssh("router.example", COMMANDS, program=("no-such-ssh",))
    with pytest.raises(OutsideError, match="openssh-client"):
        outside.standing()
