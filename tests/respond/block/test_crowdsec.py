"""The decisions for CrowdSec: the fields that `cscli decisions import` documents."""

from __future__ import annotations

import json
import os
import re
import subprocess
from ipaddress import ip_address
from pathlib import Path

import pytest

from ringfence.model.measure import BlockPlan
from ringfence.respond.block.crowdsec import crowdsec_files
from tests.respond.accused import EMPTY, EXAMPLE, MANY

# Deletes by scenario only where NEW is set, as versions from 1.5 do.
_CSCLI = """#!/bin/sh
echo "$@" >>"$CALLS"
case "$*" in *--scenario*) [ -n "$NEW" ] ;; esac
"""


def run(folder: Path, script: str, new: str = "yes") -> list[str]:
    for file in crowdsec_files(EXAMPLE):
        (folder / file.name).write_text(file.text)
    cscli, calls = folder / "cscli", folder / "calls"
    cscli.write_text(_CSCLI)
    cscli.chmod(0o755)
    calls.write_text("")
    env = {"PATH": f"{folder}:{os.environ['PATH']}", "CALLS": str(calls), "NEW": new}
    subprocess.run(["sh", folder / script], check=True, env=env, cwd="/")
    return calls.read_text().splitlines()


@pytest.mark.parametrize("made", [EXAMPLE, EMPTY, MANY])
def test_each_decision_has_the_documented_fields(made: BlockPlan) -> None:
    decisions = json.loads(crowdsec_files(made)[0].text)
    assert len(decisions) == sum(not b.ports for b in made.blocks)
    for decision in decisions:
        assert set(decision) == {"duration", "reason", "scope", "type", "value"}
        assert re.fullmatch(r"\d+s", decision["duration"])  # Go's time.ParseDuration
        assert (decision["scope"], decision["type"]) == ("ip", "ban")
        assert str(ip_address(decision["value"])) == decision["value"]
        assert re.fullmatch(r"[\w/-]+", decision["reason"])


def test_the_script_imports_the_file_beside_it(tmp_path: Path) -> None:
    assert run(tmp_path, "crowdsec.sh") == ["decisions import -i crowdsec.json"]


def test_the_undo_deletes_by_case_or_in_old_versions_by_address(tmp_path: Path) -> None:
    by_case = "decisions delete --scenario ringfence/RF-20261125-7f3a2c"
    assert run(tmp_path, "crowdsec-undo.sh") == [by_case]
    assert run(tmp_path, "crowdsec-undo.sh", new="") == [
        by_case, "decisions delete --ip 203.0.113.66", "decisions delete --ip 2001:db8::66",
    ]  # fmt: skip


def test_nothing_to_block_calls_nothing() -> None:
    for file in crowdsec_files(EMPTY)[1:]:
        assert "cscli decisions" not in file.text.split("set -eu")[1]
