"""Does a source cost the same when there are a million of them? The same messages, more senders."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.captures import Capture, ordered, truth_path
from benchmarks.compare import Run, answer_path, run_once
from benchmarks.peers import Peer

NUMBERS = (1, 1_000, 10_000, 100_000, 1_000_000)
# Large enough that a million sources have a turn each.
SIZE = "1G"
# As good as empty: what it takes is the start.
START_UP_SIZE = "20k"


@dataclass(frozen=True, slots=True)
class SourcesRow:
    """What ringfence took for one number of sources; the start-up is taken off ns_per_message."""

    sources: int
    messages: int
    cpu_s: float
    ns_per_message: float
    peak_mib: float
    octets_per_source: float | None  # over the peak with one source
    failed: bool


def bench(
    ringfence: Peer,
    *,
    size: str,
    cores: Sequence[int],
    repeat: int,
    timeout_s: float,
    keep: bool,
    say: Callable[[str], None],
) -> list[SourcesRow]:
    """One row for each number of sources, on one core."""

    def median(capture: Capture) -> Run:
        runs = [
            run_once(ringfence, capture.path, cores=cores, timeout_s=timeout_s)
            for _ in range(repeat)
        ]
        return sorted(runs, key=lambda run: run.usage.cpu_s)[len(runs) // 2]

    start_s = median(ordered(START_UP_SIZE, shape="even", sources=1)).usage.cpu_s
    rows: list[SourcesRow] = []
    for number in NUMBERS:
        capture = ordered(size, shape="even", sources=number)
        run = median(capture)
        if not keep:
            for path in (capture.path, truth_path(capture.path), answer_path(capture.path)):
                path.unlink(missing_ok=True)
        rows.append(_row(capture, run, start_s, rows[0].peak_mib if rows else None))
        say(
            f"  {rows[-1].sources:9} sources {rows[-1].ns_per_message:8.1f} ns a message"
            f" {rows[-1].peak_mib:8.1f} MiB"
        )
    return rows


def steepness(rows: Sequence[SourcesRow]) -> float | None:
    """The dearest message over the median one: 1.0 is flat."""
    costs = [row.ns_per_message for row in rows if not row.failed]
    return round(max(costs) / statistics.median(costs), 2) if costs else None


def _row(capture: Capture, run: Run, start_s: float, base_mib: float | None) -> SourcesRow:
    sources = int(capture.truth["sources"])
    peak_mib = run.usage.peak_kib / 1024
    more = None if base_mib is None else (peak_mib - base_mib) * 2**20 / sources
    return SourcesRow(
        sources=sources,
        messages=capture.messages,
        cpu_s=round(run.usage.cpu_s, 4),
        ns_per_message=round((run.usage.cpu_s - start_s) / capture.messages * 1e9, 1),
        peak_mib=round(peak_mib, 1),
        octets_per_source=None if more is None else round(more, 1),
        failed=run.failed is not None,
    )
