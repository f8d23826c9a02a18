"""Each number of the status has its metric."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from ringfence.flow.guard_metrics import GuardMetrics
from ringfence.model.guard_status import GuardStatus, SourceStatus

AT = "2026-11-26T14:02:11Z"
# Rates and quantiles are what Prometheus makes of the others; times are no numbers.
WITHOUT = {"at", "since", "messages_s", "latency_median_s", "latency_worst_s",
           "sources", "attacks", "blocks", "problems"}  # fmt: skip


def test_numbers_of_the_status_are_told() -> None:
    names = [one.name for one in fields(GuardStatus) if one.name not in WITHOUT]
    numbers = {name: 1000 + place for place, name in enumerate(names)}
    metrics = GuardMetrics()
    metrics.tell(GuardStatus(AT, AT, **{**numbers, "enforcing": True}))  # type: ignore[arg-type]
    told = {line.split()[1] for line in metrics.text().splitlines() if not line.startswith("#")}
    assert {str(number) for name, number in numbers.items() if name != "enforcing"} <= told
    assert "ringfence_enforcing 1\n" in metrics.text()


def test_inputs_are_counted_by_state_and_problems_as_a_number() -> None:
    metrics = GuardMetrics()
    sources = (SourceStatus("a"), SourceStatus("b", "silent"), SourceStatus("c", "silent"))
    metrics.tell(GuardStatus(AT, AT, enforcing=False, sources=sources))
    metrics.latency.observe(0.012)
    for line in (
        'ringfence_inputs{state="ok"} 1', 'ringfence_inputs{state="silent"} 2',
        "ringfence_problems 2", 'ringfence_verdict_seconds_bucket{le="0.02"} 1',
    ):  # fmt: skip
        assert f"{line}\n" in metrics.text()


def test_each_metric_is_explained(root: Path) -> None:
    page = (root / "docs/guard.md").read_text()
    names = [line.split()[2] for line in GuardMetrics().text().splitlines() if "# TYPE" in line]
    assert [name for name in names if f"`{name}" not in page] == []
