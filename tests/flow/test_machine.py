"""A machine, looked at."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ringfence.flow.machine import Machine, Port, Process, run, try_ring
from tests.flow.machines import listening, machine, processes


def test_what_is_not_there_is_empty(tmp_path: Path) -> None:
    one = Machine(tmp_path)
    assert (one.text("/etc/none"), one.lines("/proc/net/route"), one.listed("/proc")) == (
        "",
        [],
        [],
    )
    assert (one.processes, one.interfaces, one.default_interfaces) == ((), {}, ())
    assert not one.has("/etc/none")
    assert not one.capability(12)


def test_programs_are_known_by_name_and_below_their_interpreter(tmp_path: Path) -> None:
    one = machine(tmp_path, processes("asterisk"))
    assert one.processes == (Process("asterisk", "/usr/sbin/asterisk -f"),)
    assert one.runs("asterisk", "kamailio")
    assert not one.runs("aster")


def test_a_connection_is_no_port_that_is_listened_to(tmp_path: Path) -> None:
    one = machine(tmp_path, listening(5060, 5061, table="tcp6"))
    path = tmp_path / "proc/net/tcp6"
    path.write_text(path.read_text() + "  2: 0:C350 0:13C4 01 0\n  3: broken\n")
    assert one.listening == {Port(5060, "tcp"), Port(5061, "tcp")}


def test_names_of_users_and_groups_are_those_of_the_machine(tmp_path: Path) -> None:
    files = {"/etc/passwd": "ringfence:x:998:997::/:/bin/false\n", "/etc/group": "adm:x:4:syslog\n"}
    one = machine(tmp_path, files)
    assert (one.user("ringfence"), one.user("root")) == (998, None)
    assert (one.group("adm"), one.group_name(4), one.group_name(5)) == (4, "adm", "")


@pytest.mark.parametrize(
    ("mode", "folder", "uid", "groups", "may"),
    [
        (0o644, 0o755, 4_000_000, [], True),
        (0o640, 0o755, 4_000_000, [], False),
        (0o640, 0o755, 4_000_000, [os.getgid()], True),
        (0o644, 0o750, 4_000_000, [], False),
        (0o044, 0o755, os.getuid(), [], False),  # the owner is the first that counts
    ],
)
def test_who_may_read_a_file(
    tmp_path: Path, mode: int, folder: int, uid: int, groups: list[int], may: bool
) -> None:
    one = machine(tmp_path, {"/var/log/security": ""})
    (tmp_path / "var/log/security").chmod(mode)
    (tmp_path / "var/log").chmod(folder)
    assert one.may_read("/var/log/security", uid, groups) is may


def test_room_of_a_folder_that_is_not_made_yet(tmp_path: Path) -> None:
    assert (Machine(tmp_path).free_octets("/var/lib/none") or 0) > 0


def test_programs_answer_in_english_and_without_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    script = "import os, sys; print(os.environ['LC_ALL'], sys.argv[1], sys.stdin.read())"
    ran = run([sys.executable, "-c", script, "$HOME; x"], "given")
    assert (ran.code, ran.out, ran.is_there) == (0, "C $HOME; x given\n", True)


def test_a_program_that_is_missing() -> None:
    assert not run(["no-such-program-here"]).is_there


def test_the_ring_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("socket.socket", refuse)
    assert try_ring() == "Operation not permitted"
