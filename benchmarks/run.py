"""`make bench`: ringfence and its peers side by side over captures of known content.

Writes benchmarks/results/<date>-<machine>.json and the tables of docs/benchmarks.md.
Everything runs on one core unless its row says otherwise, from the page cache.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import guard_block, live, machine, sources, table
from benchmarks.captures import ROOT, Capture, first_packets, ordered
from benchmarks.compare import answer_path, compare, judge
from benchmarks.kernel import NOT_AVAILABLE
from benchmarks.measure import floor_kib, measure
from benchmarks.peers import PEERS, RINGFENCE, Peer

RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does."""

    sizes: tuple[str, ...]
    repeat: int
    timeout_s: float
    peers: tuple[Peer, ...]  # installed ones
    missing: tuple[Peer, ...]
    sources_size: str | None
    keep: bool
    live: bool  # listen on an interface, too
    guard: bool  # block attacks, too
    cores: tuple[int, ...]


def main() -> None:
    given = _arguments()
    plan = _plan(given)
    for peer in plan.missing:
        _say(f"missing: {peer.name} ({peer.package})")
    results = run(plan)
    given.results.mkdir(parents=True, exist_ok=True)
    path = given.results / f"{results['date']}-{machine.short_name()}.json"
    path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    _say(f"written: {path}")
    if given.page:
        table.write(given.page, results)
        _say(f"written: {given.page}")
    print(table.markdown(results))


def run(plan: Plan) -> dict[str, Any]:
    """Measure everything; the result is what the JSON file holds."""
    about = machine.describe()
    captures = [ordered(size) for size in plan.sizes]
    measured = [_measured(capture, _for_whole(plan.peers), plan) for capture in captures]
    if captures and shutil.which("tcpdump"):
        measured.append(_measured(first_packets(captures[0]), _for_slice(plan.peers), plan))
    flat = _sources_rows(plan)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": about,
        "floor_mib": round(floor_kib(plan.cores[:1]) / 1024, 1),
        "peers": [{"name": peer.name, "version": peer.version()} for peer in plan.peers],
        "missing": [{"name": peer.name, "package": peer.package} for peer in plan.missing],
        "captures": measured,
        "sources": [asdict(row) for row in flat],
        "steepness": sources.steepness(flat),
        "live": _live_rows(plan),
        "guard": _guard_rows(plan),
    }


def _measured(capture: Capture, peers: Sequence[Peer], plan: Plan) -> dict[str, Any]:
    _say(f"{capture.name}: {capture.messages:,} SIP messages")
    size = capture.path.stat().st_size
    rows = compare(
        capture.path, capture.messages, peers,
        cores=plan.cores, repeat=plan.repeat, timeout_s=plan.timeout_s, say=_say,
    )  # fmt: skip
    facts = {
        "name": capture.name,
        "bytes": size,
        "packets": capture.truth["packets"],
        "sip_messages": capture.messages,
        # Without room for the file the page cache cannot hold it: the disk is measured too.
        "from_page_cache": size < machine.available_octets() + size // 2,
        "rows": [asdict(row) for row in rows],
    }
    if "attackers" not in capture.truth:  # a slice: only there for the slow ones
        return facts
    facts["kernel"] = _kernel(capture, plan)
    if any(peer.name == RINGFENCE for peer in peers):
        facts["answer"] = judge(answer_path(capture.path), capture.truth)
    return facts


def _for_whole(peers: Sequence[Peer]) -> list[Peer]:
    return [peer for peer in peers if not peer.on_slice_only]


def _for_slice(peers: Sequence[Peer]) -> list[Peer]:
    """The slow ones, and what they are compared with."""
    return [
        peer for peer in peers if peer.on_slice_only or peer.name in (RINGFENCE, "tshark fields")
    ]


def _kernel(capture: Capture, plan: Plan) -> dict[str, Any] | None:
    """The kernel's own rate; None while it cannot be run alone."""
    out = capture.path.with_name(capture.path.name + ".kernel.json")
    command = [sys.executable, "-m", "benchmarks.kernel", str(capture.path)]
    usage = measure(command, plan.cores[:1], plan.timeout_s, out)
    if usage.status == NOT_AVAILABLE:
        _say("  the kernel alone: not available")
        return None
    if usage.status != 0:
        _say(f"  the kernel alone: exit status {usage.status}")
        return None
    rate: dict[str, Any] = json.loads(out.read_text())
    _say(f"  the kernel alone: {rate['messages_per_s']:,} messages/s")
    return rate


def _sources_rows(plan: Plan) -> list[sources.SourcesRow]:
    own = [peer for peer in plan.peers if peer.name == RINGFENCE]
    if not own or not plan.sources_size:
        return []
    _say("more sources, the same messages")
    return sources.bench(
        own[0], size=plan.sources_size, cores=plan.cores, repeat=min(3, plan.repeat),
        timeout_s=plan.timeout_s, keep=plan.keep, say=_say,
    )  # fmt: skip


def _live_rows(plan: Plan) -> list[dict[str, Any]]:
    if not plan.live:
        return []
    if why := live.is_possible():
        _say(f"listening on an interface: left out, {why}")
        return []
    _say("listening on an interface")
    return [asdict(row) for row in live.bench(live.READERS, say=_say)]


def _guard_rows(plan: Plan) -> list[dict[str, Any]]:
    if not plan.guard:
        return []
    if why := guard_block.is_possible():
        _say(f"blocking attacks: left out, {why}")
        return []
    _say("blocking attacks")
    return [asdict(row) for row in guard_block.bench(say=_say)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument("--sizes", default="100M,1G", help="captures, default %(default)s")
    parser.add_argument("--with-4g", action="store_true", help="also 4G (wants 6 GB of memory)")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each, default %(default)s")
    parser.add_argument("--timeout", type=float, default=600, help="seconds a run may take")
    parser.add_argument("--peers", help="only programs whose name begins so, with commas")
    parser.add_argument("--sources-size", default=sources.SIZE, help="0: leave that bench out")
    parser.add_argument("--no-live", action="store_true", help="do not listen on an interface")
    parser.add_argument("--no-guard", action="store_true", help="do not block attacks")
    parser.add_argument("--keep", action="store_true", help="keep the captures of that bench")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--no-page", dest="page", action="store_const", const=None)
    return parser.parse_args()


def _plan(given: argparse.Namespace) -> Plan:
    sizes = [size for size in given.sizes.split(",") if size]
    names = tuple(given.peers.split(",")) if given.peers else ("",)
    wanted = [peer for peer in PEERS if peer.name.startswith(names)]
    # The last core: the first one also serves interrupts.
    cores = tuple(sorted(os.sched_getaffinity(0), reverse=True))
    return Plan(
        sizes=tuple([*sizes, "4G"] if given.with_4g else sizes),
        repeat=given.repeat,
        timeout_s=given.timeout,
        peers=tuple(p for p in wanted if p.is_installed() and p.cores <= len(cores)),
        missing=tuple(p for p in wanted if not p.is_installed()),
        sources_size=None if given.sources_size == "0" else given.sources_size,
        keep=given.keep,
        live=not given.no_live,
        guard=not given.no_guard,
        cores=cores,
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
