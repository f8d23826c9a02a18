"""The kernel and nft, asked whether they can do it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.flow.doctor.kernel import check_kernel
from ringfence.flow.machine import Ran
from ringfence.model.finding import FAIL, OK, WARN
from tests.flow.machines import MISSING, NOBODY, ROOT, Programs, machine, network, said

VERSION = "nftables v1.0.6 (Lester Gooch #5)\n  cli:\t\teditline\n  json:\t\tyes\n"
GOOD = {"nft -V": VERSION, "nft -c": "", "uname": "6.1.0-27-amd64\n"}
AS_ROOT = {"/proc/self/status": ROOT}


def test_all_is_well(tmp_path: Path) -> None:
    one = machine(tmp_path, {**network(), **AS_ROOT}, GOOD)
    assert said(check_kernel(one)) == [
        "ok kernel: Linux 6.1.0-27-amd64: interfaces can be listened to",
        "ok firewall: nft v1.0.6",
        "ok firewall: packets can be dropped at the ingress of eth0",
    ]


def test_our_own_tables_are_tried_and_none_is_left(tmp_path: Path) -> None:
    """`-c` has the kernel check them; without it nothing may be called."""
    one = machine(tmp_path, {**network(), **AS_ROOT}, GOOD)
    list(check_kernel(one))
    assert isinstance(one.run, Programs)
    given = [text for words, text in one.run.calls if words == "nft -c -f -"]
    assert len(given) == 1
    assert 'type filter hook ingress devices = { "eth0" }' in given[0]
    assert [words for words, _ in one.run.calls if words.startswith("nft -f")] == []


@pytest.mark.parametrize(
    ("says", "finding"),
    [
        ("nftables v0.9.8 (E.D.S.)\n  json:\t\tyes\n", "too old"),
        ("nftables v1.0.6 (Lester Gooch #5)\n  json:\t\tno\n", "without JSON"),
    ],
)
def test_an_nft_that_is_too_old_or_knows_no_json(tmp_path: Path, says: str, finding: str) -> None:
    one = machine(tmp_path, {**network(), **AS_ROOT}, {**GOOD, "nft -V": says})
    found = list(check_kernel(one))
    assert found[1].state == FAIL
    assert finding in found[1].says
    assert "apt install nftables" in found[1].do


def test_nft_is_missing(tmp_path: Path) -> None:
    found = list(check_kernel(machine(tmp_path, AS_ROOT, {"nft": MISSING})))
    assert (found[-1].state, found[-1].says) == (
        FAIL, "nft is missing: nothing can be blocked here",
    )  # fmt: skip


def test_without_root_it_is_said_that_it_was_not_tried(tmp_path: Path) -> None:
    files = {**network(), "/proc/self/status": NOBODY}
    one = machine(tmp_path, files, GOOD, ring="Operation not permitted")
    assert [(f.state, f.do) for f in check_kernel(one)] == [
        (WARN, "sudo ringfence doctor"), (OK, ""), (WARN, "sudo ringfence doctor"),
    ]  # fmt: skip


def test_a_kernel_without_packet_sockets(tmp_path: Path) -> None:
    one = machine(
        tmp_path, {**network(), **AS_ROOT}, GOOD, ring="Address family not supported by protocol"
    )
    first = next(check_kernel(one))
    assert first.state == FAIL
    assert "docs/hep.md" in first.do


def test_a_kernel_without_ingress_can_still_drop_before_routing(tmp_path: Path) -> None:
    one = machine(tmp_path, {**network(), **AS_ROOT}, GOOD)
    refused = Ran(1, error="Error: Could not process rule: Operation not supported")
    answers = one.run

    def run(command: list[str], given: str = "") -> Ran:
        return refused if "hook ingress" in given else answers(command, given)

    one.run = run  # type: ignore[assignment]
    last = list(check_kernel(one))[-1]
    assert last.state == WARN
    assert "not at ingress" in last.says


def test_a_kernel_that_refuses_all_tables(tmp_path: Path) -> None:
    refused = Ran(1, error="\nError: Could not process rule: No such file or directory\nadd table")
    one = machine(tmp_path, {**network(), **AS_ROOT}, {**GOOD, "nft -c": refused})
    last = list(check_kernel(one))[-1]
    assert last.state == FAIL
    assert last.says.endswith("Could not process rule: No such file or directory")
