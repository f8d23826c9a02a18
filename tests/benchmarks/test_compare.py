"""What counts as a run, and what ringfence's answer is worth."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.compare import answer_path, compare, judge
from benchmarks.measure import measure
from benchmarks.peers import PEERS, RINGFENCE, Peer

CORES = (0,)


def script(name: str, code: str, **options: bool | tuple[int, ...]) -> Peer:
    return Peer(name, sys.executable, "none", "", lambda _: ["-S", "-c", code], **options)  # type: ignore[arg-type]


def rows(capture: Path, *peers: Peer, timeout_s: float = 60) -> dict[str, Any]:
    found = compare(
        capture, 100, peers, cores=CORES, repeat=2, timeout_s=timeout_s, say=lambda _: None
    )
    return {row.peer: row for row in found}


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    return tmp_path / "some.pcap"


def test_ratios_are_to_ringfence(capture: Path) -> None:
    document = script(RINGFENCE, "print('{\"inputs\": []}')", answers=True)
    busy = script("busy", "sum(range(3_000_000))")
    found = rows(capture, document, busy)
    assert found[RINGFENCE].cpu_ratio == 1.0
    assert found["busy"].cpu_ratio > 1.0
    assert found["busy"].runs == 2


def test_attackers_found_is_a_good_end(capture: Path) -> None:
    code = "print('{\"inputs\": []}'); raise SystemExit(1)"
    found = rows(capture, script(RINGFENCE, code, answers=True, statuses=(0, 1)))
    assert found[RINGFENCE].failed is None


def test_traceback_with_the_status_of_attackers_found_is_a_failure(capture: Path) -> None:
    fallen = script(RINGFENCE, "raise RuntimeError", answers=True, statuses=(0, 1))
    found = rows(capture, fallen, script("other", ""))
    assert found[RINGFENCE].failed == "no incident document"
    assert found["other"].cpu_ratio is None


def test_failing_peer_runs_once(capture: Path) -> None:
    found = rows(capture, script("fails", "raise SystemExit(3)"))
    assert (found["fails"].failed, found["fails"].runs) == ("exit status 3", 1)


def test_endless_peer_is_killed(capture: Path) -> None:
    found = rows(capture, script("endless", "while True: pass"), timeout_s=0.2)
    assert found["endless"].failed == "timed out"


def test_usage_is_that_of_the_child() -> None:
    usage = measure([sys.executable, "-S", "-c", "x = bytearray(b'1' * 300 * 2**20)"], CORES, 60)
    assert usage.status == 0
    assert usage.peak_kib > 300 * 1024
    assert usage.cpu_s > 0


def test_answer_is_held_against_the_truth(capture: Path) -> None:
    suspects = [
        {"address": "192.0.2.1", "verdict": "attacker", "accounts_taken": ["100"]},
        {"address": "192.0.2.2", "verdict": "suspect", "accounts_taken": []},
        {"address": "192.0.2.9", "verdict": "attacker", "accounts_taken": []},
    ]
    document = {"inputs": [{"sip_messages": 8}, {"sip_messages": 1}], "suspects": suspects}
    answer_path(capture).write_text(json.dumps(document))
    attackers: list[dict[str, object]] = [
        {"address": "192.0.2.1", "account": "100", "taken": True},
        {"address": "192.0.2.2", "account": "101", "taken": True},
    ]
    said = judge(answer_path(capture), {"sip_messages": 10, "attackers": attackers})
    assert said == {
        "sip_messages": 9,
        "sip_messages_missed": 1,
        "attackers": 2,
        "attackers_found": 1,
        "innocent_accused": 1,
        "accounts_taken": 2,
        "accounts_taken_found": 1,
    }


def test_peer_that_is_not_installed_says_where_it_comes_from() -> None:
    missing = Peer("x", "no-such-program-here", "x-package", "", lambda _: [])
    assert not missing.is_installed()
    assert all(peer.package for peer in PEERS)
