"""Several programs over one capture, taking turns: medians, and ratios to ringfence."""

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import Usage, measure
from benchmarks.peers import RINGFENCE, Peer

# A slow program is not run again once its runs took this long together.
PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class Row:
    """What one program took for one capture; medians of its runs, ratios 1.0 for ringfence."""

    peer: str
    does: str
    cores: int
    runs: int
    wall_s: float
    cpu_s: float
    peak_mib: float
    messages_per_cpu_s: int
    cpu_ratio: float | None
    wall_ratio: float | None
    failed: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a program, and why it does not count, if so."""

    usage: Usage
    failed: str | None


def compare(
    capture: Path,
    messages: int,
    peers: Sequence[Peer],
    *,
    cores: Sequence[int],
    repeat: int,
    timeout_s: float,
    say: Callable[[str], None],
) -> list[Row]:
    """One row a program; the runs are interleaved, so that a busy minute hits all alike."""
    runs: dict[str, list[Run]] = {peer.name: [] for peer in peers}
    for turn in range(repeat):
        for peer in peers:
            if not _goes_on(runs[peer.name]):
                continue
            run = run_once(peer, capture, cores=cores, timeout_s=timeout_s)
            runs[peer.name].append(run)
            say(
                f"  {turn + 1}/{repeat} {peer.name:22} {run.usage.wall_s:8.3f} s wall"
                f" {run.usage.cpu_s:8.3f} s cpu {run.usage.peak_kib / 1024:8.1f} MiB"
                f"  {run.failed or ''}"
            )
    own = _median(runs.get(RINGFENCE, []))
    return [_row(peer, runs[peer.name], messages, own) for peer in peers]


def run_once(peer: Peer, capture: Path, *, cores: Sequence[int], timeout_s: float) -> Run:
    """One run, and whether it went well: an interpreter that fell ends with status 1 too."""
    out = answer_path(capture) if peer.answers else None
    usage = measure(peer.command(capture), cores[: peer.cores], timeout_s, out)
    if usage.timed_out:
        return Run(usage, "timed out")
    if usage.status not in peer.statuses:
        return Run(usage, f"exit status {usage.status}")
    return Run(usage, "no incident document" if out and not _is_document(out) else None)


def answer_path(capture: Path) -> Path:
    """Where ringfence's incident document of the last run lies."""
    return capture.with_name(capture.name + ".incident.json")


def judge(document: Path, truth: dict[str, Any]) -> dict[str, object]:
    """What ringfence said, beside the truth: speed alone is no merit."""
    try:
        said = json.loads(document.read_text())
        attackers = {
            suspect["address"] for suspect in said["suspects"] if suspect["verdict"] == "attacker"
        }
        messages = sum(one["sip_messages"] for one in said["inputs"])
        taken = {account for suspect in said["suspects"] for account in suspect["accounts_taken"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        return {"unreadable": f"{type(error).__name__}: {error}"}
    real = {attacker["address"] for attacker in truth["attackers"]}
    lost = {attacker["account"] for attacker in truth["attackers"] if attacker.get("taken")}
    return {
        "sip_messages": messages,
        "sip_messages_missed": truth["sip_messages"] - messages,
        "attackers": len(real),
        "attackers_found": len(real & attackers),
        "innocent_accused": len(attackers - real),
        "accounts_taken": len(lost),
        "accounts_taken_found": len(lost & taken),
    }


def _is_document(path: Path) -> bool:
    try:
        return "inputs" in json.loads(path.read_text())
    except (OSError, ValueError):
        return False


def _goes_on(runs: list[Run]) -> bool:
    spent = sum(run.usage.wall_s for run in runs)
    return spent < PATIENCE_S and not any(run.failed for run in runs)


def _median(runs: list[Run]) -> tuple[float, float] | None:
    """Wall and CPU seconds; None when the program failed or never ran."""
    if not runs or any(run.failed for run in runs):
        return None
    return (
        statistics.median(run.usage.wall_s for run in runs),
        statistics.median(run.usage.cpu_s for run in runs),
    )


def _row(peer: Peer, runs: list[Run], messages: int, own: tuple[float, float] | None) -> Row:
    wall_s = statistics.median(run.usage.wall_s for run in runs)
    cpu_s = statistics.median(run.usage.cpu_s for run in runs)
    failed = next((run.failed for run in runs if run.failed), None)
    compared = None if failed else own
    return Row(
        peer=peer.name,
        does=peer.does,
        cores=peer.cores,
        runs=len(runs),
        wall_s=round(wall_s, 4),
        cpu_s=round(cpu_s, 4),
        peak_mib=round(statistics.median(run.usage.peak_kib for run in runs) / 1024, 1),
        messages_per_cpu_s=round(messages / max(cpu_s, 1e-6)),
        cpu_ratio=round(cpu_s / compared[1], 3) if compared else None,
        wall_ratio=round(wall_s / compared[0], 3) if compared else None,
        failed=failed,
    )
