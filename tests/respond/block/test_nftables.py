"""The nftables list: read by the real `nft`, and what it really drops."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from ringfence.model.measure import BlockPlan
from ringfence.respond.block.nftables import nftables_files
from ringfence.respond.block.sheet import PlanError
from tests.respond.accused import EMPTY, EXAMPLE, MANY, block, plan
from tests.respond.block.wire import FRIENDS, Wire, needs

ATTACKERS = [("203.0.113.66", 5060), ("203.0.113.66", 1024), ("2001:db8::66", 5060)]
# One office: the attacker's port, and those of two phones.
OFFICE = [("198.51.100.9", 40000), ("198.51.100.9", 5060), ("198.51.100.9", 30000)]
INNOCENT = [(FRIENDS[0], 5060), (FRIENDS[1], 5060)]
EVERYBODY = [*ATTACKERS, *OFFICE, *INNOCENT]
SPARED = sorted([*OFFICE[1:], *INNOCENT])


def write(plan: BlockPlan, folder: Path, device: str | None = None) -> tuple[str, str]:
    for file in nftables_files(plan, device):
        (folder / file.name).write_text(file.text)
    return str(folder / "nftables.nft"), str(folder / "nftables-undo.nft")


@needs("nft")
@pytest.mark.parametrize("device", [None, "eth0"])
def test_packets_of_attackers_are_dropped_and_all_others_pass(
    wire: Wire, tmp_path: Path, device: str | None
) -> None:
    load, undo = write(EXAMPLE, tmp_path, device)
    assert sorted(wire.passing(EVERYBODY)) == sorted(EVERYBODY)
    wire.run("nft", "-f", load)
    assert sorted(wire.passing(EVERYBODY)) == SPARED
    wire.run("nft", "-f", undo)
    assert sorted(wire.passing(EVERYBODY)) == sorted(EVERYBODY)
    assert wire.run("nft", "list", "ruleset") == ""


@needs("nft")
def test_the_kernel_ends_each_block_and_counts_what_it_dropped(wire: Wire, tmp_path: Path) -> None:
    load, _ = write(EXAMPLE, tmp_path)
    wire.run("nft", "-f", load)
    wire.passing(ATTACKERS)
    found = json.loads(wire.run("nft", "-j", "list", "ruleset"))["nftables"]
    sets = {item["set"]["name"]: item["set"] for item in found if "set" in item}
    (element,) = [e["elem"] for e in sets["attackers4"]["elem"]]
    assert element["timeout"] == 7 * 86_400
    assert 0 < element["expires"] <= element["timeout"]
    assert element["counter"]["packets"] == 2
    assert element["comment"] == "password guessing, +62 dB, its address is proven"


@needs("nft")
def test_a_block_of_a_second_is_over_by_itself(wire: Wire, tmp_path: Path) -> None:
    load, _ = write(plan(block("203.0.113.66", until="2026-11-25T03:12:01Z")), tmp_path)
    wire.run("nft", "-f", load)
    # The kernel itself says when: read until the element is gone, a bounded number of times.
    watch = (
        "for n in $(seq 200); do nft list table inet $0 | grep -q 203.0 || exit 0; sleep .02; done"
    )
    wire.run("sh", "-c", f"{watch}; exit 1", "ringfence_RF_20261125_7f3a2c")
    assert wire.passing(ATTACKERS[:1]) == ATTACKERS[:1]


@needs("nft")
def test_loading_twice_is_loading_once_and_a_shorter_list_takes_away(
    wire: Wire, tmp_path: Path
) -> None:
    load, undo = write(EXAMPLE, tmp_path)
    wire.run("nft", "-f", load)
    once = wire.run("nft", "--stateless", "list", "ruleset")
    wire.run("nft", "-f", load)
    assert wire.run("nft", "--stateless", "list", "ruleset") == once
    load, undo = write(plan(block("2001:db8::66")), tmp_path)
    wire.run("nft", "-f", load)
    assert wire.passing(ATTACKERS) == ATTACKERS[:2]
    wire.run("nft", "-f", undo)
    wire.run("nft", "-f", undo)


@needs("nft")
def test_other_tables_and_other_cases_are_left_alone(wire: Wire, tmp_path: Path) -> None:
    wire.run("nft", "add table inet filter; add chain inet filter mine")
    other = tmp_path / "other"
    other.mkdir()
    load_other, _ = write(plan(block("203.0.113.66"), case_id="RF-1"), other)
    load, undo = write(EXAMPLE, tmp_path)
    for file in (load_other, load, undo):
        wire.run("nft", "-f", file)
    assert wire.passing(ATTACKERS[:1]) == []
    assert "chain mine" in wire.run("nft", "list", "ruleset")


@needs("nft")
def test_a_network_can_be_added_by_the_line_in_the_heading(wire: Wire, tmp_path: Path) -> None:
    load, _ = write(plan(block("203.0.113.66")), tmp_path)
    wire.run("nft", "-f", load)
    (line,) = [n for n in Path(load).read_text().splitlines() if "nft add element" in n]
    command = line[line.index("nft add") :].replace("2001:db8:1:2::/64", "2001:db8::/64")
    wire.run("sh", "-c", command)
    assert wire.passing([("2001:db8::66", 5060), (FRIENDS[1], 5060)]) == [(FRIENDS[1], 5060)]


@needs("nft")
@pytest.mark.parametrize("made", [EMPTY, MANY], ids=["nothing", "ten thousand"])
def test_nothing_and_ten_thousand_are_valid(wire: Wire, tmp_path: Path, made: BlockPlan) -> None:
    load, undo = write(made, tmp_path)
    wire.run("nft", "-c", "-f", load)
    wire.run("nft", "-f", load)
    wire.run("nft", "-f", undo)
    assert wire.run("nft", "list", "ruleset") == ""


@needs("nft")
def test_nft_itself_refuses_nothing_that_may_stand_in_a_reason(tmp_path: Path) -> None:
    """Checked without loading: `nft -c`."""
    evil = "x\" counter accept; }\nflush ruleset\n# $(reboot) \\ '{ü"
    load, _ = write(plan(block("203.0.113.66", reason=evil * 9)), tmp_path)
    assert "flush ruleset\n" not in Path(load).read_text()
    nft = shutil.which("nft") or ""
    done = subprocess.run([nft, "-c", "-f", load], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("device", ["", 'eth0"; flush', "a b", "sixteen-letters-", "../x"])
def test_an_interface_that_is_a_command_is_refused(device: str) -> None:
    with pytest.raises(ValueError, match="interface"):
        nftables_files(EXAMPLE, device)


def test_a_wrong_plan_gives_no_file() -> None:
    with pytest.raises(PlanError):
        nftables_files(plan(block("everybody")))
