"""The script for iptables and ipset: what it really drops, and that its undo leaves nothing."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ringfence.model.measure import BlockPlan
from ringfence.respond.block.ipset import MAX_TIMEOUT_S, ipset_files
from tests.respond.accused import EMPTY, EXAMPLE, MANY, block, plan
from tests.respond.block.test_nftables import ATTACKERS, EVERYBODY, SPARED
from tests.respond.block.wire import Wire, needs

TOOLS = needs("ipset", "iptables", "ip6tables")


def write(plan: BlockPlan, folder: Path) -> None:
    for file in ipset_files(plan):
        (folder / file.name).write_text(file.text)


def rules(wire: Wire) -> str:
    return wire.run("iptables", "-t", "raw", "-S") + wire.run("ip6tables", "-t", "raw", "-S")


@TOOLS
def test_packets_of_attackers_are_dropped_and_all_others_pass(wire: Wire, tmp_path: Path) -> None:
    write(EXAMPLE, tmp_path)
    wire.run("sh", "ipset.sh", cwd=tmp_path)
    assert sorted(wire.passing(EVERYBODY)) == SPARED
    listed = wire.run("ipset", "list", "rf4-RF-20261125-7f3a2c")
    (member,) = [n for n in listed.splitlines() if n.startswith("203.0.113.66 timeout ")]
    assert 604_000 < int(member.split()[2]) <= 604_800
    assert " packets 2 " in member
    wire.run("sh", "ipset-undo.sh", cwd=tmp_path)
    assert sorted(wire.passing(EVERYBODY)) == sorted(EVERYBODY)
    assert wire.run("ipset", "list") == ""
    assert "RF-" not in rules(wire)


@TOOLS
def test_running_twice_is_running_once_and_a_shorter_list_takes_away(
    wire: Wire, tmp_path: Path
) -> None:
    write(plan(block("203.0.113.66"), block("203.0.113.67")), tmp_path)
    wire.run("sh", "ipset.sh", cwd=tmp_path)
    once = rules(wire)
    wire.run("sh", "ipset.sh", cwd=tmp_path)
    assert rules(wire) == once
    write(plan(block("203.0.113.67")), tmp_path)
    wire.run("sh", "ipset.sh", cwd=tmp_path)
    assert wire.passing(ATTACKERS[:1]) == ATTACKERS[:1]
    wire.run("sh", "ipset-undo.sh", cwd=tmp_path)
    wire.run("sh", "ipset-undo.sh", cwd=tmp_path)


@TOOLS
def test_a_set_in_use_elsewhere_is_not_said_to_be_gone(wire: Wire, tmp_path: Path) -> None:
    write(plan(block("203.0.113.66")), tmp_path)
    wire.run("sh", "ipset.sh", cwd=tmp_path)
    name = "rf4-RF-20261125-7f3a2c"
    wire.run("iptables", "-A", "INPUT", "-m", "set", "--match-set", name, "src", "-j", "DROP")
    assert wire.attempt("sh", "ipset-undo.sh", cwd=tmp_path).returncode != 0
    wire.run("iptables", "-F", "INPUT")
    wire.run("sh", "ipset-undo.sh", cwd=tmp_path)


@TOOLS
@pytest.mark.parametrize("made", [EMPTY, MANY], ids=["nothing", "ten thousand"])
def test_nothing_and_ten_thousand_are_valid(wire: Wire, tmp_path: Path, made: BlockPlan) -> None:
    write(made, tmp_path)
    wire.run("sh", "ipset.sh", cwd=tmp_path)
    listed = wire.run("ipset", "list", "-t")
    assert [n for n in listed.splitlines() if n.startswith("Number")] == (
        ["Number of entries: 5000"] * 2 if made is MANY else []
    )
    wire.run("sh", "ipset-undo.sh", cwd=tmp_path)
    assert wire.run("ipset", "list") == ""


def test_a_timeout_that_the_kernel_refuses_is_shortened_and_said() -> None:
    year = plan(block("203.0.113.66", until="2027-11-20T03:12:00Z"))
    text = ipset_files(year)[0].text
    assert f"add rf4-RF-20261125-7f3a2c-n 203.0.113.66 timeout {MAX_TIMEOUT_S}" in text
    assert "24 days at most" in text


@TOOLS
def test_the_longest_timeout_is_taken(wire: Wire, tmp_path: Path) -> None:
    write(plan(block("203.0.113.66", until="2027-11-20T03:12:00Z")), tmp_path)
    wire.run("sh", "ipset.sh", cwd=tmp_path)


def test_names_of_sets_have_at_most_31_characters() -> None:
    text = ipset_files(plan(block("203.0.113.66"), case_id="R" * 24))[0].text
    names = [line.split()[1] for line in text.splitlines() if line.startswith("create ")]
    assert max(map(len, names)) <= 31


@pytest.mark.parametrize("made", [EXAMPLE, EMPTY, MANY])
def test_a_shell_reads_both_scripts(tmp_path: Path, made: BlockPlan) -> None:
    write(made, tmp_path)
    for name in ("ipset.sh", "ipset-undo.sh"):
        subprocess.run(["sh", "-n", tmp_path / name], check=True)
