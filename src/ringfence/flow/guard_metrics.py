"""The guard's metrics: what `GuardStatus` says, under names that stay."""

from __future__ import annotations

from ringfence.flow.metrics import Histogram, Metrics
from ringfence.model.guard_status import FAILING, OK, SILENT, GuardStatus

_COUNTERS = (
    ("messages", "ringfence_sip_messages_total", "SIP messages that were read."),
    ("lost", "ringfence_packets_lost_total", "Packets that nobody looked at."),
    ("dropped", "ringfence_packets_dropped_total", "Packets of blocked addresses."),
    ("verdicts", "ringfence_verdicts_total", "Decisions that were made."),
    ("thinned", "ringfence_kept_thinned_total", "Packets that the last minute had no room for."),
)
_GAUGES = (
    ("watched", "ringfence_sources", "Addresses that are watched."),
    ("suspects", "ringfence_suspects", "Addresses that are suspected."),
    ("blocked", "ringfence_blocked", "Addresses that are blocked."),
    ("limited", "ringfence_limited", "Addresses that are limited."),
    ("kept_octets", "ringfence_kept_bytes", "Size of the last minute that is kept."),
    ("kept_room", "ringfence_kept_room_bytes", "Room for it."),
    ("kept_s", "ringfence_kept_seconds", "How far back it goes."),
    ("alerts_waiting", "ringfence_alerts_waiting", "Alarms that wait for delivery."),
    ("alerts_given_up", "ringfence_alerts_given_up", "Alarms that reached nobody."),
    ("memory_octets", "ringfence_memory_bytes", "Memory of the guard."),
    ("cases_open", "ringfence_cases_open", "Cases that are open."),
    ("enforcing", "ringfence_enforcing", "1: it blocks; 0: it only watches."),
    ("got_in", "ringfence_got_in", "1: an attack at hand has taken an account or a call."),
)


class GuardMetrics:
    """Metrics of one guard; `tell` it how the guard stands before each `text`."""

    def __init__(self) -> None:
        self._metrics = Metrics()
        self._of = {
            name: self._metrics.counter(metric, says) for name, metric, says in _COUNTERS
        } | {name: self._metrics.gauge(metric, says) for name, metric, says in _GAUGES}
        self._states = self._metrics.gauge(
            "ringfence_inputs", "Inputs of the guard by state.", {"state": (OK, SILENT, FAILING)}
        )
        self._health = self._metrics.gauge("ringfence_problems", "What is wrong: see /health.")
        self.latency: Histogram = self._metrics.histogram(
            "ringfence_verdict_seconds", "From the decisive packet to the rule in the kernel."
        )

    def tell(self, status: GuardStatus) -> None:
        """The numbers as they are now."""
        for name, metric in self._of.items():
            metric.set(float(getattr(status, name)))
        for state in (OK, SILENT, FAILING):
            self._states.set(sum(one.state == state for one in status.sources), state=state)
        self._health.set(len(status.wrong))

    def text(self) -> str:
        """As Prometheus reads it."""
        return self._metrics.text()
