"""The scripts for fail2ban: run by a real shell against a client that writes down its calls."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ringfence.model.measure import BlockPlan
from ringfence.respond.block.fail2ban import fail2ban_files
from tests.respond.accused import EMPTY, EXAMPLE, MANY

# Knows one jail, as `fail2ban-client status JAIL` does; the rest it writes down.
_CLIENT = """#!/bin/sh
if [ "$1" = status ]; then [ "$2" = "$KNOWN" ]; exit; fi
echo "$@" >>"$CALLS"
"""


def run(made: BlockPlan, folder: Path, script: str, *arguments: str) -> list[list[str]] | None:
    """The calls that it made; None when it refused."""
    client = folder / "fail2ban-client"
    client.write_text(_CLIENT)
    client.chmod(0o755)
    for file in fail2ban_files(made):
        (folder / file.name).write_text(file.text)
    calls = folder / "calls"
    calls.write_text("")
    path = f"{folder}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", folder / script, *arguments], capture_output=True, text=True, check=False,
        env={"PATH": path, "CALLS": str(calls), "KNOWN": "asterisk"},
    )  # fmt: skip
    return [c.split() for c in calls.read_text().splitlines()] if done.returncode == 0 else None


def test_addresses_are_banned_in_the_jail_and_unbanned_again(tmp_path: Path) -> None:
    wanted = ["203.0.113.66", "2001:db8::66"]
    assert run(EXAMPLE, tmp_path, "fail2ban.sh") == [["set", "asterisk", "banip", *wanted]]
    assert run(EXAMPLE, tmp_path, "fail2ban-undo.sh", "asterisk") == [
        ["set", "asterisk", "unbanip", *wanted]
    ]


@pytest.mark.parametrize("jail", ["sshd", "a b", "; id"])
def test_a_jail_that_is_not_there_is_said_and_nothing_done(tmp_path: Path, jail: str) -> None:
    assert run(EXAMPLE, tmp_path, "fail2ban.sh", jail) is None
    assert (tmp_path / "calls").read_text() == ""


def test_ten_thousand_go_in_calls_of_bounded_length(tmp_path: Path) -> None:
    calls = run(MANY, tmp_path, "fail2ban.sh")
    assert calls is not None
    assert {len(call) - 3 for call in calls} == {100}
    assert {a for call in calls for a in call[3:]} == {b.address for b in MANY.blocks}


def test_nothing_to_block_bans_nobody(tmp_path: Path) -> None:
    assert run(EMPTY, tmp_path, "fail2ban.sh") == []
    assert "Nothing to block" in fail2ban_files(EMPTY)[0].text


def test_the_heading_says_that_the_jail_rules_how_long() -> None:
    assert "bantime of the jail" in fail2ban_files(EXAMPLE)[0].text


@pytest.mark.skipif(shutil.which("fail2ban-client") is None, reason="fail2ban: see packages.txt")
def test_the_real_fail2ban_bans_and_unbans(tmp_path: Path) -> None:
    """A server of its own, with one jail whose action does nothing."""
    conf = tmp_path / "conf"
    shutil.copytree("/etc/fail2ban", conf, ignore=shutil.ignore_patterns("jail.d", "*.local"))
    (conf / "jail.d").mkdir()
    (conf / "action.d/nothing.conf").write_text("[Definition]\nactionban =\nactionunban =\n")
    (conf / "jail.local").write_text(
        f"[asterisk]\nenabled = true\nbackend = polling\nlogpath = {tmp_path}/log\n"
        "action = nothing\n[sshd]\nenabled = false\n"
    )
    (conf / "fail2ban.local").write_text(
        f"[Definition]\nlogtarget = {tmp_path}/f2b.log\ndbfile = None\n"
    )
    (tmp_path / "log").touch()
    where = ["-s", str(tmp_path / "sock"), "-p", str(tmp_path / "pid"), "-c", str(conf)]
    real = shutil.which("fail2ban-client") or ""
    mine = tmp_path / "bin" / "fail2ban-client"
    mine.parent.mkdir()
    mine.write_text(f'#!/bin/sh\nexec {real} {" ".join(where)} "$@"\n')
    mine.chmod(0o755)
    for file in fail2ban_files(EXAMPLE):
        (tmp_path / file.name).write_text(file.text)
    env = {"PATH": f"{mine.parent}:{os.environ['PATH']}"}

    def call(*command: str) -> str:
        return subprocess.run(
            command, check=True, capture_output=True, text=True, env=env, cwd=tmp_path, timeout=60
        ).stdout

    call("fail2ban-client", "start")
    try:
        call("sh", "fail2ban.sh")
        banned = call("fail2ban-client", "get", "asterisk", "banip").split()
        call("sh", "fail2ban-undo.sh")
        left = call("fail2ban-client", "get", "asterisk", "banip").split()
    finally:
        call("fail2ban-client", "stop")
    assert (sorted(banned), left) == (["2001:db8::66", "203.0.113.66"], [])
