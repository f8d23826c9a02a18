"""Numbers for Prometheus: a registry of those that there are, written in its text form.

How it works: a metric is declared once with all values that its labels may take, so that
nothing a stranger sends can make a new time series. Its reader asks some times a minute;
adding is a dictionary's entry under one lock. Source: Prometheus, "Exposition formats",
text 0.0.4.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from threading import Lock

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Time series of one metric: a dashboard draws no more, and labels are declared by us.
MAX_SERIES = 200
# Verdict latency, in seconds, around the promise of 50 ms.
LATENCY_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_NO_LABELS: Mapping[str, Sequence[str]] = {}


class Metric:
    """A counter or a gauge, with one number for each combination of its labels' values."""

    def __init__(
        self, name: str, says: str, kind: str, labels: Mapping[str, Sequence[str]] = _NO_LABELS
    ) -> None:
        """Raises ValueError for names that Prometheus does not take, and for too many series."""
        if not all(_NAME.match(word) for word in (name, *labels)):
            raise ValueError(f"{name}: names are small letters, digits and _")
        if (kind == "counter") != name.endswith("_total"):
            raise ValueError(f"{name}: counters end in _total, and nothing else does")
        self.name, self.says, self.kind = name, says, kind
        self._labels = tuple(labels)
        self._values: dict[tuple[str, ...], float] = dict.fromkeys(product(*labels.values()), 0)
        if len(self._values) > MAX_SERIES:
            raise ValueError(f"{name}: {len(self._values)} time series, {MAX_SERIES} at most")
        self._lock = Lock()

    def add(self, number: float = 1, **labels: str) -> None:
        """Add to one series. Raises KeyError for a label's value that was not declared."""
        key = self._key(labels)
        with self._lock:
            self._values[key] += number

    def set(self, number: float, **labels: str) -> None:
        """The number as it is now; of a counter, as it was counted elsewhere."""
        key = self._key(labels)
        with self._lock:
            self._values[key] = number

    def lines(self) -> Iterator[str]:
        """As Prometheus reads it."""
        yield from _head(self.name, self.says, self.kind)
        with self._lock:
            values = list(self._values.items())
        for key, number in values:
            yield f"{self.name}{_labelled(zip(self._labels, key, strict=True))} {_number(number)}"

    def _key(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        key = tuple(labels[name] for name in self._labels)
        if key not in self._values or len(labels) != len(key):
            raise KeyError(f"{self.name}: {labels}: not declared")
        return key


class Histogram:
    """How often a time was at most so long."""

    def __init__(self, name: str, says: str, bounds: Sequence[float] = LATENCY_S) -> None:
        """`bounds` ascending. Raises ValueError."""
        if not _NAME.match(name) or list(bounds) != sorted(set(bounds)) or not bounds:
            raise ValueError(f"{name}: bounds go up, names are small letters, digits and _")
        self.name, self.says = name, says
        self._bounds = (*bounds, math.inf)
        self._counts = [0] * len(self._bounds)
        self._sum = 0.0
        self._lock = Lock()

    def observe(self, number: float) -> None:
        """One more that took so long."""
        place = next(place for place, bound in enumerate(self._bounds) if not number > bound)
        with self._lock:
            self._counts[place] += 1
            self._sum += number

    def quantile(self, share: float) -> float:
        """At most so long for this share of all: a bound, 0.0 while there is none."""
        with self._lock:
            wanted, seen = share * sum(self._counts), 0
            for bound, number in zip(self._bounds, self._counts, strict=True):
                seen += number
                if seen and seen >= wanted:
                    return bound
        return 0.0

    def lines(self) -> Iterator[str]:
        """As Prometheus reads it."""
        yield from _head(self.name, self.says, "histogram")
        with self._lock:
            counts, total = list(self._counts), self._sum
        seen = 0
        for bound, number in zip(self._bounds, counts, strict=True):
            seen += number
            yield f"{self.name}_bucket{_labelled([('le', _number(bound))])} {seen}"
        yield f"{self.name}_sum {_number(total)}"
        yield f"{self.name}_count {seen}"


class Metrics:
    """All metrics of one program."""

    def __init__(self) -> None:
        self._metrics: dict[str, Metric | Histogram] = {}

    def counter(
        self, name: str, says: str, labels: Mapping[str, Sequence[str]] = _NO_LABELS
    ) -> Metric:
        """Something that only grows. Raises ValueError, also for a name that is taken."""
        return self._keep(Metric(name, says, "counter", labels))

    def gauge(
        self, name: str, says: str, labels: Mapping[str, Sequence[str]] = _NO_LABELS
    ) -> Metric:
        """Something that goes up and down. Raises ValueError."""
        return self._keep(Metric(name, says, "gauge", labels))

    def histogram(self, name: str, says: str, bounds: Sequence[float] = LATENCY_S) -> Histogram:
        """How long something took. Raises ValueError."""
        histogram = Histogram(name, says, bounds)
        self._claim(name)
        self._metrics[name] = histogram
        return histogram

    def text(self) -> str:
        """Everything, as Prometheus reads it."""
        lines = (line for metric in self._metrics.values() for line in metric.lines())
        return "".join(f"{line}\n" for line in lines)

    def _keep(self, metric: Metric) -> Metric:
        self._claim(metric.name)
        self._metrics[metric.name] = metric
        return metric

    def _claim(self, name: str) -> None:
        if name in self._metrics:
            raise ValueError(f"{name}: there is one already")


def _head(name: str, says: str, kind: str) -> Iterator[str]:
    yield f"# HELP {name} {_escaped(says, quotes=False)}"
    yield f"# TYPE {name} {kind}"


def _labelled(
    labels: Iterator[tuple[str, str]] | list[tuple[str, str]] | zip[tuple[str, str]],
) -> str:
    inner = ",".join(f'{name}="{_escaped(value, quotes=True)}"' for name, value in labels)
    return f"{{{inner}}}" if inner else ""


def _escaped(text: str, *, quotes: bool) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quotes else text


def _number(number: float) -> str:
    if number == math.inf:
        return "+Inf"
    return str(int(number)) if float(number).is_integer() else repr(float(number))
